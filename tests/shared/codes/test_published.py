"""The code tables: versioned data that can be replaced, and unknown codes that are kept and shown."""

import json
from pathlib import Path

import pytest

from shared.codes import published
from shared.x12.benefits_271.other_coverage import MENTAL_HEALTH
from shared.x12.next_payer.next_claim import PENDING_STATUSES
from shared.x12.remittance_835.remittance import FORWARDED_STATUSES


@pytest.mark.parametrize("name", published.names())
def test_every_table_has_a_version_a_source_and_texts_of_its_own(name: str):
    table = published.table(name)
    assert (table.name, bool(table.version), bool(table.source), bool(table.codes)) == (name, True, True, True)
    assert all(code == code.strip() and text and len(text) < 200 for code, text in table.codes.items())


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("claim_payment_status", FORWARDED_STATUSES | PENDING_STATUSES),
        ("service_type", frozenset(MENTAL_HEALTH)),
    ],
)
def test_every_code_that_a_rule_names_is_in_its_table(name: str, used: frozenset[str]):
    assert [code for code in sorted(used) if not published.table(name).known(code)] == []


def test_an_unknown_code_is_shown_and_does_not_exist():
    table = published.table("rarc")
    assert (table.known("ZZ9"), table.exists("ZZ9"), table.text("ZZ9")) == (False, False, "unknown code ZZ9")


def test_a_published_code_without_a_paraphrase_exists_without_being_known():
    table = published.table("rarc")
    assert (table.known("N734"), table.exists("N734"), table.exists("N99999")) == (False, True, False)


def test_a_folder_replaces_single_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    newer = {"name": "carc", "version": "2027-03", "codes": {"999": "a code from next year"}}
    (tmp_path / "carc.json").write_text(json.dumps(newer))
    monkeypatch.setenv(published.SETTING, str(tmp_path))
    assert (published.table("carc").version, published.table("carc").text("999")) == (
        "2027-03",
        "a code from next year",
    )
    assert published.table("rarc").known("N197")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"name": "carc"}', '{"name": "x", "version": "1", "codes": {}, "also_exist": ["M"]}']
)
def test_a_table_that_cannot_be_read_is_named(tmp_path: Path, text: str):
    (tmp_path / "carc.json").write_text(text)
    with pytest.raises(published.UnreadableCodeTableError, match="carc"):
        published.table("carc", tmp_path)


def test_a_table_that_is_not_there_is_named():
    with pytest.raises(published.UnreadableCodeTableError, match="nonsense"):
        published.table("nonsense")
