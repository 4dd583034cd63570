"""The nightly control: payments against deposits, books against facts, pay against rates; what differs is stopped."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from services.settlement.acts.nightly_control import payment_difference
from services.settlement.acts.reconciling import control, day_to_close, nightly
from services.settlement.app import SERVICE
from shared import clock
from shared.events.settlement import PayoutPaid, RefundRequested, SettlementReviewRequested
from shared.process.process import Process
from tests.harness import MORNING, ServiceUnderTest
from tests.services.settlement.settlement_events import (
    COMPLETED,
    PRIMARY,
    RATE,
    SECONDARY,
    answered,
    cleared,
    paid,
    rate,
    reasons,
    remitted,
    reversed_,
)

CARRIED_FORWARD = {"provider_adjustments": [{"reason": "FB", "amount_cents": -1000}]}


@pytest.fixture
async def settlement(service_under_test: Any) -> ServiceUnderTest:
    sut = await service_under_test(SERVICE)
    await sut.given(RATE, cleared(), paid(3000), COMPLETED)
    return sut


def running(sut: ServiceUnderTest) -> Process:
    """The service as its background loops see it."""
    settings = SERVICE.settings(database_url=SecretStr(sut.dsn), kafka_bootstrap_servers="127.0.0.1:1")
    process = Process(SERVICE, settings)
    process.pool = sut.pool
    return process


async def night(sut: ServiceUnderTest, days: int = 1) -> tuple[int, int]:
    """Let days pass, then control: how many sessions were looked at, and how many differed."""
    await sut.passes(days=days)
    earlier = sut.published
    row = await control(running(sut), day_to_close(clock.now()))
    sut.published = []
    await sut.collect()
    sut.published = [*earlier, *sut.published]
    return row.sessions, row.differences


async def test_books_that_are_right_are_closed_and_nobody_is_told(settlement: ServiceUnderTest):
    await settlement.given(PRIMARY, remitted("ONE", "ONE-1", 12000))

    assert await night(settlement, days=2) == (1, 0)
    assert (reasons(settlement), await settlement.pool.fetchval("select difference from payments_remitted")) == (
        [],
        None,
    )
    closings = await settlement.pool.fetch(
        "select day, sum(debit_cents) d, sum(credit_cents) c from closings group by day"
    )
    assert [(row["day"], row["d"] == row["c"] > 0) for row in closings] == [(date(2026, 3, 3), True)]

    assert await night(settlement) == (0, 0)
    sums = "select sum(debit_cents) from trial_balance('infinity')"
    assert await settlement.pool.fetchval(sums) == closings[0]["d"]


async def test_a_payment_under_another_id_of_the_payer_finds_its_deposits(settlement: ServiceUnderTest):
    await settlement.given(PRIMARY, SECONDARY, remitted("ONE-PARENT", "ONE-1", 12000), remitted("TWO", "TWO-1", 2400))

    assert await night(settlement, days=2) == (1, 0)


async def test_a_payment_that_is_corrected_is_compared_anew(settlement: ServiceUnderTest):
    await settlement.given(PRIMARY, remitted("ONE", "ONE-1", 13000))
    assert await night(settlement, days=2) == (1, 1)

    await settlement.given(remitted("ONE", "ONE-1", 12000))
    assert await night(settlement, days=2) == (1, 0)


async def test_a_payment_that_differs_stops_its_sessions_until_it_agrees(settlement: ServiceUnderTest):
    await settlement.given(PRIMARY, remitted("ONE", "ONE-1", 15000))

    assert await night(settlement, days=2) == (1, 1)
    assert reasons(settlement) == ["payment_differs"]
    await settlement.receives(SECONDARY)
    assert settlement.none(RefundRequested)
    assert await night(settlement, days=29) == (1, 1)
    assert (settlement.all(PayoutPaid), reasons(settlement)) == ([], [])

    missing = PRIMARY.model_copy(update={"session_id": "late", "adjudication_id": "late", "paid_cents": 3000})
    await settlement.given(missing)
    assert await night(settlement) == (2, 0)
    assert settlement.only(RefundRequested).amount_cents == 2400
    await settlement.passes(days=2)
    assert settlement.only(PayoutPaid).amount_cents == 15000


async def test_a_ledger_that_is_not_what_the_facts_make_of_it_stops_the_session(settlement: ServiceUnderTest):
    await settlement.pool.execute(
        "insert into postings values ('c', 's', 'forged', 0, false, 1, 1, 'payout_paid', 'provider_payable', 'cash',"
        " 500, $1, 'by hand')",
        MORNING,
    )

    assert await night(settlement) == (1, 1)
    assert reasons(settlement) == ["ledger_differs"]
    assert settlement.only(SettlementReviewRequested).evidence == "forged"


async def test_a_rate_that_changes_after_the_session_reaches_a_person_once_and_the_provider_is_paid(
    settlement: ServiceUnderTest,
):
    await settlement.given(rate(14000))

    assert await night(settlement) == (1, 1)
    assert settlement.only(SettlementReviewRequested).evidence == "agreed 14000, in the books 15000"
    await settlement.passes(days=40)
    assert settlement.only(PayoutPaid).amount_cents == 15000
    await night(settlement)
    assert reasons(settlement) == []


async def test_the_background_loop_controls_each_night_once(
    settlement: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
):
    process = running(settlement)
    monkeypatch.setattr("services.settlement.acts.reconciling._LOOK_SECONDS", 0.01)
    loop = asyncio.create_task(nightly(process))
    for count in (1, 2):
        for _ in range(500):
            if await settlement.pool.fetchval("select count(*) from controls") >= count:
                break
            await asyncio.sleep(0.02)
        settlement.clock.now += timedelta(days=1)
    process.stopping.set()
    await loop

    days = await settlement.pool.fetch("select day, differences from controls order by day")
    assert [tuple(row) for row in days[:2]] == [(date(2026, 3, 1), 0), (date(2026, 3, 2), 0)]


def test_a_day_is_closed_two_hours_after_its_end():
    assert day_to_close(MORNING) == date(2026, 3, 1)
    assert day_to_close(MORNING.replace(hour=1)) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("payment", "deposited", "said"),
    [
        (remitted("ONE", "T", 100), 100, None),
        (remitted("ONE", "T", 100, matched_cents=60), 60, None),
        (remitted("ONE", "T", 100, matched_cents=60), 80, None),
        (remitted("ONE", "T", 100, matched_cents=60), 101, "deposited 101, remitted for our claims 60"),
        (remitted("ONE", "T", -100, matched_cents=-60), -70, None),
        (remitted("ONE", "T", 100), 99, "deposited 99, remitted for our claims 100"),
        (
            remitted("ONE", "T", 70, claims_cents=100, matched_cents=100),
            100,
            "claims 100 less adjustments 0 are not the payment 70",
        ),
        (
            remitted(
                "ONE",
                "T",
                70,
                claims_cents=100,
                matched_cents=100,
                provider_adjustments=[{"reason": "WO", "amount_cents": 40}, {"reason": "L6", "amount_cents": -10}],
            ),
            100,
            None,
        ),
    ],
    ids=[
        "all of it",
        "all that is ours",
        "a part of the rest was posted by a person",
        "more than there was",
        "taken back",
        "too little",
        "does not add up",
        "recovered and interest",
    ],
)
def test_a_payment_comes_to_its_deposits(payment: Any, deposited: int, said: str | None):
    assert payment_difference(payment, deposited) == said


async def test_a_take_back_and_its_correction_in_one_payment_stop_nothing(settlement: ServiceUnderTest):
    corrected = answered("primary", 11000, [("CO", "45", 7000), ("PR", "2", 4000)], number=3, trace="ONE-2")
    taken_back = reversed_(PRIMARY, 2).model_copy(update={"trace": "ONE-2"})
    await settlement.given(PRIMARY, remitted("ONE", "ONE-1", 12000), taken_back, corrected)
    await settlement.given(remitted("ONE", "ONE-2", 0, claims_cents=-1000, matched_cents=-1000, **CARRIED_FORWARD))

    assert await night(settlement, days=2) == (1, 0)
    assert reasons(settlement) == []
