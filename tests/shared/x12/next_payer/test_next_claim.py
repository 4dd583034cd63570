"""The next payer's claim: what it carries, and when there is none."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.x12.claim_837.claim import LineAdjudication, OtherPayer, ProfessionalClaim, ServiceLine
from shared.x12.claim_837.edits import coordination_edits
from shared.x12.next_payer.next_claim import Refusal, next_claim
from shared.x12.remittance_835.remittance import RemittanceHeader, RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import Adjustment, total_cents
from shared.x12.syntax.parties import Payer, Person, Subscriber
from tests.shared.x12.claim_values import (
    ALEX,
    DECIDED_ON,
    HEADER,
    PRIMARY_CLAIM,
    REMITTED,
    REMITTED_LINE,
    SAM,
    SECONDARY,
    crossover_party,
)

TERTIARY = replace(SECONDARY, responsibility="T", payer=Payer("PAYER THREE", "P0003"), relation="18")


def made(claim: ProfessionalClaim = PRIMARY_CLAIM, remitted: RemittedClaim = REMITTED) -> ProfessionalClaim:
    """The next claim, which there must be."""
    result = next_claim(claim, remitted, HEADER)
    assert isinstance(result, ProfessionalClaim), result
    return result


def reason(claim: ProfessionalClaim = PRIMARY_CLAIM, remitted: RemittedClaim = REMITTED) -> str:
    """Why there is no next claim."""
    result = next_claim(claim, remitted, HEADER)
    assert isinstance(result, Refusal), result
    return result.reason


def test_the_secondary_gets_the_same_services_and_the_primarys_decision():
    assert made() == replace(
        PRIMARY_CLAIM,
        id="SES-1001-S",
        responsibility="S",
        payer=Payer("PAYER TWO", "P0002"),
        subscriber=Subscriber(Person("ROE", "ALEX"), "B222"),
        patient=SAM,
        relation="01",
        group_number="GRP2",
        other_payers=(
            OtherPayer(
                "P",
                Payer("PAYER ONE", "P0001"),
                Subscriber(SAM, "A111"),
                group_number="GRP9",
                claim_id="2026P1ICN",
                paid_cents=12000,
                lines=(
                    LineAdjudication(
                        1,
                        12000,
                        "90837",
                        ("95",),
                        adjustments=(Adjustment("PR", "2", 3000), Adjustment("CO", "45", 7000)),
                        adjudicated_on=DECIDED_ON,
                    ),
                ),
                remarks=("MA01",),
            ),
        ),
    )


def test_the_subscriber_of_the_next_plan_who_is_the_patient_keeps_birth_date_and_address():
    own = replace(SECONDARY, relation="18", subscriber=Subscriber(Person("DOE", "SAM"), "B9"))
    claim = replace(PRIMARY_CLAIM, subscriber=Subscriber(ALEX, "A1"), patient=SAM, relation="01", other_payers=(own,))
    assert (made(claim).subscriber, made(claim).patient, made(claim).relation) == (Subscriber(SAM, "B9"), None, "18")


def test_a_decision_about_the_whole_claim_stays_at_the_claim():
    whole = replace(REMITTED, lines=(), adjustments=REMITTED_LINE.adjustments)
    (decision,) = made(remitted=whole).other_payers
    assert (decision.adjustments, decision.lines, decision.adjudicated_on) == (
        REMITTED_LINE.adjustments,
        (),
        DECIDED_ON,
    )


def test_adjustments_at_both_levels_stay_at_both():
    line = replace(
        REMITTED_LINE, paid_cents=13000, adjustments=(Adjustment("PR", "2", 3000), Adjustment("CO", "45", 6000))
    )
    both = replace(REMITTED, adjustments=(Adjustment("CO", "104", 1000),), lines=(line,))
    (decision,) = made(remitted=both).other_payers
    assert decision.adjustments == (Adjustment("CO", "104", 1000),)
    assert decision.lines[0].adjustments == line.adjustments
    assert decision.adjudicated_on is None


def test_adjustments_of_nothing_are_left_out():
    line = replace(REMITTED_LINE, adjustments=(*REMITTED_LINE.adjustments, Adjustment("CO", "42", 0)))
    (decision,) = made(remitted=replace(REMITTED, lines=(line,))).other_payers
    assert decision.lines[0].adjustments == REMITTED_LINE.adjustments


def test_a_tertiary_claim_carries_both_decisions_each_balanced_by_itself():
    second = made(replace(PRIMARY_CLAIM, other_payers=(TERTIARY, SECONDARY)))
    assert [other.responsibility for other in second.other_payers] == ["P", "T"]
    assert not second.other_payers[1].adjudicated
    line = replace(
        REMITTED_LINE, paid_cents=2400, adjustments=(Adjustment("OA", "23", 19000), Adjustment("PR", "2", 600))
    )
    third = made(
        second, replace(REMITTED, status="2", paid_cents=2400, patient_responsibility_cents=600, lines=(line,))
    )
    assert (third.id, third.responsibility, third.payer.id) == ("SES-1001-T", "T", "P0003")
    assert [(other.responsibility, other.paid_cents) for other in third.other_payers] == [("P", 12000), ("S", 2400)]
    assert coordination_edits(third) == ()


def test_a_non_covered_part_that_an_earlier_payer_has_beside_its_payment_is_not_carried_on():
    second = made(replace(PRIMARY_CLAIM, other_payers=(TERTIARY, SECONDARY)))
    stated = replace(second.other_payers[0], noncovered_cents=1500)
    line = replace(
        REMITTED_LINE, paid_cents=2400, adjustments=(Adjustment("OA", "23", 19000), Adjustment("PR", "2", 600))
    )
    third = made(
        replace(second, other_payers=(stated, *second.other_payers[1:])),
        replace(REMITTED, status="2", paid_cents=2400, patient_responsibility_cents=600, lines=(line,)),
    )
    assert [other.noncovered_cents for other in third.other_payers] == [None, None]


@pytest.mark.parametrize(
    ("billed_procedure", "reason", "expected"),
    [
        pytest.param("90785", "97", [None, 1], id="paid within the first line"),
        pytest.param("", "97", [None, None], id="the 835 does not say into which"),
        pytest.param("90785", "96", [None, None], id="recoded and not covered"),
    ],
)
def test_a_line_that_was_paid_within_another_names_it(billed_procedure: str, reason: str, expected: list[int | None]):
    claim = replace(
        PRIMARY_CLAIM,
        charge_cents=25000,
        lines=(*PRIMARY_CLAIM.lines, ServiceLine(3000, "90785", service_from=date(2026, 1, 5), control="SES-1001-2")),
    )
    within = RemittedLine(
        3000,
        0,
        "90837" if billed_procedure else "90785",
        control="SES-1001-2",
        adjustments=(Adjustment("CO", reason, 3000),),
        billed_procedure=billed_procedure,
    )
    second = made(claim, replace(REMITTED, charge_cents=25000, lines=(REMITTED_LINE, within)))
    assert [line.bundled_line for line in second.other_payers[0].lines] == expected


def test_what_concerned_only_the_payer_before_is_not_carried_on():
    carried = (("REF", "D9", "TRACE"), ("DTP", "431", "D8", "20251101"), ("HCP", "02", "100"))
    claim = replace(PRIMARY_CLAIM, frequency="7", original_claim_id="X", prior_authorization="AUTH", carried=carried)
    followed = made(claim)
    assert (followed.frequency, followed.original_claim_id, followed.prior_authorization) == ("1", "", "")
    assert followed.carried == (("DTP", "431", "D8", "20251101"),)


@pytest.mark.parametrize(
    ("number", "expected"), [("SES-1-P", "SES-1-S"), ("SES-1-S", "SES-1-T"), ("26463774", "26463774"), ("P", "P")]
)
def test_the_control_number_tells_the_level(number: str, expected: str):
    assert made(replace(PRIMARY_CLAIM, id=number)).id == expected


TWO_LINES = replace(
    PRIMARY_CLAIM,
    charge_cents=30000,
    lines=(*PRIMARY_CLAIM.lines, ServiceLine(8000, "90785", service_from=date(2026, 1, 5), control="SES-1001-2")),
)
SECOND_REMITTED = RemittedLine(8000, 8000, "90785", control="SES-1001-2")
DENIED = (Adjustment("CO", "96", 22000),)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"status": "22"}, "reversed_without_correction", id="reversal"),
        pytest.param({"status": "25"}, "predetermination", id="predetermination"),
        pytest.param({"status": "16"}, "pending", id="suspended"),
        pytest.param({"status": "19"}, "crossed_over", id="forwarded by status"),
        pytest.param({"status": "23"}, "crossed_over", id="not ours, forwarded"),
        pytest.param({"crossover_to": crossover_party()}, "crossed_over", id="forwarded by NM1*TT"),
        pytest.param({"remarks": ("MA18",)}, "crossed_over", id="forwarded by remark"),
        pytest.param({"lines": (replace(REMITTED_LINE, remarks=("N89",)),)}, "crossed_over", id="by a line's remark"),
        pytest.param({"status": "2"}, "processed_in_another_role", id="processed as secondary"),
        pytest.param({"corrected_priority_payer": crossover_party()}, "other_payer_first", id="NM1*PR"),
        pytest.param({"status": "77"}, "claim_status_unknown", id="unknown status"),
        pytest.param({"charge_cents": 23000}, "remittance_of_another_claim", id="another charge"),
        pytest.param(
            {"lines": (replace(REMITTED_LINE, procedure="99499", control="", charge_cents=1),)},
            "remittance_of_another_claim",
            id="another service",
        ),
        pytest.param({"paid_cents": -1}, "paid_amount_negative", id="negative payment"),
        pytest.param(
            {"paid_cents": 22000, "lines": (replace(REMITTED_LINE, paid_cents=22000, adjustments=()),)},
            "nothing_left_to_pay",
            id="paid in full",
        ),
        pytest.param(
            {
                "paid_cents": 15000,
                "lines": (replace(REMITTED_LINE, paid_cents=15000, adjustments=(Adjustment("CO", "45", 7000),)),),
            },
            "nothing_left_to_pay",
            id="written off",
        ),
    ],
)
def test_no_claim_follows(changes: dict[str, object], expected: str):
    assert reason(remitted=replace(REMITTED, **changes)) == expected  # type: ignore[arg-type]


def test_a_service_that_was_not_covered_may_go_to_the_next_payer():
    line = replace(REMITTED_LINE, paid_cents=0, adjustments=DENIED)
    followed = made(remitted=replace(REMITTED, status="4", paid_cents=0, patient_responsibility_cents=0, lines=(line,)))
    assert followed.other_payers[0].lines[0].adjustments == DENIED


def test_no_claim_follows_until_every_line_is_answered():
    single_line = replace(REMITTED, charge_cents=30000)
    assert reason(TWO_LINES, single_line) == "lines_not_adjudicated"
    both = replace(single_line, paid_cents=20000, lines=(SECOND_REMITTED, REMITTED_LINE))
    assert [line.line for line in made(TWO_LINES, both).other_payers[0].lines] == [1, 2]


def test_no_claim_follows_without_a_next_payer_or_a_date():
    assert reason(replace(PRIMARY_CLAIM, other_payers=())) == "no_other_payer"
    result = next_claim(PRIMARY_CLAIM, REMITTED, RemittanceHeader(0))
    assert isinstance(result, Refusal)
    assert result.reason == "adjudication_date_missing"


def test_no_claim_follows_that_an_edit_would_refuse():
    nameless = replace(PRIMARY_CLAIM, other_payers=(replace(SECONDARY, payer=Payer("PAYER TWO")),))
    assert reason(nameless) == "edits_failed"


@settings(max_examples=60)
@given(st.integers(1, 50_000), st.data())
def test_whatever_was_decided_the_next_claim_balances_and_passes_the_edits(charge_cents: int, data: st.DataObject):
    patient_cents = data.draw(st.integers(1, charge_cents))
    off_cents = data.draw(st.integers(0, charge_cents - patient_cents))
    paid_cents = charge_cents - patient_cents - off_cents
    adjustments = (Adjustment("PR", "3", patient_cents), Adjustment("CO", "45", off_cents))
    claim = replace(
        PRIMARY_CLAIM,
        charge_cents=charge_cents,
        lines=(replace(PRIMARY_CLAIM.lines[0], charge_cents=charge_cents),),
    )
    line = replace(REMITTED_LINE, charge_cents=charge_cents, paid_cents=paid_cents, adjustments=adjustments)
    remitted = replace(
        REMITTED,
        charge_cents=charge_cents,
        paid_cents=paid_cents,
        patient_responsibility_cents=patient_cents,
        lines=(line,),
    )
    followed = made(claim, remitted)
    (decision,) = followed.other_payers
    assert coordination_edits(followed) == ()
    assert (decision.paid_cents or 0) + total_cents(decision.all_adjustments) == followed.charge_cents
