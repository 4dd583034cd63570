"""A client asks to be forgotten while a claim is open: all erase once nothing is, and nothing brings them back."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from unittest import mock

import pytest

from shared import log
from shared.events.erasure import (
    ClaimsErased,
    CoverageErased,
    CoverageErasureWaits,
    ErasureRequested,
    NotificationErased,
    SettlementErased,
)
from shared.events.settlement import RefundIssued
from shared.events.upstream import MessageRefused
from tests.simulation import generating, running, world
from tests.simulation.databases import Databases
from tests.simulation.facts import FIRST_DAY
from tests.simulation.marked import PERSONAL, MarkedFacts, stored
from tests.simulation.moves import Move, Plan
from tests.simulation.world import World

ASKED, LATER = 2.0, 300.0


class LeavingWorld(World):
    """The client asks to be forgotten two days after the session, and upstream does not know it much later."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        asked = ErasureRequested(client_id=self.name, requested_on=FIRST_DAY + timedelta(days=ASKED))
        self._later(ASKED, lambda at: self.tell(asked, at))
        self._later(ASKED + 1, self._visits_again)
        for kind in ("register", "plans"):
            move = next(move for move in plan.moves if move.kind == kind)
            self._later(LATER, lambda at, move=move: self.tell(self.facts.event(move), at))

    def _visits_again(self, now: datetime) -> None:
        session = Move("confirm", 0.0, {"session": 40, "procedures": ["90837"]})
        self.tell(self.facts.event(session), now)


@pytest.fixture
async def databases(stack_environment: dict[str, str]) -> AsyncGenerator[Databases]:
    log.configure("simulation", "error", "console")
    found = Databases(stack_environment["TEST_STACK"])
    yield found
    await found.close()


async def test_a_client_is_forgotten_once_nothing_is_open(databases: Databases) -> None:
    async with databases.stage() as stage:
        with mock.patch.object(world, "Facts", MarkedFacts), mock.patch.object(running, "World", LeavingWorld):
            (ended,) = await running.run(stage, [generating.ordinary(1)])
        versions = "select version from link_versions where client_id = 'S1'"
        links = [await stage.performers[service].pool.fetchval(versions) for service in ("coverage", "settlement")]
        kept = {service: await stored(stage, service) for service in stage.performers}
        letters = await stage.performers["notification"].pool.fetch("select state, data::text from letters")

    said = ended.history
    ((waited_at, waits),) = said.said(CoverageErasureWaits)
    assert (waits.waits_for, waits.sessions) == (("session_open",), ("S1-0",))
    ((refunded_at, _),) = said.said(RefundIssued)
    ((settled_at, settlement),) = said.said(SettlementErased)
    ((told_at, _),) = said.said(NotificationErased)
    ((coverage_at, coverage),) = said.said(CoverageErased)
    ((claims_at, claims),) = said.said(ClaimsErased)
    assert waited_at < refunded_at < settled_at <= told_at <= coverage_at <= claims_at
    assert max(at for at, _ in said.letters()) <= told_at
    assert [record.category for record in settlement.kept] == ["ledger"]
    assert coverage.kept == ()
    assert [record.category for record in claims.kept] == ["billing_records", "files"]
    assert claims.kept[0].until == FIRST_DAY + timedelta(days=2_557)

    refused = [event for _, event in said.said(MessageRefused)]
    assert [(event.type, event.reason) for event in refused] == [
        ("sessions.session.confirmed.v1", "client_erased"),
        ("clients.client.registered.v1", "client_erased"),
        ("clients.plans.entered.v1", "client_erased"),
    ]
    assert links == [1_000_000, 1_000_000], "no link opens any more"
    assert [row["data"] for row in letters] == ["{}"] * len(letters)
    assert {service: list(marked) for service, rows in kept.items() if (marked := _marked(rows))} == {
        "claims": ["claims", "documents", "interchanges", "sessions"]
    }, "the records of billing, with the copy of the 837P for 0.1.0 (docs/operating/retention.md)"


def _marked(rows: dict[str, str]) -> list[str]:
    """The tables in which the mark is found."""
    return sorted(table for table, text in rows.items() if PERSONAL.search(text))
