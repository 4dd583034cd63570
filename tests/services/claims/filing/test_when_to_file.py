from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.claim.claim_state import State
from services.claims.codes.crossover import Crossover
from services.claims.codes.payer_codes import AnswerClass
from services.claims.filing.when_to_file import (
    ClaimFacts,
    Decision,
    Held,
    Hold,
    Prior,
    Send,
    Withheld,
    Withhold,
    decide,
)
from services.claims.patience import Patience

TODAY = date(2026, 3, 10)
PRIMARY = ClaimFacts(level=1)
DECIDED = Prior(
    State.ADJUDICATED,
    decided_lines=True,
    left_to_client_cents=3000,
    answer=AnswerClass.ORDINARY,
    decided_on=date(2026, 3, 1),
)
SECONDARY = ClaimFacts(level=2, prior=DECIDED)


def primary(**facts: object) -> ClaimFacts:
    return replace(PRIMARY, **facts)  # type: ignore[arg-type]


def after(**prior: object) -> ClaimFacts:
    return replace(SECONDARY, prior=replace(DECIDED, **prior))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(PRIMARY, Send(), id="completed and cleared"),
        pytest.param(primary(active=None), Send(), id="coverage unknown is not inactive"),
        pytest.param(primary(completed=False), Hold(Held.SESSION_NOT_COMPLETED), id="not completed"),
        pytest.param(primary(cleared=None), Hold(Held.SESSION_NOT_CLEARED), id="not cleared yet"),
        pytest.param(primary(cleared=False), Withhold(Withheld.SESSION_REFUSED), id="refused"),
        pytest.param(primary(cancelled=True), Withhold(Withheld.SESSION_CANCELLED), id="cancelled"),
        pytest.param(primary(paused=True), Hold(Held.ACCOUNT_PAUSED), id="account paused"),
        pytest.param(primary(order_in_question=True), Hold(Held.ORDER_IN_QUESTION), id="order disputed"),
        pytest.param(primary(plan_entered=False), Hold(Held.PLAN_NOT_ENTERED), id="named by an insurer only"),
        pytest.param(primary(in_network=False), Withhold(Withheld.NOT_IN_NETWORK), id="not in network"),
        pytest.param(primary(credentialed=False), Withhold(Withheld.NOT_CREDENTIALED), id="provider not credentialed"),
        pytest.param(primary(active=False), Withhold(Withheld.COVERAGE_INACTIVE), id="coverage inactive"),
        pytest.param(primary(last_filing_day=TODAY), Send(), id="on the last filing day"),
        pytest.param(
            primary(last_filing_day=date(2026, 3, 9)), Withhold(Withheld.FILING_WINDOW_GONE), id="the day after it"
        ),
        pytest.param(
            primary(undetermined_since=date(2026, 3, 4)),
            Hold(Held.ORDER_UNDETERMINED, date(2026, 3, 11)),
            id="order undetermined for six days",
        ),
        pytest.param(primary(undetermined_since=date(2026, 3, 3)), Send(marked=True), id="for seven: goes, marked"),
        pytest.param(
            primary(paused=True, cancelled=True), Withhold(Withheld.SESSION_CANCELLED), id="cancelled while paused"
        ),
    ],
)
def test_the_primary_goes_when_the_session_is_done_and_coverage_agrees(facts: ClaimFacts, expected: Decision) -> None:
    assert decide(facts, TODAY) == expected


