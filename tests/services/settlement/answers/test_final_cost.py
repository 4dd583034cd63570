"""The final cost is what the last payer that adjudicated left to the patient, whatever came before and in any order."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.settlement.answers.adjudication import Adjudication, Level
from services.settlement.answers.final_cost import final_cost
from shared.x12.syntax.parties import Party
from tests.services.settlement.remittances import claim, of

P, S, T = Level.PRIMARY, Level.SECONDARY, Level.TERTIARY
PAID = claim("1", 12000, "CO-45:7000 PR-2:3000")
PAID_2 = claim("2", 2400, "OA-23:19000 PR-2:600", icn="ICN-2")
PAID_3 = claim("3", 500, "OA-23:21400 PR-3:100", icn="ICN-3")
TO_CLIENT = claim("1", 0, "CO-45:7000 PR-100:12000 PR-2:3000")
TAKEN_BACK = claim("22", 12000, "CO-45:7000 PR-2:3000")
CORRECTED = claim("1", 10000, "CO-45:7000 PR-2:5000", icn="ICN-1B")
TAKEN_BACK_2 = claim("22", 2400, "OA-23:19000 PR-2:600", icn="ICN-2")
CORRECTED_2 = claim("2", 2000, "OA-23:19000 PR-2:1000", icn="ICN-2B")
CASES = [
    # answers -> final cost, payers paid, reasons for review
    pytest.param([of(P, PAID)], 3000, 12000, [], id="one payer"),
    pytest.param([of(P, PAID), of(S, PAID_2)], 600, 14400, [], id="two payers"),
    pytest.param([of(S, PAID_2), of(P, PAID)], 600, 14400, [], id="the secondary's answer came first"),
    pytest.param([of(P, PAID), of(P, PAID), of(S, PAID_2), of(S, PAID_2)], 600, 14400, [], id="each twice"),
    pytest.param([of(P, PAID), of(S, PAID_2), of(T, PAID_3)], 100, 14900, [], id="three payers"),
    pytest.param([of(P, PAID), of(T, PAID_3)], 100, 12500, [], id="the second of three was not billed"),
    pytest.param([of(S, PAID_2)], None, 2400, ["primary_missing"], id="the primary's answer is missing"),
    pytest.param([], None, 0, ["nothing_adjudicated"], id="no answer"),
    pytest.param(
        [of(P, PAID), of(S, claim("2", 0, "OA-23:19000 PR-2:3000"))], 3000, 12000, [], id="secondary pays nothing"
    ),
    pytest.param(
        [of(P, PAID), of(S, claim("2", 0, "OA-23:19000 CO-45:3000"))], 0, 12000, [], id="secondary leaves none"
    ),
    pytest.param(
        [of(P, claim("1", 15000, "CO-45:7000")), of(S, claim("2", 0, "OA-23:22000"))],
        0,
        15000,
        [],
        id="nothing was left",
    ),
    # what payers say of those before them
    *(
        pytest.param([of(P, PAID), of(S, claim("2", paid, codes))], None, 12000 + paid, [reason], id=id)
        for paid, codes, reason, id in [
            (0, "OA-23:22000", "prior_payment_disagrees", "the whole charge though the primary left something"),
            (5000, "OA-23:11000 CO-45:6000", "prior_payment_disagrees", "less than the primary paid"),
            (11000, "CO-45:11000", "paid_above_charge", "more than the charge together"),
        ]
    ),
    # paid to the client
    pytest.param([of(P, TO_CLIENT)], 15000, 0, [], id="the primary paid the client"),
    pytest.param(
        [of(P, TO_CLIENT), of(S, PAID_2)], 12600, 2400, [], id="the primary paid the client, then the secondary"
    ),
    pytest.param(
        [of(P, TO_CLIENT), of(S, claim("4", 0, "CO-96:22000"))], 15000, 0, [], id="paid to the client, then not covered"
    ),
    pytest.param(
        [of(P, PAID), of(S, claim("2", 0, "OA-23:19000 PR-100:2400 PR-2:600"))], 3000, 12000, [], id="the secondary did"
    ),
    pytest.param(
        [of(P, PAID), of(S, claim("2", 0, "OA-23:17000 PR-1:5000"))],
        3000,
        12000,
        ["capped_at_primary"],
        id="secondary leaves more than the primary",
    ),
    pytest.param(
        [of(P, claim("1", 0, "CO-45:10000 PR-1:12000")), of(S, claim("2", 9000, "CO-45:11000 PR-3:2000"))],
        2000,
        9000,
        [],
        id="the secondary's discount is not the client's",
    ),
    # denials
    pytest.param([of(P, PAID), of(S, claim("4", 0, "CO-96:22000"))], 3000, 12000, [], id="secondary: not covered"),
    pytest.param(
        [of(P, PAID), of(S, claim("2", 0, "OA-23:19000 PR-204:3000"))], 3000, 12000, [], id="not covered, as a share"
    ),
    pytest.param(
        [of(P, PAID), of(S, claim("4", 0, "PR-96:22000"))], 3000, 12000, [], id="not covered, the whole as a share"
    ),
    pytest.param(
        [of(P, PAID), of(S, PAID_2), of(T, claim("4", 0, "CO-96:22000"))], 600, 14400, [], id="third: not covered"
    ),
    *(
        pytest.param([of(P, PAID), of(S, claim("4", 0, f"{code}:22000", remarks=remark))], None, 12000, [reason], id=id)
        for code, remark, reason, id in [
            ("CO-22", "", "coordination_denial", "secondary: another plan first"),
            ("CO-16", "MA04", "information_denial", "secondary: primary's payment missing"),
            ("CO-27", "", "eligibility_denial", "secondary: coverage ended"),
            ("OA-109", "", "wrong_payer_denial", "secondary: wrong payer"),
            ("OA-18", "", "duplicate_denial", "secondary: duplicate of an answer we lack"),
            ("CO-29", "", "timely_filing_denial", "secondary: too late"),
            ("CO-999", "", "unknown_denial", "secondary: unknown code"),
        ]
    ),
    pytest.param(
        [of(P, claim("4", 0, "CO-22:22000", remarks="N197"))],
        None,
        0,
        ["coordination_denial"],
        id="primary: client must call",
    ),
    pytest.param(
        [of(P, claim("4", 0, "CO-22:22000")), of(P, PAID, day=9), of(S, PAID_2)],
        600,
        14400,
        [],
        id="denied first, adjudicated after",
    ),
    pytest.param(
        [of(P, PAID), of(P, claim("1", 0, "CO-22:22000", icn="ICN-9"), day=9)],
        None,
        0,
        ["coordination_denial"],
        id="adjudicated first, another plan named after",
    ),
    pytest.param(
        [of(P, PAID), of(S, PAID_2), of(S, claim("4", 0, "OA-18:22000", remarks="N522"), day=9)],
        600,
        14400,
        [],
        id="a duplicate denial after the answer is harmless",
    ),
    pytest.param([of(P, claim("1", 0, "PR-204:22000"))], 22000, 0, [], id="primary: not covered, client's share"),
    pytest.param(
        [of(P, claim("4", 0, "PR-204:22000")), of(S, claim("1", 12000, "CO-45:7000 PR-3:3000"))],
        3000,
        12000,
        [],
        id="primary does not cover, secondary pays as if alone",
    ),
    # reversals
    pytest.param([of(P, PAID), of(P, TAKEN_BACK, day=9)], None, 0, ["reversal_without_correction"], id="reversed only"),
    pytest.param(
        [of(P, PAID), of(S, PAID_2), of(S, TAKEN_BACK_2, day=9)],
        None,
        12000,
        ["reversal_without_correction"],
        id="secondary reversed only",
    ),
    pytest.param(
        [of(P, PAID), of(P, TAKEN_BACK, day=9), of(P, CORRECTED, day=9, position=1)], 5000, 10000, [], id="corrected"
    ),
    pytest.param(
        [of(P, TAKEN_BACK, day=9), of(P, CORRECTED, day=9, position=1), of(P, PAID)],
        5000,
        10000,
        [],
        id="the correction overtook the original",
    ),
    pytest.param(
        [of(P, TAKEN_BACK, day=9), of(P, PAID)], None, 0, ["reversal_without_correction"], id="the reversal came first"
    ),
    pytest.param(
        [of(P, TAKEN_BACK, day=9), of(P, CORRECTED, day=9, position=1)], 5000, 10000, [], id="the original never came"
    ),
    pytest.param(
        [of(P, PAID), of(P, TAKEN_BACK, day=9), of(P, PAID, day=9, position=1)],
        3000,
        12000,
        [],
        id="reversed and adjudicated alike again",
    ),
    pytest.param(
        [of(P, PAID), of(S, PAID_2), of(S, TAKEN_BACK_2, day=9), of(S, CORRECTED_2, day=9, position=1)],
        1000,
        14000,
        [],
        id="secondary corrected",
    ),
    pytest.param(
        [of(P, PAID), of(S, PAID_2, day=3), of(P, TAKEN_BACK, day=9), of(P, CORRECTED, day=9, position=1)],
        600,
        12400,
        ["primary_changed_since"],
        id="primary corrected after the secondary used its answer",
    ),
    pytest.param(
        [of(P, PAID), of(P, claim("22", 12000, "CO-45:6000 PR-2:4000"), day=9)],
        None,
        0,
        ["reversal_without_correction"],
        id="a reversal whose adjustments are not quite the original's",
    ),
    pytest.param(
        [of(P, PAID), of(P, CORRECTED, day=9)], 5000, 10000, ["adjudicated_again"], id="corrected without a reversal"
    ),
    # no adjudication
    pytest.param(
        [of(P, claim("25", 12000, "CO-45:7000 PR-2:3000"))], None, 0, ["predetermination_only"], id="estimate"
    ),
    pytest.param(
        [of(P, claim("25", 11000, "CO-45:7000 PR-2:4000")), of(P, PAID, day=9)],
        3000,
        12000,
        [],
        id="estimate, then real",
    ),
    pytest.param([of(P, PAID), of(S, claim("23", 0))], None, 12000, ["passed_to_another_payer"], id="passed on unread"),
    pytest.param([of(P, claim("5", 0))], None, 0, ["not_adjudicated"], id="pended"),
    # forwarding
    pytest.param(
        [of(P, claim("19", 12000, "CO-45:7000 PR-2:3000", forwarded_to="PLAN TWO"))],
        None,
        12000,
        ["forwarded_answer_awaited"],
        id="forwarded, no answer yet",
    ),
    pytest.param(
        [of(P, claim("19", 12000, "CO-45:7000 PR-2:3000", forwarded_to="PLAN TWO")), of(S, PAID_2)],
        600,
        14400,
        [],
        id="forwarded and answered",
    ),
    pytest.param(
        [of(P, claim("1", 12000, "CO-45:7000 PR-2:3000", remarks="MA18"))],
        None,
        12000,
        ["forwarded_answer_awaited"],
        id="forwarded by a remark alone",
    ),
    # contradictions
    pytest.param(
        [of(P, claim("2", 12000, "CO-45:7000 PR-2:3000"))],
        None,
        12000,
        ["role_differs"],
        id="primary says it is second",
    ),
    pytest.param(
        [of(P, PAID), of(S, claim("1", 12000, "CO-45:7000 PR-2:3000", icn="ICN-2"))],
        None,
        24000,
        ["role_differs"],
        id="both paid as primary",
    ),
    pytest.param(
        [of(P, PAID), of(S, claim("1", 2400, "OA-23:19000 PR-2:600"))],
        600,
        14400,
        [],
        id="secondary says 1 but counted the primary",
    ),
    pytest.param(
        [of(P, PAID), of(S, claim("2", 2400, "OA-23:9000 PR-2:600", charge=12000))],
        None,
        14400,
        ["charges_differ"],
        id="another charge",
    ),
    pytest.param(
        [of(P, claim("1", 12000, "CO-45:7000 PR-2:3000 CO-999:0"))], 3000, 12000, [], id="unknown code of no amount"
    ),
    pytest.param(
        [of(P, claim("1", 12000, "CO-999:7000 PR-2:3000"))], 3000, 12000, ["unknown_code"], id="unknown code beside pay"
    ),
    # nothing to be paid by the client
    pytest.param(
        [of(P, claim("1", 12000, "CO-45:7000 PR-2:3000", remarks="N782"))], 0, 12000, ["share_waived"], id="QMB"
    ),
    pytest.param(
        [of(P, PAID), of(S, claim("2", 0, "OA-23:19000 CO-303:3000"))], 0, 12000, [], id="Medicaid leaves nothing"
    ),
]


@pytest.mark.parametrize(("answers", "cost", "paid", "reasons"), CASES)
def test_the_cost_is_what_the_last_payer_that_adjudicated_left(
    answers: list[Adjudication], cost: int | None, paid: int, reasons: list[str]
) -> None:
    told = final_cost(answers)

    assert (told.final_cost_cents, told.payers_paid_cents, [review.reason for review in told.review]) == (
        cost,
        paid,
        reasons,
    )


@pytest.mark.parametrize(("answers", "cost", "paid", "reasons"), CASES)
def test_the_order_of_arrival_and_repetition_change_nothing(
    answers: list[Adjudication], cost: int | None, paid: int, reasons: list[str]
) -> None:
    shuffler = random.Random(1)
    expected = final_cost(answers)
    for _ in range(10):
        shuffled = [*answers, *shuffler.choices(answers, k=3)] if answers else []
        shuffler.shuffle(shuffled)
        assert final_cost(shuffled) == expected


def test_two_different_answers_in_one_payment_go_to_a_person() -> None:
    cost = final_cost([of(P, PAID), of(P, CORRECTED, position=1)])

    assert (cost.final_cost_cents, [review.reason for review in cost.review]) == (None, ["claim_ambiguous"])


def test_one_answer_given_for_two_payers_is_held() -> None:
    first = of(P, PAID)
    again = replace(first, level=S)

    cost = final_cost([first, again])

    assert cost.final_cost_cents is None
    assert "one_answer_for_two_payers" in [review.reason for review in cost.review]


def test_a_payer_that_is_still_to_answer_is_waited_for() -> None:
    cost = final_cost([of(P, PAID)], expected=[P, S])

    assert (cost.final_cost_cents, cost.waiting_for, cost.review) == (None, S, ())


@given(
    st.lists(st.sampled_from([PAID, TAKEN_BACK, CORRECTED]), max_size=4),
    st.lists(st.sampled_from([PAID_2, TAKEN_BACK_2, CORRECTED_2]), max_size=4),
    st.randoms(use_true_random=False),
)
def test_a_cost_is_never_negative_nor_above_what_the_primary_left(
    first: Sequence[object], second: Sequence[object], shuffler: random.Random
) -> None:
    answers = [of(P, remitted, day=n + 1) for n, remitted in enumerate(first)]  # type: ignore[arg-type]
    answers += [of(S, remitted, day=n + 1) for n, remitted in enumerate(second)]  # type: ignore[arg-type]
    cost = final_cost(answers)
    shuffler.shuffle(answers)

    assert final_cost(answers) == cost
    if cost.final_cost_cents is not None:
        assert 0 <= cost.final_cost_cents <= cost.left_cents[P]


SAM = Party("ROE", "SAM", "A111")
ON_THE_FIFTH = replace(PAID, patient=SAM, service_from=date(2026, 1, 5))


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, []),
        ({"patient": Party("ROE-SMITH", "SAM", "B222")}, []),
        ({"patient": Party("", "", "B222")}, []),
        ({"patient": Party("SMITH", "JANE", "B222")}, ["another_service"]),
        ({"service_from": date(2026, 1, 12)}, ["another_service"]),
        ({"service_from": None}, []),
    ],
)
def test_payers_that_answer_about_other_people_or_days_settle_nothing(changes: dict[str, object], reasons: list[str]):
    later = replace(PAID_2, **({"patient": SAM, "service_from": date(2026, 1, 5)} | changes))  # type: ignore[arg-type]
    cost = final_cost([of(P, ON_THE_FIFTH), of(S, later)])
    assert [review.reason for review in cost.review] == reasons
    assert cost.final_cost_cents == (None if reasons else 600)
