"""277CAs, 277s, 276s: read from the shapes that payers send, written and read back."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from shared.x12.claim_status_277.reader import read_claim_status_files, read_status_inquiries
from shared.x12.claim_status_277.status import ClaimStatus, ClaimStatusReport, Outcome, Status, StatusInquiry, outcome
from shared.x12.claim_status_277.writer import write_claim_statuses, write_status_inquiries
from shared.x12.syntax.envelope import EnvelopeReader
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Party
from tests.shared.x12.sample_files import sample

ENVELOPE = Envelope("STATE", "MARKET", 93, datetime(2026, 1, 11, 10))  # noqa: DTZ001
DAY = date(2026, 1, 11)
PAYER = Party("STATE PLAN", "", "141797", "PI")
RECEIVER = Party("MARKET", "", "MARKET", "46")
PROVIDER = Party("OAK STREET COUNSELING", "", "1999999984", "XX")


def test_a_277ca_gives_every_claim_its_outcome():
    (report,) = read_claim_status_files(sample("status_277ca"))
    outcomes = [(claim.id, claim.outcome, claim.decisive and claim.decisive.category) for claim in report.claims]
    assert outcomes == [
        ("SES-1-P", Outcome.ACCEPTED, "A2"),
        ("SES-2-P", Outcome.REJECTED, "A7"),
        ("SES-3-P", Outcome.REVIEW, "A9"),
    ]
    assert report.claims[0] == ClaimStatus(
        "SES-1-P",
        (Status("A2", "20", "", DAY, "WQ", 12500),),
        payer_claim_id="1107000000014420",
        patient=Party("BIRCH", "MARY", "LL1", "MI"),
        service_from=date(2026, 1, 5),
        charge_cents=12500,
    )
    assert [(batch.id, batch.level) for batch in report.batches] == [("000000674", "batch")]
    assert (report.acknowledgment, report.payer, report.receiver, report.provider) == (True, PAYER, RECEIVER, PROVIDER)


def test_a_277_answers_an_inquiry_down_to_the_line():
    (report,) = read_claim_status_files(sample("status_277"))
    denied, pending = report.claims
    assert (denied.id, denied.patient_control, denied.payer_claim_id) == ("TRACE-1", "SES-1-P", "ICN5")
    assert (denied.outcome, denied.paid_cents) == (Outcome.FINALIZED, 0)
    assert denied.lines == (("SES-1-1", (Status("F2", "171", "IL", date(2026, 3, 10)),)),)
    assert (pending.id, pending.outcome, pending.patient) == ("SES-9-P", Outcome.PENDING, Party("ASH", "KID"))
    assert not report.acknowledgment


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        ("A2", Outcome.ACCEPTED),
        ("A0", Outcome.PENDING),
        ("A1", Outcome.PENDING),
        ("A1 A2", Outcome.ACCEPTED),
        ("A3", Outcome.REJECTED),
        ("A2 A7", Outcome.REJECTED),
        ("A4", Outcome.NOT_FOUND),
        ("A5", Outcome.PENDING),
        ("A6", Outcome.REJECTED),
        ("A8", Outcome.REJECTED),
        ("P1", Outcome.PENDING),
        ("R4", Outcome.PENDING),
        ("F2", Outcome.FINALIZED),
        ("D0", Outcome.NOT_FOUND),
        ("E1", Outcome.REVIEW),
        ("ZZ", Outcome.REVIEW),
        ("", Outcome.REVIEW),
    ],
)
def test_the_category_decides_and_the_gravest_wins(categories: str, expected: Outcome):
    assert outcome(tuple(Status(category, action="WQ") for category in categories.split())) is expected


def test_the_action_code_does_not_outweigh_the_category():
    assert outcome((Status("A7", "562", "85", action="WQ"),)) is Outcome.REJECTED
    assert outcome((Status("A2", "20", action="U"),)) is Outcome.ACCEPTED


@pytest.mark.parametrize("acknowledgment", [True, False])
def test_statuses_that_are_written_are_read_back(acknowledgment: bool):
    claim = ClaimStatus(
        "SES-1-P",
        (Status("A2", "20", "PR", DAY, "WQ", 12500, "SEE PORTAL"),),
        payer_claim_id="ICN1",
        patient=Party("DOE", "SAM", "A1", "MI"),
        lines=(("SES-1-1", (Status("A2", "20", "", DAY),)),),
        service_from=date(2026, 1, 5),
        charge_cents=12500,
        clearinghouse_trace="D9TRACE",
        patient_control="SES-1-P",
    )
    batch = ClaimStatus("REF1", (Status("A1", "19", "PR", DAY, "WQ", 12500),), charge_cents=12500, level="batch")
    report = ClaimStatusReport((claim,), (batch,), acknowledgment, PAYER, RECEIVER, PROVIDER, "REF1", DAY)
    assert read_claim_status_files(write_claim_statuses([report], ENVELOPE)) == (report,)


def test_a_group_holds_one_kind_of_277():
    report = ClaimStatusReport(())
    with pytest.raises(ValueError, match="either"):
        write_claim_statuses([report, replace(report, acknowledgment=False)], ENVELOPE)


INQUIRY = StatusInquiry(
    "SES-1-P",
    PAYER,
    RECEIVER,
    PROVIDER,
    Party("BIRCH", "MARY", "LL1", "MI"),
    date(1983, 5, 19),
    "F",
    payer_claim_id="ICN5",
    charge_cents=12500,
    service_from=date(2026, 1, 5),
)


def read_276(data: bytes) -> list[StatusInquiry]:
    return [
        inquiry for transaction in EnvelopeReader(data).transactions() for inquiry in read_status_inquiries(transaction)
    ]


def test_a_276_is_read():
    assert read_276(sample("status_inquiry_276")) == [INQUIRY]


def test_status_inquiries_that_are_written_are_read_back():
    child = replace(INQUIRY, id="SES-2-P", dependent=Party("BIRCH", "KID"), dependent_birth_date=date(2015, 1, 1))
    assert read_276(write_status_inquiries([INQUIRY, child], ENVELOPE)) == [INQUIRY, child]


@pytest.mark.parametrize(
    ("stc", "expected", "accepted"),
    [
        pytest.param("A2:20*20260106*WQ*220", Outcome.ACCEPTED, True, id="accepted"),
        pytest.param("A2:20*20260106*WQ*220******A7:85", Outcome.REVIEW, None, id="accepts, and refuses in STC10"),
        pytest.param("A7:85*20260106*U*220******A2:20", Outcome.REVIEW, None, id="refuses, and accepts in STC10"),
        pytest.param("A7:85*20260106*U*220******A3:21", Outcome.REJECTED, False, id="refuses twice"),
        pytest.param("A1:20*20260106", Outcome.PENDING, None, id="received"),
        pytest.param("P1:20*20260106", Outcome.PENDING, None, id="in process"),
        pytest.param("F1:65*20260106**220*120", Outcome.FINALIZED, None, id="paid"),
        pytest.param("F2:88*20260106**220*0", Outcome.FINALIZED, False, id="denied"),
    ],
)
def test_what_a_status_says_of_the_claim(stc: str, expected: Outcome, accepted: bool | None):
    body = (
        f"HL*1**20*1~NM1*PR*2*P~HL*2*1*21*1~NM1*41*2*M~HL*3*2*19*1~NM1*85*2*B~HL*4*3*PT~NM1*QC*1*D~TRN*2*S-P~STC*{stc}~"
    )
    (report,) = read_claim_status_files(f"ST*277*1*005010X214~BHT*0085*08*1*20260106~{body}SE*13*1~".encode())
    (claim,) = report.claims
    assert (claim.outcome, claim.accepted) == (expected, accepted)
