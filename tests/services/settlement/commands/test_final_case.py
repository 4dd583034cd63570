"""The command `final`, on remittances as files: what is posted, what goes to a person, what cannot be read."""

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from services.settlement.__main__ import COMMANDS
from shared.commands.command import RefusedError, UnreadableInputError

PRIMARY = "CLP*SES-1*1*220*120*30*CI*ICN1*10*1~SVC*HC:90837:95*220*120**1~CAS*PR*2*30~CAS*CO*45*70~REF*6R*1~"
SECONDARY = "CLP*SES-1*2*220*24*6*CI*ICN2*10*1~SVC*HC:90837:95*220*24**1~CAS*OA*23*190~CAS*PR*2*6~REF*6R*1~"
REVERSED = "CLP*SES-1*22*-220*-24**CI*ICN2*10*1~SVC*HC:90837:95*-220*-24**1~CAS*OA*23*-190~CAS*PR*2*-6~REF*6R*1~"
CORRECTED = "CLP*SES-1*2*220*20*10*CI*ICN2B*10*1~SVC*HC:90837:95*220*20**1~CAS*OA*23*190~CAS*PR*2*10~REF*6R*1~"
OTHER = "CLP*SES-2*1*100*100**CI*ICN9*10*1~SVC*HC:90834*100*100**1~"


def remittance(claims: str, pays: str, *, payer: str = "PLAN ONE", trace: str = "TRACE1", plb: str = "") -> str:
    """An 835 of one payment, in an envelope that adds up."""
    tax = f"1{sum(payer.encode()):09d}"
    body = (
        f"ST*835*0001~BPR*I*{pays}*C*ACH*CCP*01*999999999*DA*123*{tax}**01*999988880*DA*98765*20260125~"
        f"TRN*1*{trace}*{tax}~DTM*405*20260125~N1*PR*{payer}~N1*PE*MARKET CARE*XX*1993999998~LX*1~{claims}{plb}"
    )
    count = body.count("~") + 1
    return (
        "ISA*00*          *00*          *ZZ*PAYER          *ZZ*MARKET         *260125*1200*^*00501*000000001*0*P*:~"
        f"GS*HP*PAYER*MARKET*20260125*1200*1*X*005010X221A1~{body}SE*{count}*0001~GE*1*1~IEA*1*000000001~"
    )


Answers = Sequence[tuple[str, str, str]]
P1 = ("primary", remittance(PRIMARY, "120"), "SES-1")
S1 = ("secondary", remittance(SECONDARY, "24", payer="PLAN TWO"), "SES-1")


def run(folder: Path, answers: Answers, charged: int = 3000, *, absolute: bool = False) -> Any:
    """The command's answer for these files, given as (role, text, claim)."""
    listed: list[dict[str, str]] = []
    for number, (role, text, claim) in enumerate(answers):
        (folder / f"{number}.835").write_text(text)
        name = str(folder / f"{number}.835") if absolute else f"{number}.835"
        listed.append({"role": role, "file": name, "claim": claim})
    return command(folder, {"charged_cents": charged, "adjudications": listed})


def command(folder: Path, case: dict[str, Any]) -> Any:
    path = folder / "case.json"
    path.write_text(json.dumps(case))
    return COMMANDS["final"].run(argparse.Namespace(file=str(path)))


def test_two_payers_give_the_cost_the_refund_and_nothing_to_review(tmp_path: Path) -> None:
    assert run(tmp_path, [P1, S1]) == {
        "final_cost_cents": 600,
        "refund_cents": 2400,
        "payers_paid_cents": 14400,
        "paid_cents": {"primary": 12000, "secondary": 2400},
        "patient_responsibility_cents": {"primary": 3000, "secondary": 600},
        "review": [],
        "notes": [],
    }


