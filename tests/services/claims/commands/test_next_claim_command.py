"""`services.claims secondary`: the next payer's claim as X12, or the reason why there is none."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from services.claims.__main__ import COMMANDS
from shared.commands.command import main
from shared.x12.claim_837.reader import read_claim_files
from tests.shared.x12.referee import complaints

Run = Callable[[bytes, bytes], tuple[int, str, str]]

ISA = "ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*{receiver:<15}*260125*1000*^*00501*000000021*0*P*:"

CLAIM = """BHT*0019*00*000000011*20260106*1000*CH
NM1*41*2*MARKET*****46*MARKET
PER*IC*EDI*TE*8005550100
NM1*40*2*CLEARING HOUSE*****46*CLEARING
HL*1**20*1
PRV*BI*PXC*101YM0800X
NM1*85*2*MIND GROUP*****XX*1999999984
N3*1 MAIN ST
N4*MIAMI*FL*331110000
REF*EI*123456789
HL*2*1*22*0
SBR*P*18*GRP9******CI
NM1*IL*1*DOE*SAM****MI*A111
N3*5 OAK AVE
N4*MIAMI*FL*33111
DMG*D8*19800102*F
NM1*PR*2*PAYER ONE*****PI*P0001
CLM*SES-1001-P*220***10:B:1*Y*A*Y*Y
HI*ABK:F411
SBR*S*01*GRP2******CI
OI***Y***Y
NM1*IL*1*ROE*ALEX****MI*B222
NM1*PR*2*PAYER TWO*****PI*P0002
LX*1
SV1*HC:90837:95*220*UN*1***1
DTP*472*D8*20260105
REF*6R*SES-1001-1"""
HEADER = """BPR*I*{paid}*C*ACH*CCP***********20260125
TRN*1*TRACE1*1512345678
DTM*405*20260125
N1*PR*PAYER ONE*XV*P0001
N1*PE*MIND GROUP*XX*1999999984
LX*1"""
ANSWER = """CLP*SES-1001-P*1*220*120*30*12*2026P1ICN*10*1
NM1*QC*1*DOE*SAM****MI*A111
MOA***MA01
SVC*HC:90837:95*220*120**1
DTM*472*20260105
CAS*PR*2*30
CAS*CO*45*70
REF*6R*SES-1001-1
LQ*HE*N130"""
OTHER_ANSWER = "CLP*SOMEONE-ELSE*1*50*50*0*12*X\nNM1*QC*1*ROE*KIM****MI*Z"


def enveloped(set_id: str, functional: str, implementation: str, body: str) -> bytes:
    """`body` (a segment a line) as an interchange whose counts are right."""
    segments = body.splitlines()
    lines = [
        ISA.format(sender="P0001", receiver="MARKET"),
        f"GS*{functional}*P0001*MARKET*20260125*1000*21*X*{implementation}",
        f"ST*{set_id}*0001" + (f"*{implementation}" if set_id == "837" else ""),
        *segments,
        f"SE*{len(segments) + 2}*0001",
        "GE*1*21",
        "IEA*1*000000021",
    ]
    return "".join(f"{line}~\n" for line in lines).encode()


def remittance(*answers: str, paid: str = "120") -> bytes:
    """An 835 of `paid` with the `answers`."""
    return enveloped("835", "HP", "005010X221A1", "\n".join([HEADER.format(paid=paid), *answers]))


def claim_file(*changes: tuple[str, str]) -> bytes:
    """The primary's 837 with `changes` made."""
    body = CLAIM
    for old, new in changes:
        assert old in body
        body = body.replace(old, new)
    return enveloped("837", "HC", "005010X222A1", body)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code, standard output and standard error of the command on a claim file and a remittance file."""

    def command(claim: bytes, remit: bytes) -> tuple[int, str, str]:
        (tmp_path / "claim.837").write_bytes(claim)
        (tmp_path / "remit.835").write_bytes(remit)
        arguments = ["--claim", str(tmp_path / "claim.837"), "--remit", str(tmp_path / "remit.835")]
        with pytest.raises(SystemExit) as left:
            main("services.claims", {"secondary": COMMANDS["secondary"]}, ["secondary", *arguments])
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return command


def answer(*changes: tuple[str, str]) -> str:
    """The payer's answer with `changes` made."""
    text = ANSWER
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


