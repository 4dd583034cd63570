"""Reading 835s: files in the shapes that payers send, and what does not add up in them."""

from datetime import date
from decimal import Decimal

import pytest

from shared.x12.remittance_835.reader import read_remittance, read_remittances
from shared.x12.remittance_835.remittance import (
    ProviderAdjustment,
    Remittance,
    RemittanceHeader,
    RemittanceTotals,
    RemittedClaim,
    RemittedLine,
)
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.envelope import EnvelopeReader
from shared.x12.syntax.parties import Party
from tests.shared.x12.sample_files import in_envelope, sample


def remittances(data: bytes) -> list[Remittance]:
    """Every 835 of `data`, whole."""
    return [read_remittance(transaction) for transaction in EnvelopeReader(data).transactions()]


def only(data: bytes) -> Remittance:
    """The one 835 of `data`."""
    (remittance,) = remittances(data)
    return remittance


def claim_of(*segments: str) -> RemittedClaim:
    """The one claim of `segments`, CLP first."""
    return only(in_envelope("BPR*I*0*C*CHK", *segments)).claims[0]


def names(claim: RemittedClaim) -> list[str]:
    """The names of the claim's problems."""
    return [problem.name for problem in claim.problems]


def test_a_correction_is_read_with_all_its_details():
    correction = only(sample("remittance_reversal_correction")).claims[1]
    assert correction == RemittedClaim(
        id="SES-8-P",
        status="1",
        charge_cents=18000,
        paid_cents=12500,
        patient_responsibility_cents=1500,
        filing_indicator="12",
        payer_claim_id="ICN8B",
        place="11",
        frequency="7",
        lines=(
            RemittedLine(
                charge_cents=18000,
                paid_cents=12500,
                procedure="90837",
                control="SES-8-1",
                adjustments=(
                    Adjustment("CO", "45", 4000),
                    Adjustment("PR", "1", 1000),
                    Adjustment("PR", "2", 500),
                ),
                remarks=("N130",),
                service_from=date(2025, 12, 1),
            ),
        ),
        remarks=("MA67", "N420"),
        patient=Party("ELM", "KIM", "M1", "MI"),
        amounts=(("I", 275),),
    )
    assert (correction.interest_cents, correction.all_remarks) == (275, ("MA67", "N420", "N130"))


def test_a_reversal_is_balanced_although_it_states_no_patient_responsibility():
    reversal = only(sample("remittance_reversal_correction")).claims[0]
    assert (reversal.reversal, reversal.balanced, reversal.charge_cents, reversal.paid_cents) == (
        True,
        True,
        -18000,
        -11000,
    )
    assert reversal.adjustments == (Adjustment("OA", "129", 0),)
    assert reversal.lines[0].units == Decimal(-1)


def test_claim_level_and_line_level_adjustments_are_told_apart():
    claim = only(sample("remittance_reversal_correction")).claims[2]
    assert claim.adjustments == (Adjustment("CO", "104", 1000),)
    assert claim.lines[0].adjustments == (Adjustment("PR", "3", 2000), Adjustment("CO", "45", 2000))
    assert (claim.lines[0].service_from, claim.lines[0].service_to) == (date(2026, 1, 2), date(2026, 1, 3))
    assert (claim.lines[0].paid_cents, claim.paid_cents, claim.balanced) == (11000, 10000, True)


def test_the_payment_is_its_claims_less_the_provider_adjustments():
    remittance = only(sample("remittance_reversal_correction"))
    assert remittance.provider_adjustments == (
        ProviderAdjustment("WO", "ICN5", 5000, "1999999984", date(2026, 12, 31)),
        ProviderAdjustment("L6", "", -275, "1999999984", date(2026, 12, 31)),
        ProviderAdjustment("FB", "31", 0, "1999999984", date(2026, 12, 31)),
    )
    assert (remittance.header.payment_cents, remittance.balanced, remittance.postable) == (6775, True, True)
    assert remittance.header.trace == "EFT-31"
    assert remittance.header.paid_on == date(2026, 3, 1)


def test_a_forwarded_claim_gives_all_three_signals():
    forwarded, denied = only(sample("remittance_forwarded")).claims
    assert forwarded.crossover_signals == ("status", "payer", "remark")
    assert forwarded.crossover_to == Party("MEDIGAP MUTUAL", "", "60054", "PI")
    assert (denied.forwarded, denied.all_remarks) == (False, ("N197",))


def test_a_bare_set_with_a_line_without_charge_balances_and_is_not_postable():
    remittance = only(sample("remittance_bare_set"))
    assert remittance.balanced
    assert not remittance.postable
    assert names(remittance.claims[0]) == ["line_without_charge"]
    assert [line.allowed_cents for line in remittance.claims[0].lines] == [29040, None, 4200]
    assert remittance.claims[0].lines[0].billed_procedure == "90837"


def test_a_4010_file_with_suspended_claims_is_read():
    remittance = only(sample("remittance_4010_line_ends"))
    assert [(claim.id, claim.status, claim.balanced) for claim in remittance.claims] == [
        ("OLD1", "1", True),
        ("OLD2", "16", True),
    ]
    assert remittance.postable


