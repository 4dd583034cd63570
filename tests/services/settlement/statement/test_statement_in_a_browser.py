"""The statement of the running service in a real browser, in each state of a visit's cost, as a client comes to it."""

from typing import Any

import pytest

from services.settlement.app import SERVICE
from services.settlement.settings import policy
from shared.events.settlement import ChargeRequested, RefundRequested
from tests.builders import cleared
from tests.services.driven_browser import reader_of
from tests.services.settlement.settlement_events import (
    COMPLETED,
    PRIMARY,
    RATE,
    SECONDARY,
    answered,
    balance_letter,
    paid,
    refunded,
    submitted,
    withheld,
)
from tests.services.settlement.statement.test_statement_page import KEY, PAYERS, link

pytestmark = pytest.mark.browser


async def test_the_statement_from_the_estimate_to_the_refund_that_came(service_under_test: Any):
    sut = await service_under_test(SERVICE)
    await sut.given(RATE, *PAYERS)
    async with reader_of(sut, KEY) as reader:
        address = link(sut)
        await reader.opens(address, "no visit to show yet")
        await sut.given(cleared(), paid(3000))
        await reader.opens(address, "the visit takes place")
        await sut.given(COMPLETED, submitted("primary", "own", "ONE"))
        await reader.opens(address, "Plans often take 30 to 45 days")
        await sut.given(PRIMARY)
        await reader.opens(address, "we send the claim to Plan Two")
        await reader.switches("Plan Two")
        await sut.receives(SECONDARY)
        refund = sut.only(RefundRequested)
        await reader.opens(address, "$24.00 is on its way back to you")
        await reader.switches("$24.00")
        await sut.given(refunded(refund.amount_cents, refund.idempotency_key))
        await reader.opens(address, "$24.00 went back to you on March 2, 2026")
        await reader.switches("2 de marzo de 2026")


async def test_the_statement_of_a_balance_from_its_announcement_to_its_charge(service_under_test: Any):
    sut = await service_under_test(SERVICE)
    await sut.given(RATE, *PAYERS)
    fifty = answered("primary", 10000, [("CO", "45", 7000), ("PR", "1", 5000)])
    await sut.given(cleared(), paid(3000), COMPLETED, withheld(), fifty)
    async with reader_of(sut, KEY) as reader:
        await reader.opens(link(sut), "You still owe $20.00")
        await reader.switches("$20.00")
        await sut.given(balance_letter())
        await sut.passes(days=policy().balance_days)
        await reader.opens(link(sut), "Your final cost is $50.00")
        charge = sut.only(ChargeRequested)
        await sut.given(paid(charge.amount_cents, charge.idempotency_key))
        await reader.opens(link(sut), "You owe nothing more")
        await reader.switches("$50.00")


async def test_the_statements_links_that_do_not_open(service_under_test: Any):
    sut = await service_under_test(SERVICE)
    async with reader_of(sut, KEY) as reader:
        await reader.opens(link(sut, key="another key"), "This link does not work", 403)
        await reader.opens("/nowhere", "There is no such page", 404)
        await reader.switches("Esta página no existe", 404)
        await reader.opens(link(sut, days=-1), "This link has expired", 410)
        await reader.presses("Send me a new link", "A new link is on its way")
        await reader.switches("Le enviamos un enlace nuevo")
