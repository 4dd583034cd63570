"""Which plan pays first on a date of service, and how we know: the decision that everything else relies on.

Pure: the same facts always give the same decision. The live service and the `explain` command both call `decide`, which
takes the rules' order from `ranking.py`, holds it against the payers' statements (`payers_word.py`) and asks for a
missing fact only where it matters (`facts_that_matter.py`).
"""

from dataclasses import dataclass, replace
from functools import partial

from services.coverage.order import exclusions, facts_that_matter, government, payers_word
from services.coverage.order.exclusions import Excluded
from services.coverage.order.facts import Facts, Plan
from services.coverage.order.missing_facts import Key, Known, MissingFact, Question
from services.coverage.order.payers_word import Dispute, DisputeKind, Statement
from services.coverage.order.ranking import Pair, rank_plans
from services.coverage.order.rule import Rule

# Bounds the work that missing facts can cause: with more plans fewer values are tried before the first is asked for.
PAIRS_TRIED = 5_000


@dataclass(frozen=True, slots=True)
class Decision:
    """The order of benefits for one date, or why there is none yet.

    `order` lists the plans that pay, first to last; it is None where a fact is missing (`undetermined`) or where payers
    contradict each other or the rules (`dispute`). `rule` decided the first place, `pairs` holds each pair's rule.
    `note` says where payers replaced the rules' order. `pays_as_primary` names the plan that pays as if it were first
    because a closed-panel plan before it does not pay this provider.
    """

    order: tuple[str, ...] | None
    rule: Rule | None = None
    pairs: tuple[Pair, ...] = ()
    reordered: bool = False
    excluded: tuple[Excluded, ...] = ()
    undetermined: Question | None = None
    dispute: Dispute | None = None
    statements: tuple[Statement, ...] = ()
    note: str | None = None
    pays_as_primary: str | None = None


def decide(facts: Facts) -> Decision:
    """The order of benefits that follows from `facts`; expects facts without the problems of `plausibility`.

    A missing fact gives `undetermined` with one question, and only where the fact could change the order.
    """
    plans, excluded = exclusions.screen(facts)
    statements = payers_word.statements_of(plans)
    overruled = payers_word.against_the_law(statements, plans) if statements else frozenset[str]()
    if overruled:
        lawful = _decided(facts, plans, excluded, tuple(said for said in statements if said.id not in overruled))
        if lawful.order is not None:
            dispute = Dispute(DisputeKind.AGAINST_THE_LAW, statements, lawful.order)
            return Decision(None, excluded=excluded, dispute=dispute, statements=statements)
    return _decided(facts, plans, excluded, statements)


def _decided(
    facts: Facts, plans: tuple[Plan, ...], excluded: tuple[Excluded, ...], statements: tuple[Statement, ...]
) -> Decision:
    """The decision on the plans that take part, with these of the payers' statements."""
    contradiction = payers_word.contradiction(statements, len(plans)) if statements else None
    if contradiction is not None:
        return Decision(None, excluded=excluded, dispute=contradiction, statements=statements)
    question = government.same_program_twice(plans)
    if question is not None:
        return Decision(None, excluded=excluded, undetermined=question, statements=statements)
    return _with_rules(facts, plans, excluded, statements)