def test_a_secondary_remittance_balances_without_the_primarys_patient_share():
    claims = only(sample("remittance_secondary")).claims
    assert [claim.balanced for claim in claims] == [True, True]
    assert claims[1].lines[1].revenue_code == "0220"
    assert claims[1].lines[0].modifiers == ("26",)


def test_every_balance_that_is_off_says_by_how_much():
    remittance = only(sample("remittance_unbalanced"))
    unbalanced = {
        claim.id: [(problem.name, problem.off_by_cents) for problem in claim.problems if problem.kind == "balance"]
        for claim in remittance.claims
    }
    assert unbalanced == {
        "LINE-OFF": [("line_not_balanced", -1000), ("claim_not_balanced", -1000)],
        "CLAIM-OFF": [("claim_not_balanced", -1000)],
        "PATIENT-OFF": [("patient_responsibility_differs", 500)],
        "GARBAGE": [
            ("amount_not_readable", None),
            ("amount_not_readable", None),
            ("patient_responsibility_differs", 2000),
        ],
    }
    assert [(problem.name, problem.off_by_cents) for problem in remittance.problems] == [
        ("payment_not_balanced", 10000)
    ]
    assert not remittance.balanced


def test_a_payment_that_is_a_debit_is_negative():
    header = only(in_envelope("BPR*I*50*D*ACH", "PLB*1*20261231*WO:1*50")).header
    assert header.payment_cents == -5000


def test_a_remittance_without_payment_is_never_posted():
    assert not only(in_envelope("TRN*1*5", "CLP*A*1*10*10*0*12*I")).balanced


@pytest.mark.parametrize(
    ("segments", "problem", "balanced"),
    [
        pytest.param(("CLP*A*1*100*100*0*12*I", "CAS*CO*45"), [], True, id="a CAS without anything"),
        pytest.param(
            ("CLP*A*1*100*100*0*12*I", "CAS*CO*45**2"),
            ["adjustment_without_amount"],
            True,
            id="only a quantity",
        ),
        pytest.param(
            ("CLP*A*1*100*90*0*12*I", "CAS*CO**10"), ["adjustment_without_reason"], True, id="amount without reason"
        ),
        pytest.param(("CLP*A*1*100*90*0*12*I", "CAS*XX*45*10"), ["adjustment_group_unknown"], True, id="unknown group"),
        pytest.param(("CLP*A*77*100*100*0*12*I",), ["claim_status_unknown"], True, id="unknown status"),
        pytest.param(("CLP**1*100*100*0*12*I",), ["claim_without_id"], True, id="no id"),
        pytest.param(
            ("CLP*A*1*100*50*50*12*I", "CAS*PR*1*20**2*30**3"),
            ["adjustment_without_amount"],
            True,
            id="lone reason",
        ),
        pytest.param(("CLP*A*1*100*50**12*I", "CAS*PR*1*50"), ["patient_responsibility_differs"], False, id="no CLP05"),
        pytest.param(
            ("CLP*A*1*90*90*0*12*I", "SVC*HC:1*60*60", "SVC*HC:2*3*3"),
            ["line_charges_differ"],
            True,
            id="lost line",
        ),
        pytest.param(
            ("CLP*A*1*100*100*0*12*I", "SVC*HC:1*100*100**many"), ["quantity_not_readable"], True, id="units in words"
        ),
        pytest.param(("CLP*A*1*100*100*0*12*I", "DTM*232*20261332"), ["date_not_readable"], True, id="no such day"),
    ],
)
def test_oddities_of_a_claim_are_named(segments: tuple[str, ...], problem: list[str], balanced: bool):
    claim = claim_of(*segments)
    expected = problem or (["adjustment_without_amount"] if len(segments) > 1 else [])
    assert (names(claim), claim.balanced) == (expected, balanced)


def test_money_outside_of_any_claim_forbids_posting():
    remittance = only(in_envelope("BPR*I*0*C*CHK", "LX*1", "SVC*HC:90837*10*10", "CAS*CO*45*3"))
    assert [problem.name for problem in remittance.problems] == ["segment_without_claim"] * 2
    assert not remittance.balanced


def test_more_than_six_adjustments_in_a_segment_all_count():
    triplets = "*".join(f"{reason}*10*" for reason in range(101, 108))
    claim = claim_of("CLP*A*1*70*0*0*12*I", f"CAS*CO*{triplets}")
    assert (len(claim.adjustments), claim.balanced, names(claim)) == (7, True, ["too_many_adjustments"])


def test_claims_come_one_by_one_between_header_and_totals():
    parts = list(read_remittances(sample("remittance_several")))
    kinds = [RemittanceHeader, RemittedClaim, RemittanceTotals]
    assert [type(part) for part in parts] == kinds * 3
    assert [part.trace for part in parts if isinstance(part, RemittanceHeader)] == ["ZERO", "TEN", "FIVE"]
    assert all(part.balanced for part in parts if not isinstance(part, RemittanceHeader))


def test_a_predetermination_is_told_from_a_payment():
    (first, *_) = remittances(sample("remittance_several"))
    assert (first.claims[0].status, first.claims[0].paid_cents, first.balanced) == ("25", 0, True)
