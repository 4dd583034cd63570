"""A client is forgotten at coverage: nothing new, the open goes on, then everything goes and stays away."""

from typing import Any

import pytest

from services.coverage.app import SERVICE
from services.coverage.commands.erase import erased
from services.coverage.retention import OF_CLIENT
from shared.commands.command import RefusedError
from shared.events.clients import ClientChanged
from shared.events.coverage import CoverageReviewRequested, SessionCleared
from shared.events.erasure import (
    CoverageErased,
    CoverageErasureWaits,
    ErasurePassedOn,
    ErasureRequested,
    NotificationErased,
)
from shared.events.sessions import SessionCancelled
from shared.events.upstream import MessageRefused
from tests.harness import ServiceUnderTest
from tests.services.coverage.coverage_events import (
    CLIENT,
    OWN,
    SPOUSES,
    TODAY,
    WRONG_ORDER,
    other,
    ready,
    reported,
    session,
)

ASKED = ErasureRequested(client_id="c1", requested_on=TODAY)
TOLD = NotificationErased(client_id="c1")


@pytest.fixture
async def coverage(service_under_test: Any) -> ServiceUnderTest:
    """A client with two plans and a session that no payer has decided on."""
    benefits = (reported(OWN), reported(SPOUSES, other_payers=(other("primary", "Plan One"),)))
    return await ready(service_under_test, CLIENT, WRONG_ORDER, *benefits, session())


async def rows(sut: ServiceUnderTest) -> dict[str, int]:
    """How many rows of the client there are, by table."""
    sql = "select count(*) from {} where client_id = 'c1'"
    tables = (*OF_CLIENT, "timers")
    counted = {table: await sut.pool.fetchval(sql.format(table)) for table in tables}
    return {table: count for table, count in counted.items() if count}


async def test_an_open_session_is_waited_for_and_told_once(coverage: ServiceUnderTest):
    await coverage.receives(ASKED)
    waits = coverage.only(CoverageErasureWaits)
    assert (waits.waits_for, waits.sessions) == (("session_open",), ("s1",))

    await coverage.passes(days=3)
    assert coverage.none(CoverageErasureWaits)
    assert coverage.none(ErasurePassedOn)

    await coverage.receives(SessionCancelled(client_id="c1", session_id="s1"))
    await coverage.passes(days=1)
    coverage.only(ErasurePassedOn)
    assert coverage.none(CoverageErased)


async def test_no_new_session_is_taken_and_a_known_one_goes_on(coverage: ServiceUnderTest):
    await coverage.given(ASKED)

    await coverage.receives(session(2))
    refusal = coverage.only(MessageRefused)
    assert (refusal.reason, refusal.about, refusal.field) == ("client_erased", "c1", "data.client_id")
    assert coverage.none(SessionCleared)

    await coverage.receives(session(1, place="11"))
    assert coverage.only(SessionCleared).place == "11"


async def test_everything_goes_and_late_facts_are_refused(coverage: ServiceUnderTest):
    await coverage.given(ASKED)
    assert {"client", "session", "benefits", "coordination", "erasure", "timers"} <= (await rows(coverage)).keys()

    await coverage.receives(TOLD)
    assert coverage.only(CoverageErased).kept == ()
    assert await rows(coverage) == {}

    late = ClientChanged.model_validate(CLIENT.model_dump())
    await coverage.receives(CLIENT, late, WRONG_ORDER, session(), reported(OWN), ASKED)
    assert {event.reason for event in coverage.all(MessageRefused)} == {"client_erased"}
    assert len(coverage.all(MessageRefused)) == len(coverage.published) == 5
    assert await rows(coverage) == {}


async def test_what_comes_in_the_same_batch_does_not_bring_the_client_back(coverage: ServiceUnderTest):
    await coverage.receives(reported(SPOUSES), TOLD, CLIENT, WRONG_ORDER, session(3), together=True)

    assert await rows(coverage) == {}
    assert coverage.none(CoverageReviewRequested)


async def test_another_client_keeps_everything(coverage: ServiceUnderTest):
    await coverage.receives(NotificationErased(client_id="c2"))

    assert (await rows(coverage))["client"] == 1
    assert coverage.only(CoverageErased).client_id == "c2"


async def test_an_operator_begins_it_and_hears_how_far_it_has_come(
    coverage: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPERATOR", "Ada")
    async with coverage.pool.acquire() as connection:
        answer = await erased(connection, "c1", "ticket 7")
        assert answer == {"client_id": "c1", "state": "waits", "waits_for": ["s1"]}
        await coverage.collect()
        coverage.only(CoverageErasureWaits)

        await coverage.receives(SessionCancelled(client_id="c1", session_id="s1"))
        assert (await erased(connection, "c1", "ticket 7"))["state"] == "passed_on"
        await coverage.collect()
        coverage.only(ErasurePassedOn)

        await coverage.receives(TOLD)
        assert (await erased(connection, "c1", "ticket 7"))["state"] == "erased"
        with pytest.raises(RefusedError, match="unknown_client"):
            await erased(connection, "nobody", "ticket 7")


def test_erased_clients_are_heard_of_by_claims_alone():
    assert SERVICE.of_erased == frozenset()