ALL_DENIED = (("*1*220*120*30*", "*4*220*0*0*"), ("*220*120**1", "*220*0**1"))
REVERSAL = "CLP*SES-1001-P*22*-220*-100**12*OLD*10*1\nCAS*CO*45*-120\nNM1*QC*1*DOE*SAM****MI*A111"


def denied(*adjustments: str, remark: str = "N130") -> str:
    """An answer that pays nothing, for the reasons of `adjustments`."""
    cas = "\n".join(adjustments)
    patient = "220" if cas.startswith("CAS*PR") else "0"
    return answer(
        *ALL_DENIED,
        ("*220*0*0*", f"*220*0*{patient}*"),
        ("CAS*PR*2*30\nCAS*CO*45*70", cas),
        ("LQ*HE*N130", f"LQ*HE*{remark}"),
    )


def test_the_secondarys_claim_is_printed_and_the_referee_accepts_it(run: Run):
    code, printed, errors = run(claim_file(), remittance(ANSWER))
    assert (code, errors) == (0, "")
    assert complaints(printed.encode()) == []
    ((claim,),) = [batch.claims for batch in read_claim_files(printed.encode())]
    assert (claim.id, claim.responsibility, claim.payer.id, claim.balanced) == ("SES-1001-S", "S", "P0002", True)
    assert (claim.other_payers[0].paid_cents, claim.other_payers[0].patient_responsibility_cents) == (12000, 3000)


def test_whom_to_ask_and_who_rendered_a_line_go_on_to_the_next_payer(run: Run):
    rendering = "NM1*82*1*LINDEN*IDA****XX*1888888887\nPRV*PE*PXC*101YM0800X"
    code, printed, _ = run(
        claim_file(
            ("PER*IC*EDI*TE*8005550100", "PER*IC*BILLING DESK*EM*DESK@MARKET.EXAMPLE*TE*3055550199"),
            ("REF*6R*SES-1001-1", f"REF*6R*SES-1001-1\n{rendering}\nREF*G2*P1-77"),
        ),
        remittance(ANSWER),
    )
    assert (code, complaints(printed.encode())) == (0, [])
    segments = printed.replace("\n", "").split("~")
    assert [segment for segment in segments if segment.startswith("PER*")] == ["PER*IC*BILLING DESK*TE*3055550199"]
    at = segments.index("REF*6R*SES-1001-1")
    assert segments[at + 1 : at + 3] == rendering.split("\n")
    assert segments[at + 3].startswith("SVD*")


@pytest.mark.parametrize(
    ("remit", "paid"),
    [
        pytest.param(answer(("SES-1001-P", " ses-1001-p ")), "120", id="case and padding"),
        pytest.param(f"{OTHER_ANSWER}\n{ANSWER}", "170", id="other claims in the file"),
        pytest.param(f"{REVERSAL}\n{ANSWER}", "20", id="reversal and correction"),
        pytest.param(f"{ANSWER}\n{REVERSAL}", "20", id="correction first"),
        pytest.param(answer(("REF*6R*SES-1001-1\n", "")), "120", id="no line control"),
        pytest.param(answer(("CAS*CO*45*70", "CAS*CO*45*60**253*10")), "120", id="sequestration"),
        pytest.param(denied("CAS*PR*96*220"), "0", id="not covered, patient's"),
        pytest.param(denied("CAS*CO*96*220"), "0", id="not covered, contractual"),
        pytest.param(denied("CAS*PR*119*220"), "0", id="benefit maximum"),
        pytest.param(
            answer(("\nSVC*HC:90837:95*220*120**1\nDTM*472*20260105", ""), ("\nREF*6R*SES-1001-1\nLQ*HE*N130", "")),
            "120",
            id="claim level only",
        ),
    ],
)
def test_a_claim_follows(run: Run, remit: str, paid: str):
    code, printed, _ = run(claim_file(), remittance(remit, paid=paid))
    assert code == 0, printed
    assert [batch.balanced for batch in read_claim_files(printed.encode())] == [True]


