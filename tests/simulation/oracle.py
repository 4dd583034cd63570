"""What each session must cost the client in the end, from what the payers decided alone: own arithmetic.

What the last payer left that decided on benefits; never more than the first one left, nor than the contracted rate. A
payer that does not cover the service leaves what was left before it. What was taken back counts no more, what was
corrected counts as corrected. Where the decisions do not tell (taken back and not corrected, still to come, given up by
the marketplace), the oracle is silent, and a person must have been told.
"""

from collections.abc import Iterator, Sequence

from shared.events.claims import ClaimHeld, ClaimSubmitted, ClaimWrittenOff
from shared.events.coverage import SessionCleared
from shared.events.settlement import CostFinalized
from tests.simulation.history import Remitted
from tests.simulation.promises.promise import A_DAY, NO_WORD_ON_BENEFITS, ON_DAY_90, Broken, Case, Promise, each_session


def final_costs_cents(case: Case, session: int) -> set[int]:
    """What the session may cost: one sum, or one for each published rate; empty where the facts do not tell."""
    left = _left_in_the_end(case, session)
    return set() if left is None else {min(left, rate) for rate in case.rates(session)}


def _left_in_the_end(case: Case, session: int) -> int | None:
    decisions = case.decisions(session)
    if not decisions or not case.completed(session) or not isinstance(decisions[-1][1], SessionCleared):
        return None
    if _given_up(case, session):
        return None
    standing = case.standing(session, case.ends)
    first = left = None
    for plan in decisions[-1][1].plans[:3]:  # no more get claims; a person is told of one that has lost its place
        answers = standing[plan.plan_id]
        if not plan.billable or (not answers and left == 0):
            continue
        if not answers or not _settled(case, session, plan.plan_id, answers):
            return None
        if left is None or not _not_covered(answers):
            left = sum(_left_by(remitted) for remitted in answers)
        first = left if first is None else first
    return None if first is None or left is None else min(first, left)


def _given_up(case: Case, session: int) -> bool:
    """Whether the marketplace has given up a claim, and bears what its payer might have paid: told so, it stays so."""
    last: dict[str, object] = {}
    for _, event in case.said(session, ClaimSubmitted, ClaimHeld, ClaimWrittenOff):
        last[event.plan_id] = event
    return any(isinstance(event, ClaimWrittenOff) for event in last.values())


def _settled(case: Case, session: int, payer: str, answers: Sequence[Remitted]) -> bool:
    """Whether these decisions answer the last claim that the payer got, as a whole, and speak of benefits."""
    filed = [(at, filed.claim) for at, filed in case.filed(session) if filed.payer == payer]
    answered = [at for at, remitted in case.remitted(session) if remitted in answers]
    if not filed or filed[-1][1].frequency == "8" or min(answered) < filed[-1][0]:
        return False
    charge = sum(remitted.claim.charge_cents for remitted in answers)
    reasons = {a.reason for remitted in answers for a in remitted.claim.all_adjustments}
    return charge == filed[-1][1].charge_cents and not reasons & NO_WORD_ON_BENEFITS


def _not_covered(answers: Sequence[Remitted]) -> bool:
    return all(remitted.claim.status == "4" for remitted in answers)


def _left_by(remitted: Remitted) -> int:
    return sum(a.amount_cents for a in remitted.claim.all_adjustments if a.group == "PR")


@each_session
def _costs_what_payers_left(case: Case, session: int) -> Iterator[Broken]:
    costs = final_costs_cents(case, session)
    last = max((at for at, _ in case.remitted(session)), default=case.ends)
    if not costs or last + 2 * A_DAY > case.ends:
        return
    told = case.said(session, CostFinalized)
    final = told[-1][1].final_cost_cents if told else None
    since = told[-1][0] if told and told[-1][1].reason not in ON_DAY_90 else case.history.begins
    if final not in costs and not case.person_about_cost(session, since):
        said = "nothing" if final is None else final
        yield Broken(last, session, f"payers left {sorted(costs)} to the client, the final cost is {said}")


COSTS = Promise(
    "costs", "A session costs in the end what the last payer left, never more than the first.", _costs_what_payers_left
)
