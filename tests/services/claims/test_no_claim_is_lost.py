"""Whatever payers answer, in whatever order: every claim ends decided, with a person, or waiting with a deadline."""

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.claims.app import SERVICE
from services.claims.claim.claim_state import State
from services.claims.claim.tables import CLAIMS, Claim
from shared.events.sessions import SessionCancelled
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.syntax.parties import Party
from tests.services.claims.payer_desk import (
    COMPLETED,
    FACTS,
    PRIMARY_PAYS,
    SECONDARY_PAYS,
    WHOSE,
    Claims,
    cleared,
    confirmed,
    paused,
    pays,
    remittance,
    status,
    syntax,
    taken_back,
    unpaused,
)

ENDED = {State.ADJUDICATED, State.CORRECTED, State.VOIDED, State.WITHHELD, State.WRITTEN_OFF}
STATUSES = [
    ("A2", "20", "PR"),
    ("A3", "21", ""),
    ("A6", "286", ""),
    ("A7", "85", "PR"),
    ("A3", "171", "IL"),
    ("A4", "35", ""),
]
DENIALS = [
    ("22", "N197"),
    ("22", "MA04"),
    ("18", "N522"),
    ("29", ""),
    ("16", "N4"),
    ("27", ""),
    ("109", ""),
    ("96", ""),
]


class Walk:
    """One session's life among careless payers."""

    def __init__(self, claims: Claims, seed: int) -> None:
        self.claims, self.random, self.traces = claims, random.Random(seed), 0
        self.sent: list[ProfessionalClaim] = []
        self.values: list[bytes] = []
        self.paid: list[Any] = []
        self.decision = 1

    async def step(self) -> None:
        acts: list[Callable[[], Awaitable[None]]] = [
            self.status,
            self.status,
            self.pay,
            self.pay,
            self.deny,
            self.deny,
            self.syntax,
            self.reverse,
            self.forward,
            self.wait,
            self.pause,
            self.reorder,
        ]
        await self.random.choice(acts)()
        self.sent += self.claims.sent
        self.values += self.claims.values

    def claim(self) -> ProfessionalClaim:
        return self.random.choice(self.sent[-3:])

    def trace(self) -> str:
        self.traces += 1
        return f"TRN-{self.traces}"

    async def status(self) -> None:
        claim = self.claim()
        answer = self.random.random() < 0.2
        number = f"{claim.payer.id}-ICN" if self.random.random() < 0.5 else ""
        await self.claims.answered(status(claim, self.random.choice(STATUSES), number=number, answer=answer))

    async def pay(self) -> None:
        claim = self.claim()
        figures = PRIMARY_PAYS if claim.responsibility == "P" else SECONDARY_PAYS
        said = pays(claim, *figures)
        self.paid.append((claim.payer.id, said))
        await self.claims.answered(remittance(claim.payer.id, said, trace=self.trace()), key=f"{claim.payer.id}-1")

    async def deny(self) -> None:
        claim = self.claim()
        reason, remark = self.random.choice(DENIALS)
        said = pays(claim, 0, ("CO", reason, 22000), status="4", remarks=(remark,) if remark else ())
        await self.claims.answered(remittance(claim.payer.id, said, trace=self.trace()), key=f"{claim.payer.id}-1")

    async def syntax(self) -> None:
        value = self.random.choice(self.values[-3:])
        await self.claims.answered(syntax(value, self.random.choice("AR")))

    async def reverse(self) -> None:
        if not self.paid:
            await self.wait()
            return
        payer_id, said = self.random.choice(self.paid)
        await self.claims.answered(remittance(payer_id, taken_back(said), trace=self.trace()), key=f"{payer_id}-1")

    async def forward(self) -> None:
        claim = self.claim()
        to = Party("PAYER TWO", id="TWO", id_kind="PI")
        undecided = self.random.random() < 0.3
        paid, *kept = (0, ("OA", "B11", 22000)) if undecided else PRIMARY_PAYS
        code = "23" if undecided else "19"
        said = pays(claim, paid, *kept, status=code, crossover_to=to, remarks=("MA07",))
        await self.claims.answered(remittance(claim.payer.id, said, trace=self.trace()), key=f"{claim.payer.id}-1")

    async def wait(self) -> None:
        await self.claims.passes(days=self.random.choice([1, 5, 20]))

    async def pause(self) -> None:
        await self.claims.receives(paused())
        self.sent += self.claims.sent
        await self.claims.receives(unpaused())

    async def reorder(self) -> None:
        self.decision += 1
        order = self.random.choice([("own", "spouses"), ("spouses", "own"), ("own",), ("spouses",)])
        await self.claims.receives(cleared(*order, decision=self.decision))


async def _lost(claims: Claims) -> list[tuple[str, str, str | None]]:
    """The claims that nobody would think of again."""
    on_file = [CLAIMS.from_record(row) for row in await claims.sut.pool.fetch(CLAIMS.select)]
    return [
        (claim.plan_id, claim.state.value, claim.reason) for claim in on_file if not await _thought_of(claims, claim)
    ]


async def _thought_of(claims: Claims, claim: Claim) -> bool:
    if claim.state in ENDED:
        return True
    queued = await claims.sut.pool.fetchval(
        "select count(*) from work_queue where (session_id = $1 or session_id is null) and resolved_at is null",
        claim.session_id,
    )
    timed = await claims.sut.pool.fetchval(
        "select count(*) from timers where subject = $1 or subject = $1 || '/' || $2",
        claim.session_id,
        str(claim.level),
    )
    waits_for_prior = claim.level > 1 and claim.state is State.HELD
    return bool(queued or timed or waits_for_prior)


@pytest.mark.parametrize("seed", range(12))
async def test_no_claim_is_lost(service_under_test, seed):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(), cleared(), COMPLETED)
    walk = Walk(claims, seed)
    walk.sent, walk.values = list(claims.sent), list(claims.values)

    for _ in range(12):
        await walk.step()
        assert await _lost(claims) == []

    numbers = [claim.id for claim in walk.sent]
    assert sorted(numbers) == sorted(set(numbers))
    await claims.receives(SessionCancelled.model_validate(WHOSE))
    await claims.passes(days=200)
    assert await _lost(claims) == []