@pytest.mark.parametrize(
    ("claim", "remit", "paid", "reason"),
    [
        pytest.param((), answer(("*1*220*120", "*19*220*120")), "120", "crossed_over", id="status 19"),
        pytest.param((), answer(("MOA***MA01", "MOA***MA18")), "120", "crossed_over", id="MA18"),
        pytest.param((), answer(("MOA***MA01", "NM1*TT*2*X*****PI*9")), "120", "crossed_over", id="NM1*TT"),
        pytest.param((), answer(("CAS*CO*45*70", "CAS*CO*45*60")), "120", "unbalanced", id="line off"),
        pytest.param((), answer(("*120*30*12*", "*120*25*12*")), "120", "unbalanced", id="CLP05 off"),
        pytest.param((), ANSWER, "100", "unbalanced", id="payment off"),
        pytest.param((), OTHER_ANSWER, "50", "remittance_of_another_claim", id="another claim"),
        pytest.param((), REVERSAL, "-100", "reversed_without_correction", id="taken back"),
        pytest.param((), answer(("*1*220*120", "*25*220*120")), "120", "predetermination", id="predetermination"),
        pytest.param((), answer(("*1*220*120", "*2*220*120")), "120", "processed_in_another_role", id="as secondary"),
        pytest.param(
            (),
            answer(("*120*30*12*", "*150*0*12*"), ("*220*120**1", "*220*150**1"), ("CAS*PR*2*30\n", "")),
            "150",
            "nothing_left_to_pay",
            id="nothing left",
        ),
        pytest.param((), denied("CAS*CO*22*220", remark="N197"), "0", "denied_client_must_call", id="N197"),
        pytest.param((), denied("CAS*CO*29*220"), "0", "denied_filed_too_late", id="timely filing"),
        pytest.param((), denied("CAS*CO*18*220"), "0", "denied_as_duplicate", id="duplicate"),
        pytest.param((), denied("CAS*PR*27*220"), "0", "denied_not_eligible", id="coverage ended"),
        pytest.param((), denied("CAS*CO*16*220", remark="MA04"), "0", "denied_to_be_fixed", id="primary's data"),
        pytest.param((), denied("CAS*CO*252*220", remark="N4"), "0", "denied_to_be_fixed", id="attachment"),
        pytest.param((), denied("CAS*CO*999*220"), "0", "needs_review", id="unknown reason"),
        pytest.param((), answer(("CAS*CO*45*70", "CAS*OA*20*70")), "120", "needs_review", id="a liability carrier"),
        pytest.param((("HL*1**20*1", "HL*1**20*1\nCUR*85*CAD"),), ANSWER, "120", "unbalanced", id="another currency"),
        pytest.param((), answer(("LQ*HE*N130", "LQ*HE*ZZ9")), "120", "needs_review", id="unknown remark"),
        pytest.param((("SBR*S*01", "SBR*P*01"),), ANSWER, "120", "no_other_payer", id="the other payer is not later"),
        pytest.param((("SV1*HC:90837:95*220", "SV1*HC:90837:95*210"),), ANSWER, "120", "unbalanced", id="claim off"),
        pytest.param(
            (),
            answer(("NM1*QC*1*DOE*SAM****MI*A111", "NM1*QC*1*POE*EVE****MI*Z999")),
            "120",
            "remittance_of_another_claim",
            id="another patient",
        ),
        pytest.param(
            (), answer(("DTM*472*20260105", "DTM*472*20260112")), "120", "remittance_of_another_claim", id="another day"
        ),
        pytest.param((("SBR*S*01*GRP2", "SBR*S**GRP2"),), ANSWER, "120", "edits_failed", id="relation not stated"),
    ],
)
def test_no_claim_follows_and_the_reason_is_given(
    run: Run, claim: tuple[tuple[str, str], ...], remit: str, paid: str, reason: str
):
    code, printed, errors = run(claim_file(*claim), remittance(remit, paid=paid))
    document = json.loads(printed)
    assert (code, document["refused"], document["reason"], errors) == (1, True, reason, "")
    assert document["why"]


def test_a_remittance_that_lost_its_end_is_refused(run: Run):
    cut = remittance(ANSWER).replace(b"SE*17", b"SE*19")
    code, printed, _ = run(claim_file(), cut)
    assert (code, json.loads(printed)["reason"]) == (1, "remittance_incomplete")


def test_a_claim_whose_file_lost_its_end_is_refused(run: Run):
    code, printed, _ = run(re.sub(rb"SE\*\d+", b"SE*40", claim_file()), remittance(ANSWER))
    assert (code, json.loads(printed)["reason"]) == (1, "claim_incomplete")


@pytest.mark.parametrize(
    "named", ["NM1*QC*1*DOE-SMITH*SAM", "NM1*QC*1*DOE*SAMUEL", "NM1*QC*1*POE*EVE****MI*a 111", "NM1*QC*1"]
)
def test_half_a_name_or_the_member_id_is_enough_to_be_the_patient(run: Run, named: str):
    code, _, _ = run(claim_file(), remittance(answer(("NM1*QC*1*DOE*SAM****MI*A111", named))))
    assert code == 0


