"""`render`, `letters` and `facts`, as someone at a shell uses them."""

import json
import subprocess
import sys
from email import message_from_string
from email.policy import default
from pathlib import Path

import pytest

from services.notification.__main__ import COMMANDS
from services.notification.letters.letter_kinds import LETTERS
from shared.commands.command import main


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    with pytest.raises(SystemExit) as end:
        main("services.notification", COMMANDS, words)
    out, err = capsys.readouterr()
    assert isinstance(end.value.code, int)
    return end.value.code, out, err


def test_letters_lists_every_letter(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "letters")

    assert (code, json.loads(out)) == (0, list(LETTERS))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_is_shown_with_its_sample_in_every_format(
    capsys: pytest.CaptureFixture[str], name: str, language: str
):
    shown = {
        form: run(capsys, "render", name, "--sample", "--format", form, "--language", language)
        for form in ("html", "text", "subject", "eml")
    }

    assert {(code, err) for code, _, err in shown.values()} == {(0, "")}
    mail = message_from_string(shown["eml"][1], policy=default)
    assert mail["Subject"] == shown["subject"][1].strip()
    assert f'<html lang="{language}"' in shown["html"][1]
    text = next(mail.iter_parts()).get_content()
    assert text.split() == shown["text"][1].split()


def test_facts_tells_what_a_letter_needs_and_its_sample_renders(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    _, out, _ = run(capsys, "facts", "plan-unknown")
    told = json.loads(out)
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(told["sample"]))

    code, out, _ = run(capsys, "render", "plan-unknown", "--facts", str(file), "--format", "subject")

    assert (code, out) == (0, "A question about another plan\n")
    assert set(told["schema"]["required"]) == set(told["sample"])


def test_a_missing_fact_is_refused_by_name(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    file = tmp_path / "facts.json"
    file.write_text(json.dumps({"payer_name": "Bluebird", "first_name": 3, "pays_first": "yes?"}))

    code, out, err = run(capsys, "render", "plan-unknown", "--facts", str(file), "--format", "text")

    answer = json.loads(out)
    assert (code, err) == (1, "")
    assert answer["refused"] is True
    assert answer["missing"] == ["named_payer_name", "answer_url", "answer_until"]
    assert set(answer["invalid"]) == {"first_name", "pays_first"}
    assert "yes?" not in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["render", "coordination-isue", "--sample", "--format", "text"], "did you mean coordination-issue"),
        (["render", "../secrets", "--sample", "--format", "text"], "no such letter"),
        (["render", "plan-unknown", "--format", "text"], "--facts --sample is required"),
        (["render", "plan-unknown", "--sample"], "--format"),
        (["render", "plan-unknown", "--sample", "--format", "pdf"], "--format"),
        (["render", "plan-unknown", "--sample", "--format", "text", "--language", "fr"], "--language"),
        (["render", "plan-unknown", "--facts", "/no/such/file", "--format", "text"], "cannot read /no/such/file"),
        (["facts", "nothing"], "no such letter"),
        (["letter"], "invalid choice"),
    ],
)
def test_wrong_usage_is_one_clear_line(capsys: pytest.CaptureFixture[str], words: list[str], said: str):
    code, out, err = run(capsys, *words)

    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_brand_that_cannot_be_used_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BRAND_ACCENT_COLOR", "#eeeeee")

    code, _, err = run(capsys, "render", "plan-unknown", "--sample", "--format", "text")

    assert code == 2
    assert "render: BRAND: accent_color #eeeeee has a contrast of 1.1" in err


def test_facts_come_from_standard_input_too():
    command = [
        sys.executable,
        "-m",
        "services.notification",
        "render",
        "plan-unknown",
        "--facts",
        "-",
        "--format",
        "text",
    ]
    ended = subprocess.run(command, input=b"{not json", capture_output=True, check=False)

    assert ended.returncode == 2
    assert ended.stderr.startswith(b"python -m services.notification render: - is not JSON")
    assert ended.stderr.count(b"\n") == 1
