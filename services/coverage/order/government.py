"""The programs that federal law puts after other coverage: TRICARE, CHAMPVA, and Medicaid after everything.

Sources: 32 CFR 199.8 (TRICARE pays after other coverage and Medicare, before Medicaid), 38 CFR 17.270 (CHAMPVA alike),
42 CFR 433.139 (Medicaid is the payer of last resort).
"""

from services.coverage.order.facts import Kind, Plan
from services.coverage.order.missing_facts import Question
from services.coverage.order.rule import Rule

LAST_RESORTS = {Kind.TRICARE: Rule.TRICARE_LAST, Kind.CHAMPVA: Rule.CHAMPVA_LAST, Kind.MEDICAID: Rule.MEDICAID_LAST}
RANK = {kind: rank for rank, kind in enumerate(LAST_RESORTS, start=1)}
PROGRAM_NAMES = {
    Kind.MEDICARE: "Medicare",
    Kind.TRICARE: "TRICARE",
    Kind.CHAMPVA: "CHAMPVA",
    Kind.MEDICAID: "Medicaid",
}
PROGRAMS = frozenset(PROGRAM_NAMES)


def place(one: Plan, other: Plan) -> tuple[Plan, Rule] | None:
    """The plan that pays first of two, where law puts one of them after the other; None where it doesn't."""
    rank, others_rank = RANK.get(one.kind, 0), RANK.get(other.kind, 0)
    if rank == others_rank:
        return None
    first, last = (one, other) if rank < others_rank else (other, one)
    return first, LAST_RESORTS[last.kind]


def same_program_twice(plans: tuple[Plan, ...]) -> Question | None:
    """The question to ask where one program appears twice, such as Original Medicare beside a Medicare Advantage card.

    A person is in a program once; the rules have no order for the two cards.
    """
    programs = [plan.kind for plan in plans if plan.kind in PROGRAMS]
    if len(set(programs)) == len(programs):
        return None
    program = next(program for program in PROGRAM_NAMES if programs.count(program) > 1)
    cards = sorted(plan.id for plan in plans if plan.kind is program)
    words = f"Which card do you show for {PROGRAM_NAMES[program]} now: {' or '.join(cards)}?"
    return Question("plans.kind", tuple(cards), words)