def test_every_id_that_the_partners_agreed_stays_where_it_was(run: Run):
    claim = claim_file(("46*MARKET\n", "46*SUBM4242\n"), ("46*CLEARING\n", "46*RCVR9090\n"))
    claim = claim.replace(b"GS*HC*P0001*MARKET*", b"GS*HC*GSSEND*GSRECV*")
    _, printed, _ = run(claim, remittance(ANSWER))
    segments = [segment.split("*") for segment in printed.replace("\n", "").split("~")]
    named = {segment[1]: segment[9] for segment in segments if segment[0] == "NM1" and segment[1] in ("40", "41")}
    isa, gs = segments[0], segments[1]
    assert named == {"41": "SUBM4242", "40": "RCVR9090"}
    assert (gs[2:4], [isa[6].strip(), isa[8].strip()]) == (["GSSEND", "GSRECV"], ["P0001", "MARKET"])


FIRST_PIECE = answer(("MOA***MA01\n", ""))
SECOND_PIECE = """CLP*SES-1001-P*1*20*8*2*12*2026P1ICN2*10*1
SVC*HC:90785*20*8**1
CAS*PR*2*2
CAS*CO*45*10
REF*6R*SES-1001-2"""
TWO_LINES = (
    ("CLM*SES-1001-P*220", "CLM*SES-1001-P*240"),
    ("REF*6R*SES-1001-1", "REF*6R*SES-1001-1\nLX*2\nSV1*HC:90785*20*UN*1***1\nDTP*472*D8*20260105\nREF*6R*SES-1001-2"),
)


def test_a_claim_that_the_payer_split_goes_on_as_one(run: Run):
    code, printed, _ = run(claim_file(*TWO_LINES), remittance(FIRST_PIECE, SECOND_PIECE, paid="128"))
    assert (code, complaints(printed.encode())) == (0, [])
    ((claim,),) = [batch.claims for batch in read_claim_files(printed.encode())]
    (before,) = claim.other_payers
    assert (claim.charge_cents, before.paid_cents, [line.paid_cents for line in before.lines]) == (
        24000,
        12800,
        [12000, 800],
    )


def test_one_piece_alone_is_not_the_claim(run: Run):
    code, printed, _ = run(claim_file(*TWO_LINES), remittance(FIRST_PIECE))
    assert (code, json.loads(printed)["refused"]) == (1, True)


def test_a_payer_that_holds_both_coverages_is_asked_by_the_claims_level(run: Run):
    second = answer(("*1*220*120*30*12*2026P1ICN", "*2*220*24*6*12*2026P2ICN"), ("*220*120**1", "*220*24**1"))
    second = second.replace("CAS*PR*2*30\nCAS*CO*45*70", "CAS*OA*23*190\nCAS*PR*2*6")
    code, printed, _ = run(claim_file(), remittance(ANSWER, second, paid="144"))
    ((claim,),) = [batch.claims for batch in read_claim_files(printed.encode())]
    assert (code, claim.other_payers[0].paid_cents) == (0, 12000)


def test_of_several_claims_each_gets_its_own_and_the_refused_are_told(run: Run):
    second = CLAIM[CLAIM.index("HL*2") :].replace("SES-1001", "SES-1002").replace("HL*2*1", "HL*3*1")
    claims = enveloped("837", "HC", "005010X222A1", f"{CLAIM}\n{second}")
    crossed = ANSWER.replace("SES-1001", "SES-1002").replace("*1*220*120", "*19*220*120")
    code, printed, errors = run(claims, remittance(ANSWER, crossed, paid="240"))
    assert (code, errors.startswith("claim SES-1002-P: crossed_over")) == (0, True)
    assert [claim.id for batch in read_claim_files(printed.encode()) for claim in batch.claims] == ["SES-1001-S"]


@pytest.mark.parametrize(
    ("claim", "remit", "line"),
    [
        pytest.param(b"nothing", remittance(ANSWER), "holds no 837 claim", id="no claim"),
        pytest.param(claim_file(), b"nothing", "holds no 835", id="no remittance"),
        pytest.param(remittance(ANSWER), claim_file(), "holds no 837 claim", id="the wrong way round"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_exit_2(run: Run, claim: bytes, remit: bytes, line: str):
    code, printed, errors = run(claim, remit)
    assert (code, printed, errors.count("\n")) == (2, "", 1)
    assert line in errors
