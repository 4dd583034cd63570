"""The final cost: the patient responsibility in the remittance of the last payer that adjudicated benefits.

Capped at the primary's; never a formula. What a payer sent to the client (PR-100) is owed besides. A later payer's "not
covered" leaves what the payers before it left; a denial that says nothing about benefits settles nothing. Sources: 835
(005010X221A1) CLP05 and CAS, X12 RFI 1696, 1860, 2143, 2548.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from services.settlement.answers.adjudication import LEVELS, Adjudication, Level, Share
from services.settlement.answers.benefits_adjudicated import Answer, share_is_waived
from services.settlement.answers.doubts import holds, left_by, notes
from services.settlement.answers.review import Review
from services.settlement.answers.standing import Standing, standing


@dataclass(frozen=True, slots=True)
class FinalCost:
    """What the session costs the client. `final_cost_cents` is None while something holds it, or `waiting_for` is set.

    `paid_cents` and `left_cents` (patient responsibility) are by payer, for those whose decision stands. `decided_by`
    are the ids of the adjudications it rests on. `paid_to_client_cents` is the part of the cost that payers sent to the
    client. `filed_late`: a payer refused for late filing, and what it might have paid is not the client's (CO): the
    marketplace bears the client's share. `given_up`: so was the primary's claim, and no payer pays.
    """

    final_cost_cents: int | None
    paid_cents: Mapping[Level, int]
    left_cents: Mapping[Level, int]
    decided_by: tuple[str, ...] = ()
    paid_to_client_cents: int = 0
    waiting_for: Level | None = None
    review: tuple[Review, ...] = ()
    filed_late: bool = False
    given_up: bool = False

    @property
    def payers_paid_cents(self) -> int:
        """What all payers together paid."""
        return sum(self.paid_cents.values())


def final_cost(answers: Iterable[Adjudication], expected: Collection[Level] = ()) -> FinalCost:
    """The final cost from every adjudication, reversal and denial so far, in any order, any of them repeatedly.

    `expected` are the payers that are, or will be, billed: without the answer of each the cost waits.
    """
    by_level: dict[Level, list[Adjudication]] = {}
    for answer in answers:
        by_level.setdefault(answer.level, []).append(answer)
    stands = {level: standing(by_level[level]) for level in LEVELS if level in by_level}
    decided = {level: stood for level, stood in stands.items() if stood.decisions}
    review = [*holds(by_level, stands, expected), *notes(decided)]
    waiting = next((level for level in LEVELS if level in expected and level not in stands), None)
    cost: int | None = None
    if waiting is None and not any(issue.holds for issue in review):
        cost, further = _cost(decided)
        review += further
        cost = None if any(issue.holds for issue in further) else cost
    return FinalCost(
        final_cost_cents=cost,
        paid_cents={
            level: sum(decision.claim.paid_cents for decision in stood.decisions) for level, stood in decided.items()
        },
        left_cents={level: left_by(stood) for level, stood in decided.items()},
        paid_to_client_cents=sum(map(_paid_to_client_cents, decided.values())),
        decided_by=tuple(decision.id for stood in decided.values() for decision in stood.decisions),
        waiting_for=waiting,
        review=tuple(review),
    )


def _cost(decided: Mapping[Level, Standing]) -> tuple[int, list[Review]]:
    """The cost after the last payer, capped at the primary's, with what came to light on the way."""
    levels = [level for level in LEVELS if level in decided]
    first, *later = [[share for decision in decided[level].decisions for share in decision.shares] for level in levels]
    ceiling = sum(share.patient_responsibility_cents for share in first)
    left, cost, issues = first, ceiling, list[Review]()
    for level, shares in zip(levels[1:], later, strict=True):
        before, previous = left, cost
        left = _after(before, shares)
        if left is None:
            return 0, [*issues, Review("lines_do_not_match", level)]
        cost = sum(share.patient_responsibility_cents for share in left)
        issues += _above(level, cost, ceiling, previous, _exceeds_on_a_line(first, left))
    waived = [level for level in levels if any(_waives(decision) for decision in decided[level].decisions)]
    cost = min(cost, ceiling)
    paid_to_client_cents = sum(_paid_to_client_cents(decided[level]) for level in levels)
    if waived and cost:
        return paid_to_client_cents, [*issues, Review("share_waived", waived[0], str(cost))]
    return cost + paid_to_client_cents, issues


def _paid_to_client_cents(standing: Standing) -> int:
    """What this payer sent to the client instead of us (PR-100): owed whatever the payers after it paid."""
    return sum(decision.claim.paid_to_client_cents for decision in standing.decisions)


def _above(level: Level, cost: int, ceiling: int, previous: int, on_a_line: bool) -> list[Review]:
    if cost > ceiling:
        return [Review("capped_at_primary", level, f"{cost} instead of {ceiling}")]
    if level is Level.TERTIARY and cost > previous:
        return [Review("tertiary_above_secondary", level, f"{cost} instead of {previous}")]
    return [Review("line_above_primary", level)] if on_a_line else []


def _after(before: list[Share], shares: list[Share]) -> list[Share] | None:
    """What each line leaves to the client once this payer has answered; None where lines can't be matched.

    A line that this payer does not cover leaves what the payers before it left.
    """
    if all(share.answer is Answer.NOT_COVERED for share in shares):
        return before
    if not any(share.answer is Answer.NOT_COVERED for share in shares):
        return shares
    not_covered = [share for share in shares if share.answer is Answer.NOT_COVERED]
    for name in _NAMES:
        known, times = _named(before, name) or {}, Counter(name(share) for share in shares)
        matched = [line for share in not_covered if (line := known.get(name(share))) and _one_line(line, share)]
        if len(matched) == len(not_covered) and all(times[name(share)] == 1 for share in not_covered):
            return [known[name(share)] if share.answer is Answer.NOT_COVERED else share for share in shares]
    return None


def _one_line(before: Share, share: Share) -> bool:
    """Every payer states the charge as we billed it, so that another charge is another line under the same name."""
    return before.charge_cents == share.charge_cents


_NAMES: tuple[Callable[[Share], str], ...] = (
    lambda share: share.key,
    lambda share: share.service,
    lambda share: share.procedure,
)
"""What lines are told apart by, the surest first: payers drop our line numbers, and modifiers too."""


def _named(shares: list[Share], name: Callable[[Share], str]) -> dict[str, Share] | None:
    """The shares by their line; None where two lines can't be told apart or there are no lines."""
    known = {name(share): share for share in shares}
    return known if len(known) == len(shares) and "" not in known else None


def _exceeds_on_a_line(first: list[Share], left: list[Share]) -> bool:
    for name in _NAMES:
        before, after = _named(first, name), _named(left, name)
        if before is not None and after is not None and before.keys() == after.keys():
            return any(
                after[key].patient_responsibility_cents > before[key].patient_responsibility_cents for key in before
            )
    return False


def _waives(decision: Adjudication) -> bool:
    return share_is_waived(decision.claim.all_adjustments, decision.claim.all_remarks)
