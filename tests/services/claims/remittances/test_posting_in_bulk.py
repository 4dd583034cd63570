"""A large 835 is posted where it is read; what may not be goes round by the topic, and what comes of it is the same."""

from dataclasses import replace

import pytest

from services.claims.app import SERVICE
from services.claims.interchanges import receiving
from services.claims.remittances import posting, posting_in_bulk
from shared.database import postgres
from shared.events.claims import ClaimAdjudicated, InterchangeContinued, PaymentRemitted, RemittanceReceived
from shared.events.types import Event
from shared.runtime.consume import Consumer
from tests.services.claims.payer_desk import (
    COMPLETED,
    FACTS,
    PRIMARY_PAYS,
    Claims,
    cleared,
    confirmed,
    pays,
    remittance,
    taken_back,
)

SESSIONS = ("SES-2", "SES-3", "SES-4")


@pytest.fixture(autouse=True)
def large(monkeypatch):
    """Three claims are many."""
    monkeypatch.setattr(posting_in_bulk, "WORTH_IT", 3)


@pytest.fixture
async def sent(claims):
    """Three more claims of the client are with the payer."""
    return await _sent(claims)


async def _sent(claims: Claims) -> list:
    sent = []
    for session in SESSIONS:
        named = {"session_id": session}
        completed = COMPLETED.model_copy(update=named)
        await claims.receives(confirmed(**named), cleared(**named), completed)
        sent += claims.sent
    return sent


def _paid(sent) -> list:
    return [replace(pays(claim, *PRIMARY_PAYS), payer_claim_id=f"ICN-{claim.id}") for claim in sent]


async def _handled(claims: Claims, value: bytes, key: str = "ONE-7") -> tuple[list[Event], list[Event]]:
    """What the interchange published at once, and what came of its facts and pieces."""
    sut = claims.sut
    await sut.receives_interchange(value, key)
    at_once, later = sut.published, list[Event]()
    todo = [event for event in at_once if isinstance(event, RemittanceReceived | InterchangeContinued)]
    while todo:
        await sut.receives(*todo)
        later += sut.published
        todo = [event for event in sut.published if isinstance(event, RemittanceReceived | InterchangeContinued)]
    return at_once, later


def _of(kind, events):
    return [event for event in events if isinstance(event, kind)]


async def _claims(claims: Claims) -> list[tuple[object, ...]]:
    rows = await claims.sut.pool.fetch(
        "select session_id, role, state, postings, payer_claim_id, complete, answer, decided_on from claims"
        " order by session_id, role"
    )
    return [tuple(row) for row in rows]


async def test_it_is_posted_at_once_and_its_facts_never_go_round(claims, sent):
    at_once, later = await _handled(claims, remittance("ONE", *_paid(sent)))

    assert sorted(event.session_id for event in _of(ClaimAdjudicated, at_once)) == list(SESSIONS)
    assert (_of(RemittanceReceived, at_once), later) == ([], [])
    (paid,) = _of(PaymentRemitted, at_once)
    assert (paid.claims, paid.claims_cents, paid.matched_cents) == (3, 36000, 36000)


async def test_what_is_posted_is_the_same_as_by_the_topic(claims, sent, monkeypatch, service_under_test):
    value = remittance("ONE", *_paid(sent))
    here, _ = await _handled(claims, value)
    other = Claims(await service_under_test(SERVICE))
    await other.receives(*FACTS, confirmed(), cleared(), COMPLETED)
    await _sent(other)
    monkeypatch.setattr(posting_in_bulk, "WORTH_IT", 1000)

    at_once, by_topic = await _handled(other, value)

    assert (_of(ClaimAdjudicated, at_once), len(_of(ClaimAdjudicated, by_topic))) == ([], 3)
    assert _of(ClaimAdjudicated, here) == _of(ClaimAdjudicated, by_topic)
    assert await _claims(claims) == await _claims(other)


async def test_pieces_that_are_posted_side_by_side_come_to_the_same(claims, sent, monkeypatch):
    sut = claims.sut
    monkeypatch.setattr(receiving, "PIECE", 1)
    sut.consumer = Consumer(SERVICE, sut.pool, attempts=2, wake=lambda: None, looks_ahead=True)

    await sut.receives_interchange(remittance("ONE", *_paid(sent)), "ONE-7")
    await sut.consumer.ahead.settled()
    sut.consumer = Consumer(SERVICE, sut.pool, attempts=2, wake=lambda: None)
    await sut.collect()
    published = sut.published
    todo = [event for event in published if isinstance(event, RemittanceReceived | InterchangeContinued)]
    await sut.receives(*todo)

    published += sut.published
    assert sorted(event.session_id for event in _of(ClaimAdjudicated, published)) == list(SESSIONS)
    assert [row[2] for row in await _claims(claims) if row[0] in SESSIONS and row[1] == 1] == ["adjudicated"] * 3
    assert {event.matched_cents for event in _of(PaymentRemitted, published)} == {36000}


