"""A balance is charged only where the letter that announces it was sent; what did not arrive is for a person."""

import pytest

from services.settlement.commands import reviews
from services.settlement.settings import policy
from shared.commands.command import RefusedError
from shared.events.notification import LetterBounced, LetterFailed, LetterSkipped
from shared.events.settlement import BalanceDue, ChargeRequested
from tests.builders import cleared
from tests.services.settlement.settlement_events import (
    BALANCE_LETTER,
    COMPLETED,
    WHOSE,
    answered,
    balance_letter,
    paid,
    reasons,
)

DUE = answered("primary", 10000, [("CO", "45", 7000), ("PR", "1", 5000)])


@pytest.fixture
async def announced(settlement):
    """A session whose balance of 20.00 was announced; no letter has told it yet."""
    single_plan = cleared().model_copy(update={"plans": cleared().plans[:1]})
    await settlement.receives(single_plan, paid(3000), COMPLETED)
    await settlement.receives(DUE)
    assert settlement.only(BalanceDue).amount_cents == 2000
    return settlement


def not_arrived(kind, reason, edition=1, **changes):
    return kind(**{**WHOSE, **BALANCE_LETTER, **changes}, reason=reason, edition=edition)


def balance_charges(sut):
    return [charge.amount_cents for charge in sut.all(ChargeRequested) if charge.purpose == "balance"]


async def test_what_the_letter_has_announced_is_charged_on_its_day(announced):
    await announced.receives(balance_letter())

    await announced.passes(days=policy().balance_days)

    assert announced.only(ChargeRequested).amount_cents == 2000


@pytest.mark.parametrize(
    "letter",
    [
        not_arrived(LetterBounced, "no_such_mailbox"),
        not_arrived(LetterFailed, "refused_by_server"),
        not_arrived(LetterSkipped, "no_email"),
        not_arrived(LetterSkipped, "address_suppressed"),
    ],
    ids=lambda letter: letter.reason,
)
async def test_what_did_not_arrive_is_not_charged_but_goes_to_a_person(announced, letter):
    await announced.receives(letter)

    await announced.passes(days=policy().balance_days)
    assert reasons(announced) == ["balance_not_announced"]
    await announced.passes(days=60)

    assert balance_charges(announced) == []


async def test_a_letter_that_came_back_after_it_was_sent_announced_nothing(announced):
    await announced.receives(balance_letter())
    await announced.receives(not_arrived(LetterBounced, "no_such_mailbox"))

    await announced.passes(days=policy().balance_days)

    assert balance_charges(announced) == []


async def test_a_client_without_letters_is_told_by_upstream(announced):
    await announced.receives(not_arrived(LetterSkipped, "letters_off"))

    await announced.passes(days=policy().balance_days)

    assert announced.only(ChargeRequested).amount_cents == 2000


async def test_a_letter_that_is_still_on_its_way_is_replaced_by_one_with_a_later_day(announced):
    await announced.passes(days=policy().balance_days)
    assert announced.only(BalanceDue).amount_cents == 2000
    await announced.receives(balance_letter(edition=1))  # the mail server took the first one after all
    await announced.receives(not_arrived(LetterSkipped, "superseded"))
    await announced.receives(balance_letter(edition=2))
    assert balance_charges(announced) == []

    await announced.passes(days=policy().balance_days)

    assert announced.only(ChargeRequested).amount_cents == 2000


@pytest.mark.parametrize(
    "letter",
    [
        not_arrived(LetterBounced, "no_such_mailbox", letter="cost-final-unchanged"),
        not_arrived(LetterBounced, "no_such_mailbox", edition=7),
        not_arrived(LetterBounced, "no_such_mailbox", session_id=None),
    ],
    ids=["another letter", "another edition", "of no session"],
)
async def test_other_letters_change_nothing(announced, letter):
    await announced.receives(balance_letter())
    await announced.receives(letter)

    await announced.passes(days=policy().balance_days)

    assert announced.only(ChargeRequested).amount_cents == 2000


async def test_a_person_has_it_announced_again(announced, monkeypatch):
    monkeypatch.setenv("OPERATOR", "mira")
    await announced.receives(not_arrived(LetterBounced, "no_such_mailbox"))
    await announced.passes(days=policy().balance_days)
    async with announced.pool.acquire() as connection:
        name = await connection.fetchval("select review_id from reviews where reason = 'balance_not_announced'")
        await reviews.closed(connection, name, "has a new address", reviews.announce_balance)

    await announced.receives(balance_letter(edition=2))
    await announced.passes(days=policy().balance_days)

    assert announced.only(ChargeRequested).amount_cents == 2000


async def test_a_review_about_something_else_announces_nothing(announced, monkeypatch):
    monkeypatch.setenv("OPERATOR", "mira")
    await announced.passes(days=91)
    async with announced.pool.acquire() as connection:
        await connection.execute(
            "insert into reviews (client_id, session_id, reason, evidence, opened_at, review_id)"
            " values ('c', 's', 'charge_disputed', '', now(), 'r')"
        )
        with pytest.raises(RefusedError):
            await reviews.closed(connection, "r", "a mistake", reviews.announce_balance)