BOTH = remittance(PRIMARY + SECONDARY, "144")
CASES = [
    pytest.param([P1], (3000, 12000, []), id="the primary alone"),
    pytest.param([S1, P1, P1, S1], (600, 14400, []), id="out of order and twice"),
    pytest.param(
        [P1, S1, ("secondary", remittance(REVERSED + CORRECTED, "-4", payer="PLAN TWO", trace="T2"), "SES-1")],
        (1000, 14000, []),
        id="reversed and corrected in one file",
    ),
    pytest.param(
        [
            P1,
            S1,
            (
                "secondary",
                remittance(REVERSED, "0", payer="PLAN TWO", trace="T2", plb="PLB*1993999998*20261231*FB*-24~"),
                "SES-1",
            ),
        ],
        (None, 12000, ["reversal_without_correction"]),
        id="reversed only",
    ),
    pytest.param([P1, (*S1[:2], "ses-1 ")], (600, 14400, []), id="number in another case and padded"),
    pytest.param([P1, (*S1[:2], "00SES-1")], (600, 14400, []), id="number with leading zeros"),
    pytest.param(
        [
            P1,
            S1,
            (
                "secondary",
                remittance(REVERSED.replace("SES-1", "0") + CORRECTED, "-4", payer="PLAN TWO", trace="T2"),
                "SES-1",
            ),
        ],
        (1000, 14000, ["adjudicated_again"]),
        id="the reversal lost our number, the correction did not",
    ),
    pytest.param(
        [
            P1,
            S1,
            ("secondary", remittance(REVERSED.replace("SES-1", "0"), "-24", payer="PLAN TWO", trace="T2"), "SES-1"),
        ],
        (None, 12000, ["reversal_without_correction"]),
        id="a reversal that lost our number is found by the payer's",
    ),
    pytest.param([P1, (*S1[:2], "SES-10")], (None, 12000, ["claim_not_in_remittance"]), id="another claim's number"),
    pytest.param([P1, (*S1[:2], "SES")], (None, 12000, ["claim_not_in_remittance"]), id="part of a number"),
    pytest.param(
        [P1, ("secondary", remittance(OTHER, "100"), "SES-1")],
        (None, 12000, ["claim_not_in_remittance"]),
        id="foreign remittance",
    ),
    pytest.param(
        [P1, ("secondary", remittance(SECONDARY.replace("*190~", "*180~"), "24", payer="PLAN TWO"), "SES-1")],
        (None, 12000, ["remittance_unbalanced"]),
        id="the line does not add up",
    ),
    pytest.param(
        [P1, ("secondary", remittance(SECONDARY, "25", payer="PLAN TWO"), "SES-1")],
        (None, 12000, ["remittance_unbalanced"]),
        id="the payment does not add up",
    ),
    pytest.param(
        [P1, ("secondary", remittance(SECONDARY.replace("*24*6*", "*24*7*"), "24", payer="PLAN TWO"), "SES-1")],
        (None, 12000, ["patient_responsibility_disagrees"]),
        id="CLP05 is not the sum",
    ),
    pytest.param(
        [("primary", remittance(PRIMARY + OTHER, "220"), "SES-1"), S1], (600, 14400, []), id="other claims in the file"
    ),
    pytest.param(
        [("primary", remittance(PRIMARY + OTHER.replace("*100**", "*90**"), "210"), "SES-1"), S1],
        (600, 14400, []),
        id="another claim of the file does not add up",
    ),
    pytest.param(
        [P1, ("secondary", P1[1], "SES-1")],
        (None, 24000, ["one_answer_for_two_payers", "role_differs"]),
        id="the primary's file given for the secondary",
    ),
    pytest.param(
        [("primary", remittance(PRIMARY + OTHER.replace("*100**", "*90**"), "220"), "SES-1"), S1],
        (600, 14400, []),
        id="the payment is off by just what another claim is off by",
    ),
    pytest.param(
        [("primary", BOTH, "SES-1"), ("secondary", BOTH, "SES-1")],
        (600, 14400, []),
        id="one payer holds both coverages and answers under one number",
    ),
    pytest.param(
        [("primary", remittance(PRIMARY.replace("~SVC", "~MOA***MA15~SVC", 1), "120"), "SES-1")],
        (None, 12000, ["answer_incomplete"]),
        id="one piece of a separated claim",
    ),
    pytest.param([], (None, 0, ["nothing_adjudicated"]), id="nothing"),
]