async def test_the_same_file_again_changes_nothing(claims, sent):
    value = remittance("ONE", *_paid(sent))
    await _handled(claims, value)
    before = await _claims(claims)

    at_once, later = await _handled(claims, value, "ONE-8")

    assert (_of(ClaimAdjudicated, at_once), later) == ([], [])
    assert (await _claims(claims), await claims.queue()) == (before, [])


async def test_a_client_whose_lock_is_held_elsewhere_goes_by_the_topic(claims, sent):
    async with claims.sut.pool.acquire() as other:
        held = other.transaction()
        await held.start()
        await postgres.lock_clients(other, ["c"])
        await claims.sut.receives_interchange(remittance("ONE", *_paid(sent)), "ONE-7")
        at_once = claims.sut.published
        await held.rollback()

    assert _of(ClaimAdjudicated, at_once) == []
    await claims.sut.receives(*_of(RemittanceReceived, at_once))
    assert len(claims.sut.all(ClaimAdjudicated)) == 3


async def test_nothing_overtakes_what_is_parked(claims, sent):
    await claims.sut.pool.execute(
        "insert into set_aside (key, parked, topic, value, headers, origin, reason)"
        " values ('c', true, 'sessions', '', '[]', 'sessions/0/1', 'a handler failed')"
    )

    at_once, later = await _handled(claims, remittance("ONE", *_paid(sent)))

    assert (_of(ClaimAdjudicated, at_once), later) == ([], [])
    waiting = await claims.sut.pool.fetchval("select count(*) from set_aside where key = 'c' and topic = 'claims'")
    assert waiting == 3


async def test_a_file_that_takes_something_back_goes_by_the_topic(claims, sent):
    first, second, third = _paid(sent)

    at_once, later = await _handled(claims, remittance("ONE", first, taken_back(first), second, third))

    assert (len(_of(RemittanceReceived, at_once)), _of(ClaimAdjudicated, at_once)) == (4, [])
    assert len(_of(ClaimAdjudicated, later)) == 3


async def test_one_claim_that_cannot_be_posted_holds_back_no_other(claims, sent, monkeypatch):
    judge = posting.judge

    async def failing(event, tx):
        if event.session_id == "SES-3":
            raise RuntimeError("a fault of ours")
        return await judge(event, tx)

    monkeypatch.setattr(posting, "judge", failing)
    at_once, later = await _handled(claims, remittance("ONE", *_paid(sent)))

    # All are of one client, so what comes behind the bad one waits for its release, as ever.
    assert (len(_of(RemittanceReceived, at_once)), _of(ClaimAdjudicated, at_once)) == (3, [])
    assert [event.session_id for event in _of(ClaimAdjudicated, later)] == ["SES-2"]
    monkeypatch.setattr(posting, "judge", judge)
    assert await claims.sut.consumer.release("c", by="test", why="mended") == 2
    await claims.sut.collect()


@pytest.mark.parametrize("most", [1, 2])
async def test_the_pieces_of_a_file_are_posted_each_where_it_is_read(claims, sent, monkeypatch, most):
    monkeypatch.setattr(receiving, "PIECE", most)

    at_once, later = await _handled(claims, remittance("ONE", *_paid(sent)))

    adjudicated = [event.session_id for event in _of(ClaimAdjudicated, [*at_once, *later])]
    assert (sorted(adjudicated), _of(RemittanceReceived, [*at_once, *later])) == (list(SESSIONS), [])
    (paid,) = _of(PaymentRemitted, later)
    assert paid.matched_cents == 36000


async def test_claims_of_one_session_that_we_never_sent_are_an_item_each(claims, sent, monkeypatch):
    async def unsent(event, tx):
        return None

    monkeypatch.setattr(posting, "judge", unsent)
    first, *_ = _paid(sent)

    await _handled(claims, remittance("ONE", first, first, first))

    assert await claims.queue() == ["remittance_of_unsent_claim"] * 3
