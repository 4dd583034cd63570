"""Many claims of all characters at once: whatever happens, money and numbers add up."""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from services.payers.characters.characters import CHARACTERS
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.document.interchange import read_file
from tests.services.payers.claim_samples import LINE, SERVICE_ON, as_837, claim, inquiry, other_plan
from tests.services.payers.insurer_desk import Desk, answers

CLAIMS = 90


def a_claim(number: int, chance: random.Random) -> ProfessionalClaim:
    """A claim of one to three lines, of a member with one or two characters, with or without a second plan."""
    words = ".".join(chance.sample(sorted(CHARACTERS), chance.choice([1, 1, 2])))
    on = SERVICE_ON - timedelta(days=chance.randrange(60))
    lines = [
        replace(LINE, service_from=on, control=f"S{number}-{line}", charge_cents=chance.randrange(50_00, 300_00))
        for line in range(1, chance.choice([1, 1, 2, 3]) + 1)
    ]
    made = claim(f"S{number}-P", member_id=f"ONE{number}.{words}", lines=lines)
    second = (other_plan(member_id=f"TWO{number}"),) if chance.random() < 0.6 else ()
    return replace(made, other_payers=second)


async def test_money_and_numbers_add_up_whatever_the_characters_do(desk: Desk):
    chance = random.Random(20260302)
    sent = [a_claim(number, chance) for number in range(CLAIMS)]
    came: list[bytes] = []
    for number, filed in enumerate(sent, 1):
        await desk.sut.receives_interchange(as_837(filed, control=number))
        came += desk.sut.interchanges
    await desk.inquires(*(inquiry(member_id=claim.subscriber.member_id) for claim in sent))
    await desk.sut.passes(days=400)
    came += desk.sut.interchanges

    received = answers(came)

    assert desk.sut.dead == []
    assert len(received.files) == CLAIMS
    off = {claim.id for remittance in received.remittances for claim in remittance.claims if not claim.balanced}
    unbalanced = {claim.id for claim in sent if "unbalanced" in claim.subscriber.member_id}
    assert off <= unbalanced
    assert all(
        remittance.postable
        for remittance in received.remittances
        if not {claim.id for claim in remittance.claims} & off
    )
    traces = Counter(remittance.header.trace for remittance in received.remittances)
    assert set(traces.values()) == {1}
    assert len(set(came)) == len(came)
    for payer in {remittance.header.payer.id for remittance in received.remittances}:
        ours = [remittance for remittance in received.remittances if remittance.header.payer.id == payer]
        moved = sum(remittance.header.payment_cents for remittance in ours)
        told = sum(claim.paid_cents for remittance in ours for claim in remittance.claims)
        owed = await desk.sut.pool.fetchval(
            "select coalesce(sum(owed_cents), 0) from account where client_id like $1", f"{payer}/%"
        )
        assert moved - owed == told, payer


async def test_the_same_messages_get_the_same_answers_in_any_order(desk: Desk, other_desk: Desk):
    chance = random.Random(7)
    sent = [as_837(a_claim(number, chance), control=number) for number in range(1, 25)]
    shuffled = random.Random(8).sample(sent, len(sent))
    said: list[list[bytes]] = []
    for insurer, files in ((desk, sent), (other_desk, shuffled)):
        came: list[bytes] = []
        for value in files:
            await insurer.sut.receives_interchange(value)
            came += insurer.sut.interchanges
        await insurer.sut.passes(days=30)
        said.append(sorted(without_debts(value) for value in came + insurer.sut.interchanges))
        insurer.sut.clock.now -= timedelta(days=30)

    assert said[0] == said[1]


def without_debts(value: bytes) -> bytes:
    """The message without what depends on the order of payments: which of them makes up for a debt."""
    kept = [line for line in value.split(b"~\n") if not line.startswith((b"BPR", b"PLB", b"SE"))]
    assert read_file(value).interchanges
    return b"~\n".join(kept)
