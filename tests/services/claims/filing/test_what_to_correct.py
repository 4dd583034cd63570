import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.claim.claim_state import UNSENT, State
from services.claims.filing.what_to_correct import (
    Act,
    MadeClaim,
    Step,
    after_cancellation,
    after_prior_changed,
    after_reorder,
)

PAID_B = MadeClaim("B", 1, State.ADJUDICATED, "ICN-B")
HELD_A = MadeClaim("A", 2, State.HELD, before=("B",))


@pytest.mark.parametrize(
    ("made", "order", "expected"),
    [
        pytest.param(
            [PAID_B, HELD_A],
            ["A", "B"],
            (Step("A", Act.NEW, "1"), Step("B", Act.REPLACE, "7", after_prior=True)),
            id="billed in the wrong order, accepted",
        ),
        pytest.param(
            [MadeClaim("B", 1, State.REJECTED), HELD_A],
            ["A", "B"],
            (Step("A", Act.NEW, "1"), Step("B", Act.NEW, "1", after_prior=True)),
            id="billed in the wrong order, rejected",
        ),
        pytest.param(
            [MadeClaim("B", 1, State.SUBMITTED), HELD_A],
            ["A", "B"],
            (Step("A", Act.NEW, "1"), Step("B", Act.AWAIT_NUMBER, None, after_prior=True, then=Act.REPLACE)),
            id="nothing heard yet: its number is awaited",
        ),
        pytest.param(
            [MadeClaim("B", 1, State.DENIED, "ICN-B"), HELD_A],
            ["A", "B"],
            (Step("A", Act.NEW, "1"), Step("B", Act.REPLACE, "7", after_prior=True)),
            id="denied over the order: replaced",
        ),
        pytest.param(
            [PAID_B, MadeClaim("A", 2, State.ADJUDICATED, "ICN-A", ("B",))],
            ["A", "B"],
            (Step("A", Act.REPLACE, "7"), Step("B", Act.REPLACE, "7", after_prior=True)),
            id="both paid in the wrong order",
        ),
        pytest.param([PAID_B], ["A"], (Step("B", Act.VOID, "8"), Step("A", Act.NEW, "1")), id="a plan falls away"),
        pytest.param([HELD_A], ["B"], (Step("A", Act.DROP), Step("B", Act.NEW, "1")), id="an unsent claim falls away"),
        pytest.param(
            [MadeClaim("B", 1, State.ACKNOWLEDGED)],
            [],
            (Step("B", Act.AWAIT_NUMBER, then=Act.VOID),),
            id="no plan is left",
        ),
        pytest.param([PAID_B, HELD_A], ["B", "A"], (Step("B", Act.KEEP), Step("A", Act.KEEP)), id="nothing changed"),
        pytest.param(
            [PAID_B, MadeClaim("C", 3, State.SUBMITTED, "ICN-C", ("B", "A"))],
            ["A", "B", "C"],
            (
                Step("A", Act.NEW, "1"),
                Step("B", Act.REPLACE, "7", after_prior=True),
                Step("C", Act.REPLACE, "7", after_prior=True),
            ),
            id="the third stays third behind others",
        ),
        pytest.param(
            [MadeClaim("B", 1, State.VOIDED, "ICN-B")],
            ["A", "B"],
            (Step("A", Act.NEW, "1"), Step("B", Act.NEW, "1", after_prior=True)),
            id="a voided claim is made anew",
        ),
    ],
)
def test_a_corrected_order_replaces_voids_or_renews(
    made: list[MadeClaim], order: list[str], expected: tuple[Step, ...]
) -> None:
    assert after_reorder(made, order) == expected


_claims = st.builds(
    MadeClaim,
    plan=st.sampled_from("ABC"),
    level=st.integers(1, 3),
    state=st.sampled_from(State),
    payer_claim_id=st.sampled_from(["", "ICN"]),
)
_made = st.lists(_claims, max_size=3, unique_by=lambda claim: claim.plan)


