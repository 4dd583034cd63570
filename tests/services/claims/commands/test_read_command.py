"""`services.claims read`: the document operators script against, and its exit code."""

import json
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from services.claims.__main__ import COMMANDS
from services.claims.commands.read import file_document
from shared.commands.command import main
from shared.x12.document.interchange import read_file

ROOT = Path(__file__).parents[4]
Run = Callable[..., tuple[int, Any, str]]
FILES = ROOT / "tests" / "shared" / "x12" / "files"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Exit code, document (None when nothing was printed) and standard error of the command."""

    def command(*arguments: str, given: bytes = b"") -> tuple[int, Any, str]:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(given)))
        with pytest.raises(SystemExit) as left:
            main("services.claims", {"read": COMMANDS["read"]}, ["read", *arguments])
        said = capsys.readouterr()
        return int(left.value.code or 0), json.loads(said.out) if said.out else None, said.err

    return command


def transaction(name: str, number: int = 0) -> dict[str, Any]:
    """The document of a transaction set of the fixture `name`."""
    document = file_document(read_file((FILES / f"{name}.edi").read_bytes()))
    return [transaction for interchange in document["interchanges"] for transaction in interchange["transactions"]][
        number
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("remittance_reversal_correction", 0),
        ("remittance_secondary", 0),
        ("remittance_unbalanced", 1),
        ("remittance_bare_set", 1),
        ("benefits_medicare", 0),
    ],
)
def test_the_exit_code_says_whether_it_may_be_posted(run: Run, name: str, code: int):
    exit_code, document, errors = run(str(FILES / f"{name}.edi"))
    assert (exit_code, errors) == (code, "")
    assert document == file_document(read_file((FILES / f"{name}.edi").read_bytes()))


@pytest.mark.parametrize(
    ("arguments", "given", "line"),
    [
        pytest.param(("-",), b"hello", "holds no X12 transaction set", id="not X12"),
        pytest.param(("-",), b"", "holds no X12 transaction set", id="empty"),
        pytest.param(("/no/such/file",), b"", "No such file", id="no file"),
        pytest.param(("/",), b"", "Is a directory", id="folder"),
        pytest.param((), b"", "required", id="no argument"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_exit_2(run: Run, arguments: tuple[str, ...], given: bytes, line: str):
    exit_code, document, errors = run(*arguments, given=given)
    assert (exit_code, document, errors.count("\n")) == (2, None, 1)
    assert line in errors


def test_standard_input_is_read(run: Run):
    exit_code, document, _ = run("-", given=(FILES / "acknowledgment_999.edi").read_bytes())
    sets = document["interchanges"][0]["transactions"][0]["sets"]
    assert (exit_code, [(transaction["control"], transaction["accepted"]) for transaction in sets]) == (
        0,
        [("0001", True), ("0002", False)],
    )


def test_a_remittance_has_the_promised_fields():
    document = transaction("remittance_forwarded")
    claim = document["claims"][0]
    assert (document["set"], document["payment_cents"], document["trace"], document["balanced"]) == (
        "835",
        8000,
        "32",
        True,
    )
    assert document["provider_adjustments"] == []
    assert {name: claim[name] for name in ("id", "status", "charge_cents", "paid_cents", "payer_claim_id")} == {
        "id": "SES-20-P",
        "status": "19",
        "charge_cents": 15000,
        "paid_cents": 8000,
        "payer_claim_id": "ICN20",
    }
    assert (claim["patient_responsibility_cents"], claim["forwarded"], claim["crossover_to"]) == (
        2000,
        True,
        {"name": "MEDIGAP MUTUAL", "id": "60054"},
    )
    assert claim["adjustments"] == [
        {"group": "CO", "reason": "45", "amount_cents": 5000, "quantity": None, "line": 1},
        {"group": "PR", "reason": "2", "amount_cents": 2000, "quantity": None, "line": 1},
    ]
    assert claim["lines"][0]["adjustments"] == claim["adjustments"]
    assert {name: claim["lines"][0][name] for name in ("procedure", "modifiers", "control", "allowed_cents")} == {
        "procedure": "90837",
        "modifiers": [],
        "control": "SES-20-1",
        "allowed_cents": None,
    }
    assert (claim["remarks"], claim["balanced"], claim["problems"]) == (["MA01", "MA18"], True, [])


def test_a_problem_says_what_is_off_by_how_much_and_where():
    assert transaction("remittance_unbalanced")["claims"][2]["problems"] == [
        {
            "problem": "patient_responsibility_differs",
            "text": "CLP05 and the sum of the PR adjustments differ by 5",
            "kind": "balance",
            "segment": "CLP",
            "position": 19,
            "off_by_cents": 500,
        }
    ]


def test_a_claim_names_its_other_payers_with_their_decisions():
    (claim,) = transaction("claim_secondary")["claims"]
    (other,) = claim["other_payers"]
    assert (claim["responsibility"], claim["frequency"], claim["place"], claim["diagnoses"]) == (
        "S",
        "1",
        "11",
        ["F411", "F329", "Z630"],
    )
    assert (other["responsibility"], other["payer_id"], other["paid_cents"], other["adjudicated_on"]) == (
        "P",
        "999996666",
        5000,
        "2026-01-13",
    )
    assert [
        (adjustment["group"], adjustment["amount_cents"], adjustment["line"]) for adjustment in other["adjustments"]
    ] == [
        ("PR", 2150, None),
        ("PR", 1500, None),
        ("CO", 300, 1),
    ]
    assert [line["paid_cents"] for line in other["lines"]] == [4000, 4650]


def test_an_eligibility_answer_names_the_plans_that_count():
    document = transaction("benefits_medicaid_4010")
    assert (document["active"], document["coordination"], document["rejections"]) == ("active", "role_not_stated", [])
    assert [(payer["role"], payer["name"], payer["member_id"]) for payer in document["other_payers"]] == [
        (None, "LIVE INSURER", "W-55"),
        (None, "TOOTH PLAN", None),
        (None, None, "1EG4TE5MK73"),
    ]
    assert [payer["name"] for payer in document["ignored_other_payers"]] == ["FORMER INSURER"]
    medicare = transaction("benefits_medicare")["other_payers"]
    assert [(payer["role"], payer["name"], payer["coordination_date"]) for payer in medicare] == [
        ("primary", "EMPLOYER PLAN INC", "2021-01-01"),
        ("primary", "ADVANTAGE PLUS", "2022-01-01"),
    ]


def test_a_rejected_inquiry_is_unknown_and_never_inactive():
    rejected = [transaction("benefits_rejected", number) for number in range(3)]
    assert [(answer["active"], [rejection["reason"] for rejection in answer["rejections"]]) for answer in rejected] == [
        ("unknown", ["75"]),
        ("unknown", ["42"]),
        ("inactive", []),
    ]


def test_claim_statuses_say_accepted_for_a2_alone():
    claims = transaction("status_277ca")["claims"]
    assert [
        (claim["id"], claim["category"], claim["status"], claim["entity"], claim["accepted"]) for claim in claims
    ] == [
        ("SES-1-P", "A2", "20", None, True),
        ("SES-2-P", "A7", "562", "85", False),
        ("SES-3-P", "A9", "999", None, None),
    ]


def test_an_inquiry_is_listed_with_its_trace():
    inquiries = transaction("inquiry_270")["inquiries"]
    assert [
        (inquiry["trace"], inquiry["on"], inquiry["service_types"], inquiry["dependent"]) for inquiry in inquiries
    ] == [
        ("TR-1", "2026-01-05", ["30", "MH"], False),
        ("TR-6", "2026-01-06", ["30"], True),
    ]
