"""835s as payers send them: what is odd is told, and what cannot be trusted is never posted."""

import pytest

from shared.x12.remittance_835.reader import read_remittance
from shared.x12.remittance_835.remittance import Remittance
from shared.x12.syntax.envelope import EnvelopeReader

CLAIM = "CLP*A-P*1*220*120*30*12*N1*10*1~SVC*HC:90837:95*220*120**1~CAS*CO*45*70~CAS*PR*2*30~"


def read(
    claims: str = CLAIM, paid: str = "120", header: str = "TRN*1*TRACE1*1512345678~", between: str = ""
) -> Remittance:
    """An 835 of `claims`; `between` stands after each terminator."""
    body = f"ST*835*0001~BPR*I*{paid}*C*ACH************20260125~{header}N1*PR*PAYER ONE~N1*PE*US~LX*1~{claims}"
    text = (
        "ISA*00*          *00*          *ZZ*PAYER          *ZZ*MARKET         *260125*1000*^*00501*000000021*0*P*:~"
        f"GS*HP*PAYER*MARKET*20260125*1000*21*X*005010X221A1~{body}SE*{body.count('~') + 1}*0001~"
        "GE*1*21~IEA*1*000000021~"
    )
    (remittance,) = map(read_remittance, EnvelopeReader(text.replace("~", f"~{between}").encode()).transactions())
    return remittance


def problems(remittance: Remittance) -> list[str]:
    own = [problem.name for claim in remittance.claims for problem in claim.problems]
    return [problem.name for problem in remittance.problems] + own


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        ("TRN*1*TRACE1*1~TRN*2*OTHER*1~", "TRACE1"),
        ("TRN*2*OTHER*1~TRN*1*TRACE1*1~", "TRACE1"),
        ("TRN*2*OTHER*1~", "OTHER"),
    ],
)
def test_the_trace_is_that_of_the_payment(header: str, trace: str):
    assert read(header=header).header.trace == trace


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("CUR*PR*CAD*1.35~", ["foreign_currency"]),
        ("CUR*PR*eur~", ["foreign_currency"]),
        ("CUR*PR*USD~", []),
        ("CUR*PR*usd*1~", []),
    ],
)
def test_another_currency_is_never_taken_for_dollars(segment: str, expected: list[str]):
    remittance = read(header=f"TRN*1*T*1~{segment}")
    assert (problems(remittance), remittance.balanced) == (expected, not expected)


@pytest.mark.parametrize("paid", ["120", "-120"])
def test_a_reversal_with_positive_amounts_is_not_posted(paid: str):
    claim = f"CLP*A-P*22*{paid}*{paid}**12*N1~"
    (read_claim,) = read(claim, paid).claims
    assert [problem.name for problem in read_claim.problems] == (["reversal_not_negative"] if paid == "120" else [])


def test_a_claim_that_is_listed_twice_is_told():
    remittance = read(CLAIM * 2, "240")
    assert (problems(remittance), remittance.balanced) == (["claim_repeated"], True)
    assert problems(read(CLAIM + CLAIM.replace("N1*", "N2*"), "240")) == []


def test_qualifiers_and_codes_in_lower_case_are_read_as_what_they_are():
    (claim,) = read(CLAIM.replace("HC:90837:95", "hc:h0004:hj").replace("CAS*CO", "CAS*co")).claims
    (line,) = claim.lines
    assert (line.qualifier, line.procedure, line.modifiers, line.adjustments[0].group) == ("HC", "H0004", ("HJ",), "CO")


@pytest.mark.parametrize("between", ["\u00a0", "\n\u00a0", "\u00a0\n", "\ufeff"])
def test_blanks_of_any_kind_after_a_terminator_are_read_over(between: str):
    remittance = read(between=between)
    assert (problems(remittance), [claim.id for claim in remittance.claims]) == ([], ["A-P"])


def test_a_pharmacys_reject_code_is_no_remark():
    (claim,) = read(CLAIM + "LQ*RX*70~LQ*HE*N130~").claims
    assert claim.all_remarks == ("N130",)


def test_what_the_payer_sent_to_the_client_is_known():
    (claim,) = read(CLAIM.replace("CAS*PR*2*30", "CAS*PR*2*10**100*20")).claims
    assert (claim.paid_to_client_cents, claim.balanced) == (2000, True)
