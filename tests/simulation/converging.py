"""The same facts in any order, with any repetition, end in the same state.

A world is run twice: once with every message in order, once with late, repeated and interleaved messages and crashes.
What is compared is where things end: the cost, what the client has paid, got back and owes, the provider's pay, the
books by account, the claims that stand with each payer and their levels, and the pause. Letters and claims that had
gone out before the facts came are left out.
"""

import random
from dataclasses import dataclass, fields, replace

from shared.events.coverage import AccountPaused, AccountUnpaused, SessionCleared
from shared.events.settlement import CostFinalized, PayoutPaid
from tests.simulation.generating import shuffled
from tests.simulation.moves import Plan
from tests.simulation.promises.promise import Case
from tests.simulation.world import BEGINS, LASTS, World

BROKER = ("jitter", "lag", "repeat", "crash")
MAIL = ("mailbox", "announce")
"""Left out of both: which letter it is that does not arrive hangs on the moment, and so does what is charged."""


@dataclass(frozen=True)
class SessionEnd:
    """Where a session ends. One that was cancelled costs nothing, whether it was ever decided on and told, or not."""

    cleared: bool
    cost_cents: int | None
    kept_cents: int
    provider_cents: int
    owed_cents: int | None
    ledger: tuple[tuple[str, int], ...]
    claims: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class End:
    """Where a world ends."""

    sessions: tuple[tuple[int, SessionEnd], ...]
    paused: bool


def schedules(plan: Plan) -> tuple[Plan, Plan]:
    """The plan with its messages in order, and the same with another schedule."""
    moves = tuple(move for move in plan.moves if move.kind not in (*BROKER, *MAIL))
    dice = random.Random(f"schedule {plan.seed}")
    ordered = replace(plan, moves=moves, token=f"S{plan.seed}R0")
    return ordered, replace(plan, moves=(*moves, *shuffled(dice)), token=f"S{plan.seed}R1")


def end_of(world: World) -> End:
    """Where the world ended."""
    case = Case(world.history, BEGINS + LASTS, world.name)
    pauses = [event for _, event in case.said(None, AccountPaused, AccountUnpaused)]
    paused = bool(pauses) and isinstance(pauses[-1], AccountPaused)
    return End(tuple((session, _session(case, world, session)) for session in case.sessions), paused)


def differences(first: End, second: End) -> list[str]:
    """In what two ends of one world differ, for a person."""
    words = [] if first.paused == second.paused else [f"paused: {first.paused} and {second.paused}"]
    for (session, one), (_, another) in zip(first.sessions, second.sessions, strict=True):
        for field in fields(SessionEnd):
            ends = getattr(one, field.name), getattr(another, field.name)
            if ends[0] != ends[1]:
                words.append(f"session {session} {field.name}: {ends[0]} and {ends[1]}")
    return words


def _session(case: Case, world: World, session: int) -> SessionEnd:
    cancelled = case.cancelled_at(session) is not None
    costs = [event for _, event in case.said(session, CostFinalized)]
    decisions = case.decisions(session)
    standing = {filed.payer: filed.claim for _, filed in case.filed(session)}
    kept = case.paid_cents(session, case.ends) - case.given_back_cents(session, case.ends)
    return SessionEnd(
        cleared=bool(decisions) and isinstance(decisions[-1][1], SessionCleared) and not cancelled,
        cost_cents=0 if cancelled else costs[-1].final_cost_cents if costs else None,
        kept_cents=kept,
        owed_cents=costs[-1].final_cost_cents - costs[-1].forgiven_cents - kept if costs and not cancelled else None,
        ledger=tuple(sorted(world.ledgers.get(session, {}).items())),
        provider_cents=sum(event.amount_cents for _, event in case.said(session, PayoutPaid)),
        claims=tuple(
            sorted((payer, claim.responsibility) for payer, claim in standing.items() if claim.frequency != "8")
        ),
    )
