"""The programs that federal law puts after other coverage: TRICARE, CHAMPVA, CHIP, and Medicaid after everything.

Neither a call nor payers that agree change what the law says. Sources:

- TRICARE pays after other coverage and Medicare, before Medicaid and what supplements TRICARE: 32 CFR 199.8.
- That is so for those whom it covers: retired members and families (32 CFR 199.3(b)). A member on active duty is none
  of them: the forces owe that care (10 USC 1074(a)) and buy it for the member (32 CFR 199.16), so nobody pays before.
- CHAMPVA pays after other coverage and before Medicaid: 38 CFR 17.270.
- Medicaid pays after every liable third party: 42 CFR 433.138 (finding them), 433.139 (paying after them).
- CHIP pays after private coverage and other federally financed insurance, the Indian Health Service apart: 42 USC
  1397ee(c)(6). A child with other coverage, or whom Medicaid would cover, should not be in it (42 CFR 457.310(b)(2)):
  both cards at once are an overlap, such as in the month of a change. Each program waits for the other then; no text
  that we found settles it, and we read 433.139 as the stricter.
"""

from services.coverage.order.facts import Kind, Plan, Relation
from services.coverage.order.missing_facts import Question
from services.coverage.order.rule import Rule

LAST_RESORTS = {
    Kind.TRICARE: Rule.TRICARE_LAST,
    Kind.CHAMPVA: Rule.CHAMPVA_LAST,
    Kind.SUPPLEMENT: Rule.SUPPLEMENT_LAST,
    Kind.CHIP: Rule.CHIP_LAST,
    Kind.MEDICAID: Rule.MEDICAID_LAST,
}
RANK = {kind: rank for rank, kind in enumerate(LAST_RESORTS, start=1)}
BY_LAW = frozenset({*LAST_RESORTS.values(), Rule.ACTIVE_DUTY_FIRST})
"""The rules that no statement of a payer overrides."""
PROGRAM_NAMES = {
    Kind.MEDICARE: "Medicare",
    Kind.TRICARE: "TRICARE",
    Kind.CHAMPVA: "CHAMPVA",
    Kind.CHIP: "CHIP",
    Kind.MEDICAID: "Medicaid",
}
PROGRAMS = frozenset({*PROGRAM_NAMES, Kind.SUPPLEMENT})


def place(one: Plan, other: Plan) -> tuple[Plan, Rule] | None:
    """The plan that pays first of two, where law puts one of them after the other; None where it doesn't."""
    rank, others_rank = RANK.get(one.kind, 0), RANK.get(other.kind, 0)
    if rank == others_rank:
        return None
    if is_on_active_duty(one) or is_on_active_duty(other):
        return (one if is_on_active_duty(one) else other), Rule.ACTIVE_DUTY_FIRST
    first, last = (one, other) if rank < others_rank else (other, one)
    return first, LAST_RESORTS[last.kind]


def is_on_active_duty(plan: Plan) -> bool:
    """Whether the plan is TRICARE of the patient's own active duty; the member's family is covered like anybody."""
    if plan.kind is not Kind.TRICARE or not plan.active_duty:
        return False
    relation = plan.subscriber.relation if plan.subscriber is not None else None
    return relation in (None, Relation.SELF)


def same_program_twice(plans: tuple[Plan, ...]) -> Question | None:
    """The question to ask where one program appears twice, such as Original Medicare beside a Medicare Advantage card.

    A person is in a program once; the rules have no order for the two cards.
    """
    programs = [plan.kind for plan in plans if plan.kind in PROGRAM_NAMES]
    if len(set(programs)) == len(programs):
        return None
    program = next(program for program in PROGRAM_NAMES if programs.count(program) > 1)
    cards = sorted(plan.id for plan in plans if plan.kind is program)
    words = f"Which card do you show for {PROGRAM_NAMES[program]} now: {' or '.join(cards)}?"
    return Question("plans.kind", tuple(cards), words)
