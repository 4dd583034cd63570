"""Whatever comes, in whatever order: no handler breaks, the ledger stays whole, nobody gets more than they paid.

Events that contradict each other, at random moments, with the timers between them; the payment system answers.
"""

import os
import random
from dataclasses import replace
from typing import Any

import pytest

from services.settlement.acts.nightly_control import session_differences
from services.settlement.app import SERVICE
from services.settlement.ledger.posting_rows import entries_of
from services.settlement.money.settle import settle
from services.settlement.settings import policy
from services.settlement.store import POSTINGS, SESSIONS
from shared.events.claims import ClaimWrittenOff
from shared.events.settlement import ChargeRequested, PayoutPaid, RefundRequested
from tests.harness import ServiceUnderTest
from tests.services.settlement.acts.test_settlement_corrections import SWAPPED
from tests.services.settlement.settlement_events import (
    CANCELLED,
    COMPLETED,
    PRIMARY,
    RATE,
    SECONDARY,
    WHOSE,
    answered,
    cleared,
    disputed,
    failed,
    paid,
    rate,
    refund_failed,
    refunded,
    reversed_,
    submitted,
    withheld,
)

SEEDS = int(os.environ.get("SETTLEMENT_SEEDS", "4"))
SECOND_BACK = reversed_(SECONDARY, 2)
WORSE = answered("secondary", 2000, [("OA", "23", 19000), ("PR", "2", 1000)], number=3)
LATE = answered("secondary", 0, [("CO", "29", 22000)], number=4, claim_status="4")
TRUE_PRIMARY = answered(
    "primary", 11000, [("CO", "45", 8000), ("PR", "1", 3000)], plan_id="spouses", payer_id="TWO", adjudication_id="true"
)
LOST = {"control": "s-P", "level": "primary", "plan_id": "own", "payer_id": "ONE", "reason": "filed_too_late"}
POOL = [
    cleared(),
    cleared(decision=3, plans=cleared().model_dump()["plans"][:1]),
    SWAPPED,
    COMPLETED,
    COMPLETED,
    CANCELLED,
    submitted("primary", "own", "ONE"),
    submitted("secondary", "spouses", "TWO", frequency="8"),
    PRIMARY,
    reversed_(PRIMARY, 9),
    SECONDARY,
    SECOND_BACK,
    WORSE,
    LATE,
    TRUE_PRIMARY,
    withheld(),
    ClaimWrittenOff.model_validate({**WHOSE, **LOST}),
    paid(3000),
    failed(3000),
    disputed(1000),
    disputed(3000),
    paid(77, "nobody-asked"),
    rate(16000),
]


async def answers(sut: ServiceUnderTest, chance: random.Random) -> list[Any]:
    """What the payment system says to what was asked of it just now; some of it never, some of it wrongly."""
    answers: list[Any] = []
    for event in sut.published:
        match event:
            case ChargeRequested() | RefundRequested():
                good, bad = (paid, failed) if isinstance(event, ChargeRequested) else (refunded, refund_failed)
                outcome = chance.choice([good, good, good, bad])
                answers.append(outcome(event.amount_cents, event.idempotency_key))
            case _:
                continue
    return answers if chance.random() < 0.9 else []


async def check(sut: ServiceUnderTest) -> None:
    """The invariants, from the tables alone."""
    assert await sut.pool.fetchval("select count(*) from set_aside") == 0, await sut.pool.fetch(
        "select * from set_aside"
    )
    rows = await sut.pool.fetch(f"{SESSIONS.select} where client_id = 'c'")
    for session in (SESSIONS.from_record(row) for row in rows):
        facts = session.facts
        posted = entries_of([POSTINGS.from_record(row) for row in await sut.pool.fetch(POSTINGS.select)])
        target = settle(session.name, facts, policy().terms.forgive_below_cents)
        differences = session_differences(replace(session, waits_for="any"), target, posted, None)
        assert [difference.reason for difference in differences if difference.reason == "ledger_differs"] == []
        charged = sum(answer.paid_cents for key, answer in facts.payment_answers.items() if key in facts.charges)
        assert facts.refunded_cents <= charged or "refunded_more_than_paid" in {
            review.reason for review in target.review
        }
        if target.final_cost_cents is not None and not facts.charge_pending:
            owed, forgiven = target.balance_due_cents, target.client.forgiven_cents
            credit = target.client.refund_due_cents + target.client.failed_cents
            kept = facts.paid_cents - facts.refunded_cents - credit
            assert kept + owed + forgiven == target.final_cost_cents


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_the_ledger_stays_whole_whatever_comes(service_under_test: Any, seed: int):
    sut = await service_under_test(SERVICE)
    chance = random.Random(seed)
    await sut.given(RATE, *([rate(14000, "TWO")] if chance.random() < 0.7 else []))
    paid_out = 0
    for _ in range(30):
        if chance.random() < 0.2:
            await sut.passes(days=chance.choice([1, 8, 40]))
        else:
            await sut.receives(chance.choice(POOL))
        paid_out += sum(event.amount_cents for event in sut.all(PayoutPaid))
        for answer in await answers(sut, chance):
            await sut.receives(answer)

    await check(sut)
    assert paid_out <= 16000
