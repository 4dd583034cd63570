"""The commands `issues list` and `issues show`: what an operator reads, and how they refuse."""

from typing import Any

import pytest

from services.coverage.__main__ import COMMANDS
from services.coverage.commands import issues as issue_commands
from shared.commands.command import RefusedError, main
from tests.services.coverage.coverage_events import (
    CLIENT,
    OWN,
    SPOUSES,
    TODAY,
    WRONG_ORDER,
    confirmed,
    questioned,
    ready,
    reported,
    session,
)


async def test_the_open_issues_with_their_age_and_nothing_personal(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, WRONG_ORDER, reported(OWN), reported(SPOUSES), session())
    await sut.given(questioned(), questioned(SPOUSES, level="secondary"), confirmed())
    await sut.passes(days=5)

    async with sut.pool.acquire() as connection:
        listed = await issue_commands.listed(connection, sut.clock.now.date(), closed=False)
        shown = await issue_commands.shown(connection, "c1", sut.clock.now.date())

    assert [(issue["payer_id"], issue["payer_name"], issue["state"], issue["age_days"]) for issue in listed] == [
        ("P1", "Plan One", "answered", 5),
        ("P2", "Plan Two", "open", 5),
    ]
    assert listed[0]["codes"] == ["22", "N197"]
    assert (shown["paused_on"], len(shown["issues"]), [step["name"] for step in shown["next"]]) == (
        TODAY.isoformat(),
        2,
        ["reminder"],
    )
    assert shown["issues"][0]["has_reference_number"]
    assert "REF-77" not in str(shown)
    assert "Sam" not in str(shown)


async def test_an_unknown_pause_is_refused(service_under_test: Any):
    sut = await ready(service_under_test)

    async with sut.pool.acquire() as connection:
        with pytest.raises(RefusedError, match="unknown_pause"):
            await issue_commands.shown(connection, "nobody", TODAY)


@pytest.mark.parametrize("url", ["", "postgresql://nobody@127.0.0.1:1/nothing", "not a url"])
def test_without_a_database_one_line_says_what_to_set(monkeypatch: pytest.MonkeyPatch, capsys: Any, url: str):
    monkeypatch.setenv("DATABASE_URL_COVERAGE", url)

    with pytest.raises(SystemExit, match="2"):
        main("services.coverage", COMMANDS, ["issues", "list"])

    said = capsys.readouterr().err
    assert ("DATABASE_URL_COVERAGE" in said, said.count("\n")) == (True, 1)


def test_nothing_among_the_commands_unpauses():
    shared = {"run", "parked", "dead", "migrate", "backed-up", "seal", "unseal", "rebuild", "erase"}
    assert set(COMMANDS) == {"issues", "benefits", "explain", "rules"} | shared
