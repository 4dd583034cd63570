"""What payers say of their own place, weighed against the rules.

Payers that agree with each other win over the rules (they hold facts that we lack), but not over federal law: where
they put Medicaid, TRICARE or CHAMPVA before other coverage it is a dispute, and a person sees to it. So it is where
such a program alone calls itself first: it does not know of the other coverage, and no call would change the order.
One payer alone never wins: where it agrees with the rules nothing changes, where it contradicts them it is a dispute,
and where the rules lack a fact it does not fill the gap: a payer that knows of no other plan simply calls itself
primary.
Where the rules end in equal shares, one payer's word does choose who is billed first: only the client's own choice
stands against it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from services.coverage.order import government
from services.coverage.order.facts import Plan, Role
from services.coverage.order.government import BY_LAW
from services.coverage.order.ranking import Pair, Ranking
from services.coverage.order.rule import Rule

PLACES = {Role.PRIMARY: 1, Role.SECONDARY: 2, Role.TERTIARY: 3}


class DisputeKind(StrEnum):
    """How payers contradict each other, or the rules."""

    BOTH_PRIMARY = "both_primary"
    NOBODY_PRIMARY = "nobody_primary"
    SAME_PLACE = "same_place"
    UNKNOWN_PLAN = "unknown_plan"
    AGAINST_THE_RULES = "against_the_rules"
    AGAINST_THE_LAW = "against_the_law"


@dataclass(frozen=True, slots=True)
class Statement:
    """The place that a plan's payer gives the plan."""

    id: str
    role: Role


@dataclass(frozen=True, slots=True)
class Dispute:
    """A contradiction that only the client can settle; every statement is kept, and what the rules say."""

    kind: DisputeKind
    statements: tuple[Statement, ...]
    rules_say: tuple[str, ...] | None = None


class Weighed(NamedTuple):
    """The order after the payers' statements: `agreed` where payers together replaced the rules' order."""

    order: tuple[str, ...]
    pairs: tuple[Pair, ...]
    agreed: bool


def statements_of(plans: Sequence[Plan]) -> tuple[Statement, ...]:
    """What the payers of the plans that take part have said, by plan id."""
    stated = [Statement(plan.id, plan.reported_role) for plan in plans if plan.reported_role is not None]
    return tuple(sorted(stated, key=lambda statement: statement.id))


def against_the_law(statements: tuple[Statement, ...], plans: Sequence[Plan]) -> frozenset[str]:
    """The plans whose payers call them first although federal law puts them after another that takes part."""
    by_id = {plan.id: plan for plan in plans}
    firsts = [by_id[statement.id] for statement in statements if statement.role is Role.PRIMARY]
    return frozenset(plan.id for plan in firsts if any(_is_after(plan, other) for other in plans))


def _is_after(plan: Plan, other: Plan) -> bool:
    placed = government.place(plan, other) if plan is not other else None
    return placed is not None and placed[0] is other


def contradiction(statements: tuple[Statement, ...], plans: int) -> Dispute | None:
    """The dispute where the statements cannot all be true of that many plans, whatever the rules say."""
    places = [PLACES[statement.role] for statement in statements if statement.role in PLACES]
    if places.count(1) > 1:
        return Dispute(DisputeKind.BOTH_PRIMARY, statements)
    if plans > 1 and len(statements) == plans and 1 not in places:
        return Dispute(DisputeKind.NOBODY_PRIMARY, statements)
    if len(set(places)) < len(places):
        return Dispute(DisputeKind.SAME_PLACE, statements)
    if (places and max(places) > plans) or (plans == 1 and statements and 1 not in places):
        return Dispute(DisputeKind.UNKNOWN_PLAN, statements)
    return None


def weigh(ranking: Ranking, order: tuple[str, ...], statements: tuple[Statement, ...]) -> Weighed | Dispute:
    """Hold the rules' `order` against the statements, which don't contradict each other."""
    stated = _stated_order(order, statements) if statements else order
    if stated == order:
        return Weighed(order, ranking.pairs, agreed=False)
    speaking = {statement.id for statement in statements}
    place = {plan: index for index, plan in enumerate(stated)}
    pairs: list[Pair] = []
    broken: set[DisputeKind] = set()
    agreed = False
    for pair in ranking.pairs:
        if place[pair.first] < place[pair.second]:
            pairs.append(pair)
        elif pair.rule is Rule.EQUAL_SHARE:
            pairs.append(Pair(pair.second, pair.first, pair.rule))
        elif pair.first in speaking and pair.second in speaking and pair.rule in BY_LAW:
            broken.add(DisputeKind.AGAINST_THE_LAW)
        elif pair.first in speaking and pair.second in speaking:
            pairs.append(Pair(pair.second, pair.first, Rule.PAYERS_AGREE))
            agreed = True
        else:
            broken.add(DisputeKind.AGAINST_THE_RULES)
    if broken:  # the law is not the client's to settle: it does not matter which pair comes first
        law = DisputeKind.AGAINST_THE_LAW in broken
        return Dispute(DisputeKind.AGAINST_THE_LAW if law else DisputeKind.AGAINST_THE_RULES, statements, order)
    return Weighed(stated, tuple(pairs), agreed)


def _stated_order(order: tuple[str, ...], statements: tuple[Statement, ...]) -> tuple[str, ...]:
    """The order nearest to the rules' in which every stated place holds."""
    fixed = {PLACES[statement.role]: statement.id for statement in statements if statement.role in PLACES}
    not_first = {statement.id for statement in statements if statement.role is Role.NOT_PRIMARY}
    rest = [plan for plan in order if plan not in fixed.values()]
    stated: list[str] = []
    for place in range(1, len(order) + 1):
        if place in fixed:
            stated.append(fixed[place])
            continue
        index = next((i for i, plan in enumerate(rest) if place > 1 or plan not in not_first), 0)
        stated.append(rest.pop(index))
    return tuple(stated)
