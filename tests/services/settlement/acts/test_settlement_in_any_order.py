"""Any order, repetition and interleaving of a session's events ends in the same ledger, on the real database."""

import random
from typing import Any

from services.settlement.app import SERVICE
from services.settlement.money.request_keys import estimate_key, session_name
from shared.events.settlement import CostFinalized, RefundRequested
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import (
    COMPLETED,
    PRIMARY,
    RATE,
    SECONDARY,
    answered,
    cleared,
    failed,
    paid,
    rate,
    reversed_,
    submitted,
)

ROUNDS, MOST_EVENTS = 12, 30
WRONG = answered("primary", 15000, [("CO", "45", 7000)], number=2, trace="ONE-0", adjudication_id="wrong")
STORY = [
    cleared(plans=cleared().model_dump()["plans"][:1]),
    cleared(decision=2),
    COMPLETED,
    failed(3000),
    paid(3000),
    submitted("primary", "own", "ONE"),
    submitted("secondary", "spouses", "TWO"),
    PRIMARY,
    SECONDARY,
]
CORRECTED = [*STORY, WRONG, reversed_(WRONG, 4).model_copy(update={"trace": "ONE-0"})]


async def ends(sut: ServiceUnderTest, number: int, events: list[Any], together: bool) -> tuple[Any, ...]:
    """Handle the events for a session of their own; its balances, final cost, and what was asked to be given back."""
    whose = {"client_id": f"c{number}", "session_id": f"s{number}"}
    paid = {**whose, "idempotency_key": estimate_key(session_name(*whose.values()))}
    story = [event.model_copy(update=paid if hasattr(event, "idempotency_key") else whose) for event in events]
    await sut.receives(*story, together=together)
    at_once = sut.published
    await sut.passes(minutes=1)
    published = [*at_once, *sut.published]
    rows = await sut.pool.fetch("select * from balances_of($1, $2, 'infinity')", *whose.values())
    books = {row["account"]: row["cents"] for row in rows}
    assert sum(books.values()) == 0
    refunds = [event.amount_cents for event in published if isinstance(event, RefundRequested)]
    finals = [event.final_cost_cents for event in published if isinstance(event, CostFinalized)]
    return books, finals[-1], sum(refunds), len(refunds)


async def shuffled(sut: ServiceUnderTest, story: list[Any], seed: int) -> tuple[list[Any], bool]:
    """The story with some of its events repeated, in a random order, one by one or as one batch."""
    chance = random.Random(seed)
    events = [*story, *chance.choices(story, k=chance.randrange(MOST_EVENTS - len(story)))]
    chance.shuffle(events)
    return events, chance.random() < 0.5


async def test_any_order_repetition_and_interleaving_ends_in_one_ledger(service_under_test: Any):
    sut = await service_under_test(SERVICE)
    await sut.given(RATE)
    expected = await ends(sut, 0, STORY, together=False)
    assert expected[1:] == (600, 2400, 1)

    for seed in range(1, ROUNDS + 1):
        events, together = await shuffled(sut, STORY, seed)
        assert await ends(sut, seed, events, together) == expected, f"seed {seed}"


async def test_with_an_answer_taken_back_everybody_ends_where_they_should(service_under_test: Any):
    """An answer that is taken back before or after the rest leaves the same books; its money came and went."""
    sut = await service_under_test(SERVICE)
    await sut.given(RATE, rate(15000, "TWO"))
    expected = await ends(sut, 0, STORY, together=False)

    for seed in range(1, ROUNDS + 1):
        events, together = await shuffled(sut, CORRECTED, seed)
        books, final, refunded, _ = await ends(sut, seed, events, together)
        owed = books.pop("client_receivable", 0)
        credit = {**expected[0], "refund_payable": -refunded}
        credit["cash"] = expected[0]["cash"]
        assert (final, refunded - owed) == (600, 2400), f"seed {seed}"
        assert {name: cents for name, cents in books.items() if cents} == credit, f"seed {seed}"
