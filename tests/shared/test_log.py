"""Logs: only fields that cannot identify a person, and nothing of what libraries quote."""

import ast
import json
import logging
from pathlib import Path

import pytest
import structlog

from shared import log


@pytest.fixture
def logged(capsys):
    log.configure("probe", "info", "json")
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.getLogger().handlers.clear()


def test_a_field_that_is_not_listed_is_named_and_not_shown(logged):
    log.get().info("mailed", client_id="client-1", email="sam@example.test", member_id="W123", first_name="Sam")

    (line,) = logged()
    assert {name: line[name] for name in ("event", "service", "client_id", "email", "member_id", "first_name")} == {
        "event": "mailed",
        "service": "probe",
        "client_id": "client-1",
        "email": "(not logged)",
        "member_id": "(not logged)",
        "first_name": "(not logged)",
    }


def test_what_a_library_says_is_left_out_but_for_its_place_and_the_kind_of_error(logged):
    try:
        raise ValueError("sam@example.test")
    except ValueError:
        logging.getLogger("some.library").exception("could not insert (sam@example.test)")

    (line,) = logged()
    assert (line["name"], "sam" in json.dumps(line)) == ("some.library", False)
    assert line["reason"].startswith("ValueError at test_log.py:")


def test_a_failure_is_told_by_its_kind_and_place_and_not_by_its_text():
    with pytest.raises(KeyError) as raised:
        raise KeyError("Sam Doe")

    assert log.failure(raised.value).startswith("KeyError at test_log.py:")
    assert "Sam" not in log.failure(raised.value)


def test_a_long_text_is_cut(logged):
    log.get().info("odd", reason="x" * 10_000)

    assert len(logged()[0]["reason"]) == 500


def test_every_field_that_our_own_code_logs_is_listed():
    """One that is not would say nothing, and nobody would see it before it is needed."""
    root = Path(__file__).parents[2]
    fields: dict[str, str] = {}
    for path in [*(root / "shared").rglob("*.py"), *(root / "services").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.get()."):
                fields |= {word.arg: f"{path.name}:{node.lineno}" for word in node.keywords if word.arg is not None}

    assert len(fields) > 5
    assert {name: where for name, where in fields.items() if name not in log.ALLOWED} == {}
