from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims import __main__ as claims_main
from services.claims.claim.claim_state import (
    INITIAL,
    MEANING,
    PAYERS_CAUSES,
    TRANSITIONS,
    Arrival,
    Cause,
    ImpossibleTransitionError,
    State,
    Transition,
    diagram,
    transition,
)

README = Path(claims_main.__file__).with_name("README.md")


def lived(*causes: Cause, start: State = State.READY) -> State:
    state = start
    for cause in causes:
        state = transition(state, cause).after
    return state


@pytest.mark.parametrize(
    ("causes", "expected"),
    [
        pytest.param([Cause.SUBMIT, Cause.ACCEPTED, Cause.DECIDED], State.ADJUDICATED, id="the plain way"),
        pytest.param([Cause.SUBMIT, Cause.DECIDED, Cause.ACCEPTED], State.ADJUDICATED, id="835 before the 277CA"),
        pytest.param([Cause.SUBMIT, Cause.DECIDED, Cause.REFUSED], State.ADJUDICATED, id="277CA refuses after the 835"),
        pytest.param([Cause.SUBMIT, Cause.ACCEPTED, Cause.SYNTAX_ACCEPTED], State.ACKNOWLEDGED, id="999 after 277CA"),
        pytest.param([Cause.SUBMIT, Cause.ACCEPTED, Cause.REFUSED], State.REJECTED, id="received, then refused"),
        pytest.param(
            [Cause.SUBMIT, Cause.REFUSED, Cause.ACCEPTED], State.REJECTED, id="the clearinghouse's receipt late"
        ),
        pytest.param([Cause.SUBMIT, Cause.REFUSED, Cause.RESEND, Cause.ACCEPTED], State.ACKNOWLEDGED, id="sent again"),
        pytest.param([Cause.SUBMIT, Cause.SYNTAX_REJECTED, Cause.DECIDED], State.ADJUDICATED, id="paid after all"),
        pytest.param([Cause.SUBMIT, Cause.DECIDED, Cause.TAKEN_BACK], State.REVERSED, id="reversed"),
        pytest.param(
            [Cause.SUBMIT, Cause.DECIDED, Cause.TAKEN_BACK, Cause.DECIDED_ANEW], State.CORRECTED, id="corrected"
        ),
        pytest.param(
            [Cause.SUBMIT, Cause.DECIDED, Cause.REFUSED_PAYMENT], State.ADJUDICATED, id="a duplicate's denial"
        ),
        pytest.param([Cause.SUBMIT, Cause.REFUSED_PAYMENT, Cause.DECIDED], State.ADJUDICATED, id="denied, then paid"),
        pytest.param([Cause.SUBMIT, Cause.REFUSED_PAYMENT, Cause.HOLD], State.HELD, id="denied over the order: waits"),
        pytest.param([Cause.AWAIT_FORWARDED, Cause.DECIDED], State.ADJUDICATED, id="forwarded, and answered unasked"),
        pytest.param([Cause.AWAIT_FORWARDED, Cause.REFUSED_PAYMENT], State.DENIED, id="forwarded, and denied there"),
        pytest.param([Cause.AWAIT_FORWARDED, Cause.RELEASE, Cause.SUBMIT], State.SUBMITTED, id="patience over: billed"),
        pytest.param([Cause.HOLD, Cause.DECIDED], State.ADJUDICATED, id="a crossover that nobody announced"),
        pytest.param([Cause.WITHHOLD, Cause.REFUSED_PAYMENT], State.WITHHELD, id="a denial of what we never sent"),
        pytest.param([Cause.SUBMIT, Cause.VOID, Cause.DECIDED, Cause.TAKEN_BACK], State.VOIDED, id="voided stays so"),
        pytest.param([Cause.WRITE_OFF, Cause.DECIDED], State.ADJUDICATED, id="money for what was given up"),
        pytest.param(
            [Cause.SUBMIT, Cause.PENDED, Cause.PENDED, Cause.ACCEPTED], State.PENDING, id="pended again and again"
        ),
        pytest.param([Cause.CANCEL], State.WITHHELD, id="cancelled before it went"),
    ],
)
def test_a_claim_ends_where_its_history_leads(causes: list[Cause], expected: State) -> None:
    assert lived(*causes) is expected


