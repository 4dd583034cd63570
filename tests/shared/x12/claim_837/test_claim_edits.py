"""The published edits, each broken by the smallest change."""

from dataclasses import replace
from datetime import date

import pytest

from shared.x12.claim_837.claim import OtherPayer, ProfessionalClaim
from shared.x12.claim_837.edits import coordination_edits
from shared.x12.next_payer.next_claim import next_claim
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.parties import Payer, Person, Subscriber
from tests.shared.x12.claim_values import ALEX, HEADER, PRIMARY_CLAIM, REMITTED, SAM, SECONDARY


def secondary() -> ProfessionalClaim:
    """A secondary claim that passes."""
    made = next_claim(PRIMARY_CLAIM, REMITTED, HEADER)
    assert isinstance(made, ProfessionalClaim)
    return made


GOOD = secondary()
DECISION: OtherPayer = GOOD.other_payers[0]
LINE = DECISION.lines[0]


def with_decision(**changes: object) -> ProfessionalClaim:
    """The claim with another decision of the primary."""
    return replace(GOOD, other_payers=(replace(DECISION, **changes),))  # type: ignore[arg-type]


def with_line(**changes: object) -> ProfessionalClaim:
    """The claim with another decision about its line."""
    return with_decision(lines=(replace(LINE, **changes),))  # type: ignore[arg-type]


@pytest.mark.parametrize("claim", [PRIMARY_CLAIM, replace(PRIMARY_CLAIM, other_payers=()), GOOD])
def test_a_good_claim_passes(claim: ProfessionalClaim):
    assert coordination_edits(claim) == ()


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        pytest.param(with_line(adjudicated_on=None), ["adjudication_date_missing"], id="no date"),
        pytest.param(with_decision(adjudicated_on=date(2026, 1, 25)), ["adjudication_date_twice"], id="date at both"),
        pytest.param(with_line(paid_cents=12100), ["line_not_balanced"], id="line off"),
        pytest.param(with_decision(paid_cents=12100), ["claim_not_balanced"], id="claim off"),
        pytest.param(
            with_decision(paid_cents=-1000, adjustments=(Adjustment("CO", "45", 13000),)),
            ["paid_amount_negative"],
            id="negative payment",
        ),
        pytest.param(replace(GOOD, responsibility="P"), ["primary_not_unique", "level_twice"], id="two primaries"),
        pytest.param(with_decision(responsibility="T"), ["primary_not_unique"], id="no primary"),
        pytest.param(replace(GOOD, responsibility="T"), ["level_skipped"], id="level skipped"),
        pytest.param(
            replace(GOOD, other_payers=(DECISION, replace(SECONDARY, payer=Payer("X", "X")))),
            ["level_twice"],
            id="level twice",
        ),
        pytest.param(with_decision(responsibility="U"), ["primary_not_unique", "level_unknown"], id="unknown level"),
        pytest.param(with_decision(remarks=("ZZ9",)), ["remark_code_unknown"], id="remark that does not exist"),
        pytest.param(
            with_line(adjustments=(*LINE.adjustments, Adjustment("CO", "42", 0))),
            ["adjustment_of_nothing"],
            id="zero CAS",
        ),
        pytest.param(
            with_line(adjustments=(Adjustment("PR", "", 3000), Adjustment("CO", "45", 7000))),
            ["adjustment_incomplete"],
            id="no reason",
        ),
        pytest.param(
            with_line(adjustments=tuple(Adjustment("CO", str(reason), 100) for reason in range(200, 300))),
            ["too_many_adjustments"],
            id="more than five CAS",
        ),
        pytest.param(with_decision(medicare_secondary_reason="12"), ["medicare_reason_on_primary"], id="SBR05 on P"),
        pytest.param(replace(GOOD, filing_indicator="MB"), ["medicare_reason_missing"], id="Medicare without SBR05"),
        pytest.param(
            with_decision(remaining_liability_cents=1, lines=(replace(LINE, remaining_liability_cents=1),)),
            ["remaining_liability_twice"],
            id="AMT*EAF at both",
        ),
        pytest.param(replace(GOOD, payer=Payer("PAYER TWO")), ["payer_id_missing"], id="no payer id"),
        pytest.param(replace(GOOD, frequency="7"), ["original_claim_missing"], id="replacement of nothing"),
        pytest.param(replace(GOOD, diagnoses=()), ["diagnosis_missing"], id="no diagnosis"),
        pytest.param(replace(GOOD, id="X" * 21), ["control_number_unfit"], id="long control number"),
        pytest.param(replace(GOOD, charge_cents=22001), ["line_charges_differ", "claim_not_balanced"], id="charge"),
    ],
)
def test_an_edit_catches(claim: ProfessionalClaim, expected: list[str]):
    assert [problem.name for problem in coordination_edits(claim)] == expected


NOT_LATIN = Person("\u674e", "\u660e", birth_date=SAM.birth_date)
SERVICE = GOOD.lines[0]


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        pytest.param(replace(GOOD, billing=replace(GOOD.billing, name="")), "billing_name_missing", id="biller"),
        pytest.param(replace(GOOD, patient=NOT_LATIN), "patient_name_missing", id="a name in another script"),
        pytest.param(replace(GOOD, patient=replace(SAM, birth_date=None)), "birth_date_missing", id="birth date"),
        pytest.param(replace(GOOD, relation=""), "relation_missing", id="relation to the subscriber"),
        pytest.param(with_decision(relation=""), "relation_missing", id="relation to another subscriber"),
        pytest.param(replace(GOOD, payer=Payer("", "P0002")), "payer_name_missing", id="payer's name"),
        pytest.param(
            replace(GOOD, subscriber=Subscriber(NOT_LATIN, "B222")), "subscriber_name_missing", id="subscriber's name"
        ),
        pytest.param(replace(GOOD, subscriber=Subscriber(ALEX, "")), "member_id_missing", id="member id"),
        pytest.param(replace(GOOD, lines=(replace(SERVICE, service_from=None),)), "service_date_missing", id="day"),
        pytest.param(replace(GOOD, lines=(replace(SERVICE, procedure=""),)), "procedure_missing", id="procedure"),
        pytest.param(replace(GOOD, subscriber=Subscriber(ALEX, "B" * 81)), "identifier_too_long", id="long member id"),
        pytest.param(with_decision(claim_id="I" * 51), "identifier_too_long", id="long claim number"),
        pytest.param(with_line(adjudicated_on=date(2026, 1, 4)), "decided_before_service", id="decided too early"),
    ],
)
def test_a_claim_without_what_every_reader_requires_does_not_leave(claim: ProfessionalClaim, expected: str):
    assert [problem.name for problem in coordination_edits(claim)] == [expected]
