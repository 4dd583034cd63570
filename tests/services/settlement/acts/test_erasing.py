"""A client is forgotten at settlement: not before the money is settled; the ledger stays."""

from datetime import date, timedelta
from typing import Any

from services.settlement.app import SERVICE
from shared.events.erasure import ErasurePassedOn, SettlementErased, SettlementErasureWaits
from shared.events.settlement import RefundRequested
from shared.kept_days import kept_days
from tests.builders import cleared
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import COMPLETED, PRIMARY, RATE, SECONDARY, paid, refunded

PASSED_ON = ErasurePassedOn(client_id="c")


async def test_an_unknown_client_is_done_with_at_once(service_under_test: Any):
    sut: ServiceUnderTest = await service_under_test(SERVICE)

    await sut.receives(PASSED_ON)

    assert sut.only(SettlementErased).kept == ()


async def test_the_cost_and_the_refund_are_waited_for_and_the_ledger_is_kept(service_under_test: Any):
    sut: ServiceUnderTest = await service_under_test(SERVICE)
    await sut.given(RATE, cleared(), paid(3000), COMPLETED, PRIMARY)

    await sut.receives(PASSED_ON)
    waits = sut.only(SettlementErasureWaits)
    assert (waits.waits_for, waits.sessions) == (("cost_open",), ("s",))

    await sut.receives(SECONDARY)
    asked = sut.only(RefundRequested)
    await sut.passes(days=1)
    assert sut.only(SettlementErasureWaits).waits_for == ("refund_open",)
    assert sut.none(SettlementErased)

    await sut.given(refunded(asked.amount_cents, asked.idempotency_key))
    await sut.passes(days=1)

    (kept,) = sut.only(SettlementErased).kept
    visited = await sut.pool.fetchval("select date_of_service from sessions")
    assert isinstance(visited, date)
    assert (kept.category, kept.until) == ("ledger", visited + timedelta(days=kept_days().ledger_days))
    assert await sut.pool.fetchval("select count(*) from postings where client_id = 'c'") > 0
    assert await sut.pool.fetchval("select count(*) from timers where name = 'erasure'") == 0