@pytest.mark.parametrize(
    ("state", "cause", "arrival"),
    [
        pytest.param(State.SUBMITTED, Cause.DECIDED, Arrival.MOVED, id="moved"),
        pytest.param(State.FORWARDED, Cause.DECIDED, Arrival.MOVED, id="awaited of the next payer"),
        pytest.param(State.HELD, Cause.DECIDED, Arrival.UNASKED, id="nobody had sent it"),
        pytest.param(State.REJECTED, Cause.REFUSED, Arrival.REPEATED, id="refused twice"),
        pytest.param(State.ADJUDICATED, Cause.DECIDED, Arrival.REPEATED, id="decided twice"),
        pytest.param(State.ADJUDICATED, Cause.ACCEPTED, Arrival.LATE, id="receipt after the decision"),
    ],
)
def test_a_transition_says_how_its_cause_met_the_claim(state: State, cause: Cause, arrival: Arrival) -> None:
    assert transition(state, cause) == Transition(state, cause, TRANSITIONS[state, cause], arrival)


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        pytest.param(State.ADJUDICATED, Cause.SUBMIT, id="sending what is decided"),
        pytest.param(State.HELD, Cause.SUBMIT, id="sending what is held"),
        pytest.param(State.WITHHELD, Cause.SUBMIT, id="sending what is withheld"),
        pytest.param(State.READY, Cause.VOID, id="voiding what was never sent"),
        pytest.param(State.READY, Cause.REPLACE, id="replacing what was never sent"),
        pytest.param(State.VOIDED, Cause.RELEASE, id="reviving what was voided"),
        pytest.param(State.ADJUDICATED, Cause.WRITE_OFF, id="giving up what is decided"),
    ],
)
def test_what_a_state_does_not_allow_raises(state: State, cause: Cause) -> None:
    with pytest.raises(ImpossibleTransitionError, match=f"that is {state} cannot {cause}"):
        transition(state, cause)


def test_whatever_payers_send_has_an_outcome_in_every_state() -> None:
    assert [(state, cause) for state in State for cause in PAYERS_CAUSES if (state, cause) not in TRANSITIONS] == []


def test_every_state_can_be_reached_and_has_a_meaning() -> None:
    assert {*INITIAL, *TRANSITIONS.values()} == set(State) == set(MEANING)


@given(st.sampled_from(INITIAL), st.lists(st.sampled_from(Cause), max_size=30))
def test_no_history_leaves_the_table(start: State, causes: list[Cause]) -> None:
    state = start
    for cause in causes:
        try:
            state = transition(state, cause).after
        except ImpossibleTransitionError:
            assert cause not in PAYERS_CAUSES
    assert state in MEANING


@given(st.sampled_from(State), st.sampled_from(sorted(PAYERS_CAUSES)))
def test_the_same_word_of_a_payer_twice_changes_nothing_more(state: State, cause: Cause) -> None:
    once = transition(state, cause).after
    twice = transition(once, cause).after

    # A decision that comes after a reversal is a correction; said again it stays one.
    assert transition(twice, cause).after is twice
    assert twice is once or (once, cause) in {(State.REVERSED, Cause.DECIDED)}


def test_the_readme_shows_the_diagram_of_the_table() -> None:
    assert f"```mermaid\n{diagram()}\n```" in README.read_text(encoding="utf-8"), (
        "the table changed: put the output of `python -m services.claims states` into services/claims/README.md"
    )


def test_the_readme_tells_what_every_state_means() -> None:
    text = README.read_text(encoding="utf-8")

    assert [state for state in State if f"| `{state}` | {MEANING[state]} |" not in text] == []
