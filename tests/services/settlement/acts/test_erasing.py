"""A client is forgotten at settlement: not before the money is settled; the ledger stays."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.settlement.app import SERVICE
from services.settlement.commands.forgive import forgiven
from services.settlement.commands.reviews import listed
from services.settlement.settings import policy
from shared import clock
from shared.commands.command import RefusedError
from shared.events.erasure import ErasurePassedOn, SettlementErased, SettlementErasureWaits
from shared.events.settlement import ChargeRequested, CostFinalized, RefundRequested
from shared.kept_days import kept_days
from shared.runtime.transaction import Transaction
from tests.builders import cleared
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import (
    COMPLETED,
    PRIMARY,
    RATE,
    SECONDARY,
    answered,
    balance_letter,
    balances,
    failed,
    paid,
    refunded,
    withheld,
)

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


async def test_a_balance_that_is_not_paid_is_seen_and_forgiven_so_that_it_keeps_no_request_waiting(
    service_under_test: Any,
):
    sut: ServiceUnderTest = await service_under_test(SERVICE)
    fifty = answered("primary", 10000, [("CO", "45", 7000), ("PR", "1", 5000)])
    await sut.given(RATE, cleared(), paid(3000), COMPLETED, withheld(), fifty)
    await sut.receives(PASSED_ON)
    assert sut.only(SettlementErasureWaits).waits_for == ("balance_due",)
    await sut.given(balance_letter())
    await sut.passes(days=policy().balance_days)
    charge = sut.only(ChargeRequested)
    async with sut.pool.acquire() as connection:
        with pytest.raises(RefusedError):
            await forgiven(connection, "s", "ticket 1")  # the card may still be charged
        await sut.given(failed(charge.amount_cents, charge.idempotency_key))
        await sut.passes(days=400)
        seen = await listed(Transaction(connection, "settlement", clock.now()), 90, closed=False)

        done = await forgiven(connection, "s", "ticket 1")
        await sut.collect()
        told = sut.only(CostFinalized)
        with pytest.raises(RefusedError):
            await forgiven(connection, "s", "ticket 1")
    await sut.passes(days=1)

    assert seen["erasures"] == [{"client_id": "c", "waits_for": ["balance_due"]}]
    assert (done["forgiven_cents"], told.forgiven_cents, told.refund_cents) == (2000, 2000, -2000)
    assert sut.only(SettlementErased)
    owed = {account: cents for account, cents in (await balances(sut)).items() if "receivable" in account}
    assert all(cents == 0 for cents in owed.values())
