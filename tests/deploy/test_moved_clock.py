"""What integrators do with the embedded stack: move its clock, source its addresses, start it again."""

import json
import os
import re

import pytest

from deploy.embedded import keeper, moved_clock, sourced
from deploy.embedded.keeper import Keeper
from deploy.embedded.stack import Stack


@pytest.fixture
def up(monkeypatch, tmp_path):
    """A stack that says it is up."""
    state = Keeper("up", 1, 0.0, ready=True, clock=str(tmp_path / "clock"))
    monkeypatch.setattr(keeper, "running", lambda: [state])
    monkeypatch.setenv("CLOCK_OFFSET_FILE", state.clock)
    return tmp_path / "clock"


def test_the_clock_is_shown_and_moved(up, capsys):
    moved_clock.main([])
    before = capsys.readouterr().out
    moved_clock.main(["30"])

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n", before)
    assert float(up.read_text()) == 30 * 86_400


@pytest.mark.parametrize("days", ["-1", "soon", "1e9"])
def test_what_is_no_number_of_days_moves_nothing(up, capsys, days):
    with pytest.raises(SystemExit):
        moved_clock.main([days])

    assert not up.exists()
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_sourced_env_does_not_reach_the_next_stack(monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("DATABASE_URL_CLAIMS", "mine")
    monkeypatch.setenv(sourced.SOURCED, "KAFKA_BOOTSTRAP_SERVERS")

    Stack.start(kafka=False, postgres=False, inbox=False).stop()

    kept = {name: os.environ.get(name) for name in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL_CLAIMS", sourced.SOURCED)}
    assert json.dumps(kept) == json.dumps(
        {"KAFKA_BOOTSTRAP_SERVERS": None, "DATABASE_URL_CLAIMS": "mine", sourced.SOURCED: None}
    )
