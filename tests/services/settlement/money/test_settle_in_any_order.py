"""The events of a session in any order, repeated and interleaved, end in one ledger."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.settlement.answers.payment_answer import Moved
from services.settlement.ledger.ledger import Account, balances, live
from tests.services.settlement.happening import (
    OPENING,
    PRIMARY,
    SECONDARY_AGAIN,
    SECONDARY_BACK,
    SECONDARY_NONE,
    STORY,
    Event,
    P,
    Session,
    adjudicated,
    answered,
    cancelled,
    cleared,
    deadline,
    deposited,
    paid_out,
)


def books(session: Session) -> tuple[dict[str, tuple[object, ...]], dict[Account, int]]:
    return {fact: entry.postings for fact, entry in live(session.posted).items()}, balances(session.posted)


FINAL_SETS = {
    "two payers": (*STORY, deadline),
    "one payer": (cleared(P), *OPENING[1:], adjudicated(PRIMARY), deposited(P, 12000), paid_out(15000)),
    "not covered": (*OPENING, adjudicated(PRIMARY), adjudicated(SECONDARY_NONE)),
    "cancelled": (*STORY[:-2], cancelled),
    "disputed": (cleared(P), *OPENING[1:], adjudicated(PRIMARY), answered(Moved.DISPUTED, 3000)),
    "retried": (*STORY, answered(Moved.FAILED, 3000)),
}


@pytest.mark.parametrize("name", FINAL_SETS)
@given(shuffler=st.randoms(use_true_random=False), repeats=st.integers(0, 15))
@settings(max_examples=20, deadline=None)
def test_any_order_repetition_and_interleaving_ends_in_one_ledger(
    name: str, shuffler: random.Random, repeats: int
) -> None:
    events = FINAL_SETS[name]
    in_order, shuffled = Session(), Session()
    in_order.happens(*_without_early_ends(events))
    answer = [answered(Moved.SUCCEEDED, cents, key) for key, cents in in_order.asked]
    in_order.happens(*answer)
    mixed = [*events, *answer, *shuffler.choices([*events, *answer], k=repeats)]
    assert len(mixed) <= 30
    shuffler.shuffle(mixed)

    shuffled.happens(*_ends_last(mixed, name))

    assert books(shuffled) == books(in_order)
    assert shuffled.asked == in_order.asked
    assert len(shuffled.asked) <= 1


def _without_early_ends(events: tuple[Event, ...]) -> list[Event]:
    return [*(e for e in events if e not in (cancelled, deadline)), *(e for e in events if e in (cancelled, deadline))]


def _ends_last(events: list[Event], name: str) -> list[Event]:
    """The clock's event can't come before what happened in the 90 days; everything else comes as it likes."""
    return [*(e for e in events if e is not deadline), *(e for e in events if e is deadline)]


CORRECTIONS = (*STORY, adjudicated(SECONDARY_BACK), adjudicated(SECONDARY_AGAIN))


@given(shuffler=st.randoms(use_true_random=False), repeats=st.integers(0, 15))
@settings(max_examples=40, deadline=None)
def test_with_corrections_in_any_order_everyone_ends_where_they_should(shuffler: random.Random, repeats: int) -> None:
    """How much went to and fro depends on what was known when; where client, payers and provider end does not."""
    events = [*CORRECTIONS, *shuffler.choices(CORRECTIONS, k=repeats)]
    shuffler.shuffle(events)
    session = Session()
    target = session.happens(*events)
    by_account = balances(session.posted)
    asked = sum(cents for _, cents in session.asked)

    assert target.final_cost_cents == 1000
    assert asked in (2000, 2400)
    assert by_account.get(Account.CLIENT_RECEIVABLE, 0) == target.balance_due_cents == asked - 2000
    assert by_account.get(Account.REFUND_PAYABLE, 0) == -asked
    assert by_account.get(Account.PAYER_RECEIVABLE_SECONDARY, 0) == -400
    assert Account.PROVIDER_PAYABLE not in by_account
    assert Account.PAYER_RECEIVABLE_PRIMARY not in by_account