def _with_rules(
    facts: Facts, plans: tuple[Plan, ...], excluded: tuple[Excluded, ...], statements: tuple[Statement, ...]
) -> Decision:
    def decision(assumed: dict[Key, object]) -> Decision:
        return _ordered(Known(facts, assumed), plans, excluded, statements)

    try:
        return decision({})
    except MissingFact as missing:
        settled = facts_that_matter.settle(decision, _answer, missing, PAIRS_TRIED // max(1, len(plans) ** 2))
    if isinstance(settled, Question):
        return Decision(None, excluded=excluded, undetermined=settled, statements=statements)
    return _whatever_is_missing(settled)


def _answer(decision: Decision) -> object:
    """What makes two decisions the same answer: the order, or the dispute, or the question."""
    return (decision.order, decision.dispute.kind if decision.dispute else None, decision.undetermined)


def _whatever_is_missing(decisions: list[Decision]) -> Decision:
    """One decision for all values of the missing facts: the same order, and each pair marked whose rule may differ."""
    chosen = next((trial for trial in decisions if trial.note is not None), decisions[0])
    if chosen.dispute is not None:
        rules_say = {trial.dispute.rules_say for trial in decisions if trial.dispute is not None}
        only = chosen.dispute.rules_say if len(rules_say) == 1 else None
        return replace(chosen, dispute=replace(chosen.dispute, rules_say=only))
    rules = [{(pair.first, pair.second): pair.rule for pair in trial.pairs} for trial in decisions]
    pairs = tuple(
        pair._replace(whatever_is_missing=any(trial[pair.first, pair.second] is not pair.rule for trial in rules))
        if pair.rule is not Rule.PAYERS_AGREE
        else pair
        for pair in chosen.pairs
    )
    note = None if chosen.note is None or chosen.order is None else _agreed_note(chosen.order)
    return replace(chosen, pairs=pairs, note=note)


def _ordered(
    known: Known,
    plans: tuple[Plan, ...],
    excluded: tuple[Excluded, ...],
    statements: tuple[Statement, ...],
) -> Decision:
    """The decision where every fact is known or assumed. Raises MissingFact: one is neither."""
    ranking = rank_plans(known, plans)
    order = ranking.order(partial(_entered_place, known.facts))
    if order is None:
        return Decision(None, excluded=excluded, undetermined=_circle(plans), statements=statements)
    weighed = payers_word.weigh(ranking, order, statements)
    if isinstance(weighed, Dispute):
        return Decision(None, excluded=excluded, dispute=weighed, statements=statements)
    return Decision(
        weighed.order,
        rule=_deciding_rule(weighed.order, weighed.pairs),
        pairs=_in_order(weighed.order, weighed.pairs),
        reordered=_reordered(known.facts, weighed.order),
        excluded=excluded,
        statements=statements,
        note=_note(order, weighed.order) if weighed.agreed else None,
        pays_as_primary=_pays_as_primary(known, weighed.order),
    )


def _deciding_rule(order: tuple[str, ...], pairs: tuple[Pair, ...]) -> Rule:
    """The rule that decided the first place."""
    match len(order):
        case 0:
            return Rule.NO_ACTIVE_PLAN
        case 1:
            return Rule.ONLY_PLAN
        case 2:
            return pairs[0].rule
        case _:
            return next(pair.rule for pair in pairs if {pair.first, pair.second} == set(order[:2]))


def _in_order(order: tuple[str, ...], pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """The pairs as the order lists them, each with the plan that pays first in front."""
    if len(pairs) < 2:
        return pairs if not pairs or pairs[0].first == order[0] else (_turned(pairs[0]),)
    place = {plan: index for index, plan in enumerate(order)}
    turned = [pair if place[pair.first] < place[pair.second] else _turned(pair) for pair in pairs]
    return tuple(sorted(turned, key=lambda pair: (place[pair.first], place[pair.second])))


def _turned(pair: Pair) -> Pair:
    return pair._replace(first=pair.second, second=pair.first)


def _entered_place(facts: Facts, plan: str) -> tuple[int, str]:
    """The client's order as a sort key: it says who is billed first where plans share equally."""
    entered = facts.entered_order or tuple(plan_entered.id for plan_entered in facts.plans)
    return (entered.index(plan) if plan in entered else len(entered)), plan


def _reordered(facts: Facts, order: tuple[str, ...]) -> bool:
    """Whether the order differs from the one the client entered, among the plans in both."""
    if facts.entered_order is None:
        return False
    entered = [plan for plan in facts.entered_order if plan in order]
    return entered != [plan for plan in order if plan in entered]


def _note(rules_say: tuple[str, ...], order: tuple[str, ...]) -> str:
    return (
        f"{_agreed_note(order)} Our rules alone would give {', '.join(rules_say)}. "
        "The insurers' word counts, because they hold facts that we lack."
    )


def _agreed_note(order: tuple[str, ...]) -> str:
    return f"The insurers agree on the order {', '.join(order)}."


def _circle(plans: tuple[Plan, ...]) -> Question:
    names = sorted(plan.id for plan in plans)
    return Question(
        "plans.reported_role",
        tuple(names),
        f"The rules have no single order for {', '.join(names)}. Which of these plans do your insurers say pays first?",
    )


def _pays_as_primary(known: Known, order: tuple[str, ...]) -> str | None:
    """The plan that pays as if it were first, because the plans before it have a closed panel without this provider.

    Source: NAIC Model 120 (2013) 6A(1)(b). A closed-panel plan that does have the provider doesn't coordinate with one
    that pays nothing, so it pays as first too (3K(4)). None where the first plan pays, or where that isn't known.
    """
    by_id = known.plans
    for place, plan in enumerate(by_id[plan] for plan in order):
        if plan.panel != "closed" or plan.provider_in_panel:
            return plan.id if place else None
        if plan.provider_in_panel is None:
            return None
    return None
