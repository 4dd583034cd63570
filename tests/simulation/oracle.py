"""What each session must cost the client in the end, from what the payers decided alone: own arithmetic.

The last payer in the order that decided on benefits says what is left; never more than the first payer left. Where the
payers' decisions do not tell (taken back and not corrected, contradicting, still to come), the oracle is silent.
"""

from collections.abc import Iterator, Sequence

from shared.events.coverage import SessionCleared
from shared.events.settlement import CostFinalized
from tests.simulation.history import Remitted
from tests.simulation.promises.promise import A_DAY, NO_WORD_ON_BENEFITS, Broken, Case, Promise, each_session


def final_cost_cents(case: Case, session: int) -> int | None:
    """What the session must cost, or None where the facts do not tell."""
    decisions = case.decisions(session)
    if not decisions or not case.completed(session) or not isinstance(decisions[-1][1], SessionCleared):
        return None
    cleared = decisions[-1][1]
    standing = case.standing(session, case.ends)
    costs: list[int] = []
    for plan in cleared.plans:
        if not plan.billable:
            continue
        answers = standing[plan.plan_id]
        if not answers and costs and costs[-1] == 0:
            break
        if not answers or not _settled(case, session, plan.plan_id, answers):
            return None
        if _not_covered(answers):
            continue
        costs.append(sum(_left(remitted) for remitted in answers))
    return min(costs[0], costs[-1]) if costs else None


def _settled(case: Case, session: int, payer: str, answers: Sequence[Remitted]) -> bool:
    """Whether these decisions answer the last claim that the payer got, as a whole, in the place it was sent."""
    filed = [(at, filed.claim) for at, filed in case.filed(session) if filed.payer == payer]
    answered = [at for at, remitted in case.remitted(session) if remitted in answers]
    if not filed or filed[-1][1].frequency == "8" or min(answered) < filed[-1][0]:
        return False
    charge = sum(remitted.claim.charge_cents for remitted in answers)
    reasons = {a.reason for remitted in answers for a in remitted.claim.all_adjustments}
    after_earlier = all(at >= filed[-1][0] for at in answered)
    return charge == filed[-1][1].charge_cents and after_earlier and not reasons & NO_WORD_ON_BENEFITS


def _not_covered(answers: Sequence[Remitted]) -> bool:
    return all(remitted.claim.status == "4" for remitted in answers)


def _left(remitted: Remitted) -> int:
    return sum(a.amount_cents for a in remitted.claim.all_adjustments if a.group == "PR")


@each_session
def _costs_what_payers_left(case: Case, session: int) -> Iterator[Broken]:
    cost = final_cost_cents(case, session)
    last = max((at for at, _ in case.remitted(session)), default=case.ends)
    if cost is None or last + A_DAY > case.ends or case.person(session, case.history.begins):
        return
    told = case.said(session, CostFinalized)
    if not told or told[-1][1].final_cost_cents != cost:
        final = told[-1][1].final_cost_cents if told else "nothing"
        yield Broken(last, session, f"payers left {cost} to the client, the final cost is {final}")


COSTS = Promise(
    "costs", "A session costs in the end what the last payer left, never more than the first.", _costs_what_payers_left
)
