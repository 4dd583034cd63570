"""The operator: a person who sees what is put before them, and types commands of the services.

Moves: `resolve` (the n-th item of the claims queue), `close` (the n-th question of settlement), `announce` (the n-th
balance that no letter has told), `resend` and `write_off` (a claim, on a day).
"""

import functools
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.claims.commands import queue, resend
from services.settlement.commands import reviews
from services.settlement.commands.rate_decision import decide_rate
from services.settlement.store import ReviewRow
from shared import clock
from shared.commands.command import RefusedError
from shared.database.postgres import Connection
from shared.events.claims import ClaimsReviewRequested
from shared.events.settlement import SettlementReviewRequested
from shared.events.types import Event
from shared.runtime.transaction import Transaction
from tests.simulation.facts import Facts
from tests.simulation.moves import Move, Plan

NAME = "ann"
_WHY = "settled on the phone"
_NOT_ANNOUNCED = "balance_not_announced"


@dataclass(frozen=True)
class Order:
    """What the operator types at a service, or `who` gives it. `act` is the command on the service's database."""

    service: str
    words: str
    act: Callable[[Connection], Awaitable[Any]]
    who: str = "the operator types"

    async def obeyed(self, connection: Connection) -> str:
        """Have it done; what the command says."""
        try:
            await self.act(connection)
        except RefusedError as refusal:
            return str(refusal.document["reason"])
        return "done"


class Operator:
    """The operator of one world. `later` runs something in so many days, `give` puts an order on its way."""

    def __init__(
        self,
        plan: Plan,
        facts: Facts,
        later: Callable[[float, Callable[[datetime], None]], None],
        give: Callable[[Order], None],
    ) -> None:
        self._plan, self._facts, self._later, self._give = plan, facts, later, give
        self._seen: Counter[str] = Counter()
        for move in plan.of("resend", "write_off"):
            later(move.day, lambda _, move=move: give(self._about_a_claim(move)))

    def hear(self, event: Event) -> None:
        """A service puts something before a person."""
        match event:
            case ClaimsReviewRequested():
                for move in self._nth("resolve"):
                    self._later(move["after"], lambda _, move=move: self._give(_resolve(event, move)))
            case SettlementReviewRequested():
                for move in self._nth("close"):
                    self._later(move["after"], lambda _, move=move: self._give(_close(event, move)))
                for move in self._nth("announce") if event.reason == _NOT_ANNOUNCED else ():
                    self._later(move["after"], lambda _: self._give(_announce(event)))
            case _:
                pass

    def _nth(self, kind: str) -> list[Move]:
        nth = self._seen[kind]
        self._seen[kind] += 1
        return [move for move in self._plan.of(kind) if move["nth"] == nth]

    def _about_a_claim(self, move: Move) -> Order:
        name = f"{self._facts.session_id(move['session'])}/{move['level']}"
        if move.kind == "write_off":
            return Order("claims", f"write-off {name}", lambda to: resend.give_up(to, name, _WHY))
        regardless: bool = move["regardless"]
        words = f"resend {name}{' --regardless' if regardless else ''}"
        return Order("claims", words, lambda to: resend.resend(to, name, _WHY, regardless=regardless))


def _resolve(event: ClaimsReviewRequested, move: Move) -> Order:
    answer = move["answer"] if event.reason == "adjudicated_review" else None
    crossover = move["crossover"] if event.reason == "crossover_in_disagreement" else None
    words = f"queue resolve ({event.reason}) {answer or crossover or ''}".rstrip()
    return Order("claims", words, lambda to: queue.resolved(to, event.item_id, _WHY, crossover, answer))


def _close(event: SettlementReviewRequested, move: Move) -> Order:
    rate = move["rate"] if event.reason == "rate_differs" else None
    act = None if rate is None else functools.partial(decide_rate, rate=rate)
    words = f"reviews close ({event.reason}) {rate or ''}".rstrip()
    return Order("settlement", words, lambda to: _closed(to, event, act))


def _announce(event: SettlementReviewRequested) -> Order:
    words = f"reviews announce ({event.reason})"
    return Order("settlement", words, lambda to: _closed(to, event, reviews.announce_balance))


async def _closed(
    connection: Connection,
    event: SettlementReviewRequested,
    act: Callable[[Transaction, ReviewRow], Awaitable[None]] | None,
) -> None:
    """Close the open question of this session and reason, as a person finds it in the list."""
    listed = await reviews.listed(Transaction(connection, "settlement", clock.now()), 400, closed=False)
    about = (event.client_id, event.session_id, event.reason)
    for review in listed["reviews"]:
        if (review["client_id"], review["session_id"], review["reason"]) == about:
            await reviews.closed(connection, review["review"], _WHY, act)
            return
