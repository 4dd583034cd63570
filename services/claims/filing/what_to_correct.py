"""What becomes of claims already made when a fact changes behind them: the order of plans, the primary's decision, the
session itself.

What a payer has accepted is replaced (frequency 7) or voided (8) under that payer's claim number (REF*F8, 005010X222A1
CLM05-3); what it never took into adjudication is dropped and, where it still belongs somewhere, sent as a new claim.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.claims.claim.claim_state import UNSENT, State


class Act(StrEnum):
    """What to do with one claim, or one plan that has none."""

    KEEP = "keep"
    DROP = "drop"
    VOID = "void"
    REPLACE = "replace"
    NEW = "new"
    AWAIT_NUMBER = "await_number"
    HOLD = "hold"
    WITHHOLD = "withhold"


@dataclass(frozen=True)
class MadeClaim:
    """A claim that was made for a plan: its place in the order then (`level`, 1 is the primary), and how far it came.

    `before` are the plans that paid before it by the order it was made in: its COB data is theirs.
    """

    plan: str
    level: int
    state: State
    payer_claim_id: str = ""
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """What to do for `plan`. `frequency` is that of the claim to send, None where none is sent.

    `after_prior`: only once the payers before it in the new order have decided, because it carries their decision.
    `then`: what follows when an awaited payer claim number has come.
    """

    plan: str
    act: Act
    frequency: str | None = None
    after_prior: bool = False
    then: Act | None = None


_DECIDED = frozenset({State.ADJUDICATED, State.CORRECTED, State.DENIED, State.REVERSED})
_ENDED = frozenset({State.VOIDED, State.WRITTEN_OFF})


def after_reorder(
    made: Sequence[MadeClaim], order: Sequence[str], billed: Collection[str] | None = None
) -> tuple[Step, ...]:
    """One step for every claim made in the old order and every plan that is billed in the new `order`.

    `order` are the plans that claims name, first to last; those not `billed` are passed over (None: all are billed).

    Claims to plans that no longer pay are dropped or voided first, so that no payer sees two; then come the plans in
    their new order.
    """
    claims = {claim.plan: claim for claim in made if claim.state not in _ENDED}
    kept = order if billed is None else [plan for plan in order if plan in billed]
    gone = [_take_away(claim) for plan, claim in claims.items() if plan not in kept]
    places = [(plan, tuple(order[: order.index(plan)])) for plan in kept]
    return (*gone, *(_at(plan, before, claims.get(plan)) for plan, before in places))


def _at(plan: str, before: tuple[str, ...], claim: MadeClaim | None) -> Step:
    waits = bool(before)
    if claim is None:
        return Step(plan, Act.NEW, "1", after_prior=waits)
    if (claim.level, claim.before) == (len(before) + 1, before):
        return Step(plan, Act.KEEP)
    if claim.state in UNSENT or claim.state is State.REJECTED:
        return Step(plan, Act.NEW, "1", after_prior=waits)
    return _numbered(Step(plan, Act.REPLACE, "7", after_prior=waits), claim)


def _take_away(claim: MadeClaim) -> Step:
    """Undo a claim: what no payer has adjudicated or will is dropped, the rest is voided."""
    if claim.state in UNSENT or claim.state is State.REJECTED:
        return Step(claim.plan, Act.DROP)
    return _numbered(Step(claim.plan, Act.VOID, "8"), claim)


def _numbered(step: Step, claim: MadeClaim) -> Step:
    """Frequency 7 and 8 name the payer's claim; until the payer has given its number the step waits for it."""
    if claim.payer_claim_id:
        return step
    return Step(step.plan, Act.AWAIT_NUMBER, None, step.after_prior, then=step.act)


def after_cancellation(made: Sequence[MadeClaim]) -> tuple[Step, ...]:
    """One step for every claim of a session that did not take place: the last payer's first, so that money goes back
    in the order opposite to that in which it came."""
    steps = [_take_away(claim) for claim in sorted(made, key=lambda claim: -claim.level) if claim.state not in _ENDED]
    return tuple(steps)


def after_prior_changed(claim: MadeClaim, prior: State, left_cents: int) -> Step:
    """What a claim to a later payer needs when the payer before took its decision back, or decided anew.

    `left_cents` is what the decisions before this payer leave to the client now. A reversal without its correction
    waits. A correction replaces what was sent with the old figures, and voids it where nothing is left for this payer
    to pay; what was not sent is built again from the new ones.
    """
    if claim.state in _ENDED:
        return Step(claim.plan, Act.KEEP)
    if prior not in (State.ADJUDICATED, State.CORRECTED):
        return Step(claim.plan, Act.HOLD)
    if claim.state in UNSENT or claim.state is State.REJECTED:
        return Step(claim.plan, Act.NEW, "1") if left_cents > 0 else Step(claim.plan, Act.WITHHOLD)
    if left_cents <= 0:
        return _numbered(Step(claim.plan, Act.VOID, "8"), claim)
    return _numbered(Step(claim.plan, Act.REPLACE, "7"), claim)
