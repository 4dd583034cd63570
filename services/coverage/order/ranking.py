"""The order in which plans pay: federal law first, then the model regulation's rules, pair by pair.

Source: NAIC Model 120 (2013) section 6; each pair of plans is ordered by the first rule that decides it.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

from services.coverage.order import birthday_and_custody, family, government, medicare
from services.coverage.order.facts import Coordination, Employment, Kind, Plan, Relation
from services.coverage.order.family import Child
from services.coverage.order.missing_facts import Known
from services.coverage.order.rule import Rule

Verdict = tuple[Plan, Rule]

UNCONSTRAINED = {Coordination.NONE: 0, Coordination.ALWAYS_SECONDARY: 1}
CLAUSE_RULES = (Rule.NO_COB_CLAUSE, Rule.NONCONFORMING_CLAUSE)
CONFORMING = 2
INACTIVE = frozenset({Employment.RETIRED, Employment.LAID_OFF})


class Pair(NamedTuple):
    """Two plans in the order in which they pay, and the rule that put them so.

    `whatever_is_missing`: a fact is missing, and the rule would be another one for another value, but not the order.
    """

    first: str
    second: str
    rule: Rule
    whatever_is_missing: bool = False


class Ranking(NamedTuple):
    """What the rules say of each pair; a pair by `equal_share` has no order of its own."""

    plans: tuple[Plan, ...]
    pairs: tuple[Pair, ...]

    def order(self, preferred: Callable[[str], tuple[int, str]]) -> tuple[str, ...] | None:
        """The one order that agrees with every pair, or None where the rules lead in a circle.

        `preferred` is a sort key by plan id: it orders plans that share equally.
        """
        if len(self.pairs) == 1 and self.pairs[0].rule is not Rule.EQUAL_SHARE:
            return self.pairs[0].first, self.pairs[0].second
        waiting = {plan.id: set[str]() for plan in self.plans}
        for pair in self.pairs:
            if pair.rule is not Rule.EQUAL_SHARE:
                waiting[pair.second].add(pair.first)
        order: list[str] = []
        while waiting:
            free = [plan for plan, before in waiting.items() if not before]
            if not free:
                return None
            first = min(free, key=preferred) if len(free) > 1 else free[0]
            del waiting[first]
            for before in waiting.values():
                before.discard(first)
            order.append(first)
        return tuple(order)


class _Setting(NamedTuple):
    """What the pairs have in common: Medicare's place among the plans, and the child's plans."""

    medicare: Plan | None
    sides: dict[str, Rule]
    child: Child


def rank_plans(known: Known, plans: Sequence[Plan]) -> Ranking:
    """Put each pair of `plans` in order. Raises MissingFact: a fact that a rule needs is not stated."""
    plans = tuple(plans)
    setting = _setting(known, plans)
    pairs: list[Pair] = []
    for plan, other in combinations(plans, 2):
        first, rule = _place(known, setting, plan, other)
        pairs.append(Pair(first.id, other.id if first is plan else plan.id, rule))
    return Ranking(plans, tuple(pairs))


def _setting(known: Known, plans: tuple[Plan, ...]) -> _Setting:
    private = [plan for plan in plans if plan.kind not in government.PROGRAMS]
    card = next((plan for plan in plans if plan.kind is Kind.MEDICARE), None)
    sides = {plan.id: medicare.place(known, plan, card) for plan in private} if card is not None else {}
    if len(private) < 2:
        return _Setting(card, sides, Child((), False))
    dependents = [plan for plan in private if known.relation(plan) is not Relation.SELF]
    child = family.child_of(known, dependents) if len(dependents) > 1 else Child((), False)
    return _Setting(card, sides, child)


def _place(known: Known, setting: _Setting, one: Plan, other: Plan) -> Verdict:
    by_law = government.place(one, other)
    if by_law is not None:
        return by_law
    if setting.medicare is not None:
        if one is setting.medicare or other is setting.medicare:
            return _beside_medicare(setting, one, other)
        before = [setting.sides[plan.id] in medicare.BEFORE_MEDICARE for plan in (one, other)]
        if before[0] != before[1]:
            return (one if before[0] else other), Rule.MEDICARE_REVERSAL
    return _by_clause(one, other) or _by_dependence(known, setting.child, one, other) or _by_job(known, one, other)


def _beside_medicare(setting: _Setting, one: Plan, other: Plan) -> Verdict:
    card, plan = (one, other) if one is setting.medicare else (other, one)
    rule = setting.sides[plan.id]
    return (plan if rule in medicare.BEFORE_MEDICARE else card), rule


def _by_clause(one: Plan, other: Plan) -> Verdict | None:
    """Rule 0: a plan without a COB clause pays first, then one that claims to be always last (WAC 284-51-205).

    Between these two nobody disputes the order: the first takes no notice of other plans and the second waits for them.
    Two of a kind go by the next rules (McGurl v. TENJ, 3d Cir. 1997: the own employer's plan first).
    """
    ranks = [UNCONSTRAINED.get(plan.coordination or Coordination.STANDARD, CONFORMING) for plan in (one, other)]
    if ranks[0] == ranks[1]:
        return None
    return (one if ranks[0] < ranks[1] else other), CLAUSE_RULES[min(ranks)]


def _by_dependence(known: Known, child: Child, one: Plan, other: Plan) -> Verdict | None:
    """Rules 1 and 2: the patient's own plan first; between two that cover a dependent, the rules for a child."""
    own = [known.relation(plan) is Relation.SELF for plan in (one, other)]
    if own[0] != own[1]:
        return (one if own[0] else other), Rule.NON_DEPENDENT_FIRST
    return None if own[0] else birthday_and_custody.place(known, child, one, other)


def _by_job(known: Known, one: Plan, other: Plan) -> Verdict:
    """Rules 3 to 6: a current job before a former one, COBRA last, the longer coverage, else equal shares.

    Rules 3 and 4 give way where the other plan lacks them; every plan with a clause is taken to have them, as the
    regulation asks.
    """
    jobs = known.employment(one), known.employment(other)
    if Employment.ACTIVE in jobs and (jobs[0] in INACTIVE or jobs[1] in INACTIVE):
        return (one if jobs[0] is Employment.ACTIVE else other), Rule.ACTIVE_FIRST
    if (jobs[0] is Employment.COBRA) != (jobs[1] is Employment.COBRA):
        return (other if jobs[0] is Employment.COBRA else one), Rule.CONTINUATION_LAST
    longer = known.longer(one, other)
    if longer:
        return (one if longer < 0 else other), Rule.LONGER_COVERAGE
    return one, Rule.EQUAL_SHARE
