import json
from pathlib import Path
from typing import Any

import pytest

from services.claims.__main__ import COMMANDS
from shared.commands.command import main


def run(capsys: pytest.CaptureFixture[str], file: Path | str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main("services.claims", {"classify": COMMANDS["classify"]}, ["classify", str(file)])
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


@pytest.fixture(autouse=True)
def _word_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["services.claims", "classify"])


def written(tmp_path: Path, document: Any) -> Path:
    file = tmp_path / "codes.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return file


def test_codes_of_one_adjustment_are_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codes = {
        "group": "CO",
        "reason": "22",
        "remarks": ["N197"],
        "claim_status": None,
        "category": None,
        "status": None,
        "entity": None,
        "our_order": ["A", "B"],
        "billed": "A",
        "other_payer_says": None,
    }

    code, out, _ = run(capsys, written(tmp_path, codes))

    assert code == 0
    assert json.loads(out) == {
        "class": "client_must_call",
        "pause": True,
        "why": "CARC 22 is explained by RARC N197; "
        "RARC N197: the subscriber must update the insurance information with the payer.",
        "codes": [
            {"system": "group", "code": "CO", "meaning": "contractual obligation"},
            {
                "system": "carc",
                "code": "22",
                "meaning": "care may be covered by another payer per coordination of benefits",
            },
            {
                "system": "rarc",
                "code": "N197",
                "meaning": "the subscriber must update the insurance information with the payer",
            },
        ],
        "contradictions": [],
        "settles": False,
        "this_payer_says": None,
    }


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param({}, "review", id="nothing said"),
        pytest.param({"adjustments": []}, "review", id="no adjustments"),
        pytest.param(
            {"adjustments": [{"group": "CO", "reason": "45", "amount_cents": 7, "line": 1}]},
            "ordinary",
            id="amounts and lines beside the codes",
        ),
        pytest.param(
            {"adjustments": [{"group": "CO", "reason": "16"}], "remarks": ["MA04"]},
            "fix_and_resend",
            id="claim remarks",
        ),
        pytest.param(
            {"reason": "45", "adjustments": [{"group": "CO", "reason": "18"}]}, "duplicate", id="one and a list"
        ),
        pytest.param({"remarks": ["MA18"]}, "forwarded", id="remarks alone"),
        pytest.param(
            {"group": "CO", "reason": "22", "our_order": ["A"], "billed": "A"}, "client_must_call", id="one plan"
        ),
    ],
)
def test_every_shape_of_input_is_answered(
    document: Any, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, written(tmp_path, document))

    assert (code, json.loads(out)["class"]) == (0, expected)


def test_a_code_that_we_have_not_sorted_still_has_its_published_meaning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, written(tmp_path, {"reason": "7", "remarks": ["N9999"]}))

    published, unheard_of = json.loads(out)["codes"]
    assert published["meaning"]
    assert unheard_of == {"system": "rarc", "code": "N9999", "meaning": None}


@pytest.mark.parametrize(
    ("document", "named"),
    [
        pytest.param("[", "not JSON", id="broken JSON"),
        pytest.param([], "the document: should be a JSON object", id="a list"),
        pytest.param('{"reason": "\\ud800"}', "half a character", id="half a character"),
        pytest.param({"reason": 22.5}, "reason", id="a fraction for a code"),
        pytest.param({"remarks": [197]}, "remarks.0", id="a number for a remark, which has a letter"),
        pytest.param({"remarks": "N197"}, "remarks", id="a string for a list"),
        pytest.param({"our_order": "A"}, "our_order", id="a string for the order"),
        pytest.param({"our_order": [1]}, "our_order.0", id="a number for a plan"),
        pytest.param({"adjustments": [{"reason": True}]}, "adjustments.0.reason", id="within an adjustment"),
        pytest.param({"claim_status": True}, "claim_status", id="a truth value for the claim status"),
    ],
)
def test_unreadable_codes_end_with_one_line_that_names_the_field(
    document: Any, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, written(tmp_path, document))

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert named in err


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param({"group": "CO", "reason": 27}, "not_covered", id="reason"),
        pytest.param({"adjustments": [{"group": "OA", "reason": 18}]}, "duplicate", id="reason in a list"),
        pytest.param({"claim_status": 19}, "forwarded", id="claim status"),
        pytest.param({"category": "A3", "status": 171, "entity": 85}, "fix_and_resend", id="status and entity"),
    ],
)
def test_a_code_of_digits_may_be_written_as_a_number(
    document: Any, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, written(tmp_path, document))

    assert (code, json.loads(out)["class"]) == (0, expected)


def test_a_missing_file_is_unreadable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, tmp_path / "none.json")

    assert (code, err.count("\n")) == (2, 1)