@given(_made, st.permutations("ABC"), st.integers(0, 3))
def test_a_corrected_order_has_one_step_a_plan_and_no_replacement_without_a_number(
    made: list[MadeClaim], plans: list[str], length: int
) -> None:
    order = plans[:length]
    steps = after_reorder(made, order)
    states = {claim.plan: claim for claim in made}

    assert sorted(step.plan for step in steps) == sorted(
        {*order, *(claim.plan for claim in made if claim.state not in (State.VOIDED, State.WRITTEN_OFF))}
    )
    for step in steps:
        if step.act in (Act.REPLACE, Act.VOID):
            assert states[step.plan].payer_claim_id
            assert states[step.plan].state not in UNSENT
        assert (step.frequency is not None) is (step.act in (Act.NEW, Act.REPLACE, Act.VOID))


@pytest.mark.parametrize(
    ("state", "number", "expected"),
    [
        *(pytest.param(state, "", Step("A", Act.DROP), id=f"{state}: dropped") for state in sorted(UNSENT)),
        pytest.param(State.REJECTED, "", Step("A", Act.DROP), id="rejected: dropped"),
        pytest.param(State.SUBMITTED, "", Step("A", Act.AWAIT_NUMBER, then=Act.VOID), id="submitted: awaited"),
        pytest.param(State.ACKNOWLEDGED, "ICN", Step("A", Act.VOID, "8"), id="acknowledged: voided"),
        pytest.param(State.ADJUDICATED, "ICN", Step("A", Act.VOID, "8"), id="paid: voided"),
    ],
)
def test_a_cancelled_session_drops_or_voids_its_claims(state: State, number: str, expected: Step) -> None:
    assert after_cancellation([MadeClaim("A", 1, state, number)]) == (expected,)


def test_a_cancelled_session_is_undone_from_the_last_payer_on() -> None:
    made = [MadeClaim("A", 1, State.ADJUDICATED, "1"), MadeClaim("B", 2, State.ADJUDICATED, "2")]

    assert [step.plan for step in after_cancellation(made)] == ["B", "A"]
    assert after_cancellation([MadeClaim("A", 1, State.VOIDED, "1")]) == ()


MORE, NOTHING = 5000, 0


@pytest.mark.parametrize(
    ("state", "number", "prior", "left_cents", "expected"),
    [
        pytest.param(State.ADJUDICATED, "N", State.REVERSED, MORE, Step("B", Act.HOLD), id="no correction yet"),
        pytest.param(State.ADJUDICATED, "N", State.CORRECTED, MORE, Step("B", Act.REPLACE, "7"), id="new figures"),
        pytest.param(State.ADJUDICATED, "N", State.CORRECTED, NOTHING, Step("B", Act.VOID, "8"), id="nothing left now"),
        pytest.param(
            State.SUBMITTED,
            "",
            State.CORRECTED,
            MORE,
            Step("B", Act.AWAIT_NUMBER, then=Act.REPLACE),
            id="no number yet",
        ),
        pytest.param(State.READY, "", State.CORRECTED, MORE, Step("B", Act.NEW, "1"), id="not sent yet"),
        pytest.param(State.WITHHELD, "", State.CORRECTED, MORE, Step("B", Act.NEW, "1"), id="something is left now"),
        pytest.param(State.READY, "", State.CORRECTED, NOTHING, Step("B", Act.WITHHOLD), id="nothing to send for"),
        pytest.param(State.REJECTED, "", State.CORRECTED, MORE, Step("B", Act.NEW, "1"), id="rejected before"),
        pytest.param(State.VOIDED, "N", State.CORRECTED, MORE, Step("B", Act.KEEP), id="voided before"),
    ],
)
def test_a_changed_primary_changes_what_the_secondary_was_told(
    state: State, number: str, prior: State, left_cents: int, expected: Step
) -> None:
    claim = MadeClaim("B", 2, state, number, ("A",))

    assert after_prior_changed(claim, prior, left_cents) == expected
