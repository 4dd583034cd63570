"""A large interchange is split piece by piece; what comes of it is the same, and nothing behind it waits."""

from dataclasses import replace

import pytest

from services.claims.interchanges import receiving
from shared.events.claims import InterchangeContinued, PaymentRemitted, RemittanceReceived
from shared.events.types import Event
from shared.x12.syntax.parties import Party
from tests.services.claims.payer_desk import (
    PRIMARY_PAYS,
    Claims,
    pays,
    remittance,
)

CLAIMS = 5


def _of_one_claim_and_strangers(primary) -> bytes:
    """The claim twice over, and three of people whom nobody knows."""
    ours = pays(primary, *PRIMARY_PAYS)
    strangers = [
        replace(ours, id=f"X{number}-P", payer_claim_id=f"?{number}", patient=Party("ROE", f"JO{number}"))
        for number in range(CLAIMS - 2)
    ]
    return remittance("ONE", ours, *strangers, ours)


async def _pieces(claims: Claims, value: bytes) -> list[list[Event]]:
    """What each piece published, the first to the last; the rest of an interchange is handled as it comes."""
    sut, pieces = claims.sut, list[list[Event]]()
    await sut.receives_interchange(value, "ONE-7")
    while True:
        assert sut.dead == []
        pieces.append(sut.published)
        rest = [event for event in sut.published if isinstance(event, InterchangeContinued)]
        if not rest:
            return pieces
        await sut.receives(*rest)


def _facts(pieces: list[list[Event]]) -> list[tuple[str, int]]:
    return [
        (fact.claim["id"], fact.occurrence)
        for piece in pieces
        for fact in piece
        if isinstance(fact, RemittanceReceived)
    ]


@pytest.mark.parametrize("most", [1, 2, 3, CLAIMS, 100])
async def test_every_claim_is_split_once_whatever_the_size_of_the_pieces(claims, monkeypatch, most):
    monkeypatch.setattr(receiving, "PIECE", most)
    (primary,) = claims.sent

    pieces = await _pieces(claims, _of_one_claim_and_strangers(primary))

    # That of a large one is read first, and its pieces come behind what came meanwhile.
    assert len(pieces) == -(-CLAIMS // most) + (most < CLAIMS)
    assert _facts(pieces) == [(primary.id, 0), (primary.id, 1)]
    assert await claims.queue() == ["unmatched_unknown"] * (CLAIMS - 2)
    (paid,) = [event for piece in pieces for event in piece if isinstance(event, PaymentRemitted)]
    assert (paid.claims, paid.claims_cents, paid.matched_cents) == (CLAIMS, CLAIMS * 12000, 2 * 12000)
    assert paid in pieces[-1]


async def test_a_piece_ends_between_two_payments_of_one_interchange(claims, monkeypatch):
    monkeypatch.setattr(receiving, "PIECE", 2)
    (primary,) = claims.sent
    single = remittance("ONE", *[pays(primary, *PRIMARY_PAYS)] * 2)
    other = remittance("ONE", pays(primary, *PRIMARY_PAYS), trace="TRN-2")

    pieces = await _pieces(claims, single + other)

    assert [len(_facts([piece])) for piece in pieces] == [0, 2, 1]
    traces = [event.trace for piece in pieces for event in piece if isinstance(event, PaymentRemitted)]
    assert traces == ["TRN-1", "TRN-2"]


async def test_a_piece_that_comes_again_is_nothing(claims, monkeypatch):
    monkeypatch.setattr(receiving, "PIECE", 4)
    (primary,) = claims.sent
    _, first, _ = await _pieces(claims, _of_one_claim_and_strangers(primary))
    (rest,) = [event for event in first if isinstance(event, InterchangeContinued)]
    before = await claims.queue()

    await claims.sut.receives(rest)

    assert await claims.queue() == before