WITH_PERSON = Hold(Held.PRIOR_WITH_A_PERSON)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(SECONDARY, Send(), id="decided, with something left"),
        pytest.param(after(state=State.CORRECTED), Send(), id="decided anew"),
        pytest.param(after(left_to_client_cents=0), Withhold(Withheld.NOTHING_LEFT), id="nothing left"),
        pytest.param(after(left_to_client_cents=0, denied=True), Send(), id="the primary does not cover it"),
        pytest.param(after(decided_lines=False), Hold(Held.PRIOR_INCOMPLETE), id="a line is missing"),
        pytest.param(
            after(outdated=True), Hold(Held.PRIOR_NOT_ADJUDICATED), id="decided on figures that no longer stand"
        ),
        pytest.param(after(state=State.REVERSED), Hold(Held.PRIOR_REVERSED), id="taken back, not corrected"),
        *(
            pytest.param(after(state=state), Hold(Held.PRIOR_NOT_ADJUDICATED), id=f"primary {state}")
            for state in (State.READY, State.HELD, State.SUBMITTED, State.ACKNOWLEDGED, State.PENDING, State.REJECTED)
        ),
        *(
            pytest.param(after(state=state), Withhold(Withheld.PRIOR_NOT_SENT), id=f"primary {state}")
            for state in (State.WITHHELD, State.WRITTEN_OFF, State.VOIDED)
        ),
        *(
            pytest.param(after(state=State.DENIED, answer=answer), expected, id=f"refused: {answer}")
            for answer, expected in {
                AnswerClass.CLIENT_MUST_CALL: Hold(Held.ORDER_IN_QUESTION),
                AnswerClass.OTHER_PLAN_FIRST: Hold(Held.ORDER_IN_QUESTION),
                AnswerClass.FIX_AND_RESEND: Hold(Held.PRIOR_BEING_FIXED),
                AnswerClass.DUPLICATE: Hold(Held.PRIOR_BEING_FIXED),
                AnswerClass.NOT_COVERED: Hold(Held.PRIOR_ELIGIBILITY_IN_QUESTION),
                AnswerClass.TOO_LATE: Withhold(Withheld.PRIOR_FILED_TOO_LATE),
                AnswerClass.REVIEW: WITH_PERSON,
                AnswerClass.ORDINARY: WITH_PERSON,
                AnswerClass.FORWARDED: WITH_PERSON,
            }.items()
        ),
        pytest.param(after(answer=AnswerClass.OTHER_PLAN_FIRST), Hold(Held.ORDER_IN_QUESTION), id="paid as secondary"),
        pytest.param(after(answer=AnswerClass.REVIEW), WITH_PERSON, id="paid, with a code that nobody knows"),
        pytest.param(
            after(crossover=Crossover.FORWARDED), Hold(Held.CROSSOVER_AWAITED, date(2026, 3, 31)), id="forwarded"
        ),
        pytest.param(
            after(crossover=Crossover.FORWARDED, decided_on=date(2026, 2, 8)), Send(), id="forwarded thirty days ago"
        ),
        pytest.param(
            after(crossover=Crossover.DISAGREEMENT), Hold(Held.CROSSOVER_IN_DISAGREEMENT), id="signals disagree"
        ),
        pytest.param(
            after(state=State.FORWARDED, crossover=Crossover.FORWARDED, decided_on=date(2026, 1, 1)),
            WITH_PERSON,
            id="passed on undecided, and silent since",
        ),
        pytest.param(
            replace(SECONDARY, in_network=False), Withhold(Withheld.NOT_IN_NETWORK), id="secondary not in network"
        ),
        pytest.param(replace(SECONDARY, paused=True), Hold(Held.ACCOUNT_PAUSED), id="paused meanwhile"),
        pytest.param(
            replace(SECONDARY, last_filing_day=date(2026, 3, 1)),
            Withhold(Withheld.FILING_WINDOW_GONE),
            id="the secondary's window is gone",
        ),
    ],
)
def test_a_later_payer_waits_for_the_decision_before_it(facts: ClaimFacts, expected: Decision) -> None:
    assert decide(facts, TODAY) == expected


def test_how_long_we_wait_is_a_setting() -> None:
    facts = after(crossover=Crossover.FORWARDED)

    assert decide(facts, TODAY, Patience(crossover_days=9)) == Send()
    assert decide(facts, TODAY, Patience(crossover_days=10)) == Hold(Held.CROSSOVER_AWAITED, date(2026, 3, 11))


_days = st.dates(date(2026, 1, 1), date(2026, 6, 30))
_priors = st.builds(
    Prior,
    state=st.sampled_from(State),
    decided_lines=st.booleans(),
    left_to_client_cents=st.integers(0, 5000),
    denied=st.booleans(),
    answer=st.none() | st.sampled_from(AnswerClass),
    crossover=st.sampled_from(Crossover),
    decided_on=st.none() | _days,
)
_facts = st.builds(
    ClaimFacts,
    level=st.just(2),
    completed=st.booleans(),
    cancelled=st.booleans(),
    cleared=st.sampled_from([True, False, None]),
    paused=st.booleans(),
    undetermined_since=st.none() | _days,
    order_in_question=st.booleans(),
    plan_entered=st.booleans(),
    in_network=st.booleans(),
    credentialed=st.booleans(),
    active=st.sampled_from([True, False, None]),
    last_filing_day=st.none() | _days,
    forwarded_on=st.none() | _days,
    prior=_priors,
)


@given(_facts, _days)
def test_a_later_claim_goes_only_after_a_decision_to_a_billable_plan_with_something_left(
    facts: ClaimFacts, today: date
) -> None:
    if isinstance(decide(facts, today), Send):
        prior = facts.prior
        assert prior is not None
        assert prior.state in (State.ADJUDICATED, State.CORRECTED)
        assert prior.decided_lines
        assert prior.left_to_client_cents > 0 or prior.denied
        assert prior.crossover is not Crossover.DISAGREEMENT
        assert facts.in_network
        assert facts.credentialed
        assert facts.active is not False
        assert facts.completed
        assert facts.cleared
        assert (facts.paused, facts.cancelled, facts.order_in_question) == (False, False, False)


@given(_facts, _days)
def test_a_wait_with_an_end_ends_in_the_future(facts: ClaimFacts, today: date) -> None:
    decision = decide(facts, today)

    if isinstance(decision, Hold) and decision.until is not None:
        assert decision.until > today
        assert decide(facts, decision.until) != decision