@pytest.mark.parametrize(("answers", "expected"), CASES)
def test_the_final_cost_of_files(answers: Answers, expected: tuple[int | None, int, list[str]], tmp_path: Path) -> None:
    answer = run(tmp_path, answers)

    cost, paid, reasons = expected
    assert (answer["final_cost_cents"], answer["payers_paid_cents"]) == (cost, paid)
    assert answer["refund_cents"] == (None if cost is None else 3000 - cost)
    assert sorted(review["reason"] for review in answer["review"]) == reasons


def test_a_wrong_count_in_the_envelope_is_not_posted(tmp_path: Path) -> None:
    role, text, number = P1

    answer = run(tmp_path, [(role, re.sub(r"~SE\*\d+", "~SE*99", text), number)])

    assert answer["final_cost_cents"] is None
    assert [review["reason"] for review in answer["review"]] == ["remittance_incomplete"]


def test_a_claim_that_is_listed_twice_counts_once_and_is_noted(tmp_path: Path) -> None:
    answer = run(tmp_path, [("primary", remittance(PRIMARY * 2, "240"), "SES-1")])

    assert (answer["final_cost_cents"], answer["payers_paid_cents"], answer["notes"]) == (
        3000,
        12000,
        ["0.835: claim_repeated"],
    )


def test_a_remittance_that_is_cut_off_is_not_posted(tmp_path: Path) -> None:
    role, text, number = P1

    answer = run(tmp_path, [(role, text[: text.index("SE*")], number)])

    assert answer["final_cost_cents"] is None
    assert [review["reason"] for review in answer["review"]] == ["remittance_incomplete"]


def test_both_payers_remittances_may_come_in_one_file(tmp_path: Path) -> None:
    second = remittance(SECONDARY, "24", payer="PLAN TWO")
    inner = second[second.index("ST*835") : second.index("GE*1")].replace("*0001~", "*0002~")
    both = P1[1].replace("GE*1*1~", inner + "GE*2*1~")

    answer = run(tmp_path, [("primary", both, "SES-1"), ("secondary", both, "SES-1")])

    assert (answer["final_cost_cents"], answer["review"]) == (600, [])


def test_files_may_be_named_absolutely(tmp_path: Path) -> None:
    assert run(tmp_path, [P1, S1], absolute=True)["final_cost_cents"] == 600


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({"adjudications": []}, "charged_cents: is missing"),
        ({"charged_cents": -1, "adjudications": []}, "charged_cents: input should be greater than or equal to 0"),
        ({"charged_cents": 1.5, "adjudications": []}, "charged_cents: must be a whole number of cents"),
        (
            {"charged_cents": 1, "adjudications": [{"role": "first", "file": "a", "claim": "b"}]},
            "adjudications.0.role: input should be 'primary', 'secondary' or 'tertiary'",
        ),
        (
            {"charged_cents": 1, "adjudications": [{"role": "primary", "claim": "b"}]},
            "adjudications.0.file: is missing",
        ),
        (
            {"charged_cents": 1, "adjudications": [{"role": "primary", "file": "a\0b", "claim": "b"}]},
            "adjudications.0.file: must name a file",
        ),
        (
            {"charged_cents": 1, "adjudications": [{"role": "primary", "file": "", "claim": "b"}]},
            "adjudications.0.file: must name a file",
        ),
        (
            {"charged_cents": 1, "adjudications": [{"role": "primary", "file": "/nowhere/a.835", "claim": "b"}]},
            "cannot read /nowhere/a.835: No such file or directory",
        ),
        (
            {"charged_cents": 1, "adjudications": [{"role": "primary", "file": "case.json", "claim": "b"}]},
            "case.json holds no X12",
        ),
    ],
)
def test_what_cannot_be_read_is_named(case: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError) as caught:
        command(tmp_path, case)

    assert str(caught.value) == message


def test_an_absurd_charge_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as caught:
        command(tmp_path, {"charged_cents": 10**12, "adjudications": []})

    assert caught.value.document["reason"] == "amount_too_large"
