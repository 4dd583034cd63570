"""Why a cost is what it is, and why it is still open: the true reason, for letters and pages."""

from collections.abc import Container

from services.settlement.answers.adjudication import Level
from services.settlement.answers.session_facts import SessionFacts
from services.settlement.money.progress import Step
from services.settlement.money.settle import Target
from shared.codes.adjustment_codes import is_payable_elsewhere
from shared.events.answers_awaited import AwaitedBecause
from shared.events.settlement import OverdueBecause


def reason_of(facts: SessionFacts, target: Target, edition: int, refund_cents: int) -> str:
    """Why the final cost is what it is; `refund_cents` (negative: a balance) is what this edition moves."""
    if facts.cancelled:
        return "session_cancelled"
    if target.on_day_90:
        return "filed_too_late" if target.cost.filed_late else "waited_90_days"
    if Level.PRIMARY not in target.cost.paid_cents or target.cost.filed_late:
        return "claim_given_up"
    if target.client.forgiven_cents:
        return "balance_forgiven"
    if refund_cents < 0:
        return _why_more(facts, target, edition, -refund_cents)
    secondary = target.cost.paid_cents.get(Level.SECONDARY)
    if refund_cents > 0:
        if edition > 1 and payer_corrected(facts):
            return "payer_corrected"
        return "secondary_paid" if secondary else "estimate_too_high"
    if len(facts.plans) < 2:
        return "one_plan"
    if secondary is None:
        return "secondary_not_billed"
    return "secondary_paid_nothing" if secondary == 0 else "as_estimated"


def payer_corrected(facts: SessionFacts) -> bool:
    """Whether a payer took an answer back, or gave a second one that counts instead of its first."""
    if any(answer.claim.reversal for answer in facts.answers.values()):
        return True
    decided = [answer.plan for answer in facts.answers.values() if answer.answer.decides_benefits and answer.complete]
    return len(decided) > len(set(decided))


def charge_failed(facts: SessionFacts, due_cents: int) -> bool:
    """Whether the balance is due because the estimate was not paid, and not because of what the payers left."""
    return facts.unpaid_estimate_cents >= due_cents > 0


def _why_more(facts: SessionFacts, target: Target, edition: int, due_cents: int) -> str:
    if charge_failed(facts, due_cents):
        return "charge_failed"
    if target.cost.paid_to_client_cents > 0:
        return "paid_to_client"
    if edition > 1 and payer_corrected(facts):
        return "payer_corrected"
    decided = [answer for answer in facts.answers.values() if answer.id in target.cost.decided_by]
    stated = [adjustment for answer in decided for adjustment in answer.claim.all_adjustments]
    reasons = {adjustment.reason for adjustment in stated if adjustment.group == "PR"}
    if any(map(is_payable_elsewhere, reasons)):
        return "plan_did_not_pay"
    if "1" in reasons:
        return "deductible"
    return "estimate_too_low" if facts.estimate_cents else "nothing_charged"


def overdue_because(facts: SessionFacts, level: Level | None, happened: Container[Step]) -> OverdueBecause:
    """Why nothing has ended the wait: what is known of the payer at `level`, the first that is awaited."""
    if level is None:
        return "person_decides"
    say = facts.claims_say
    if say is None:
        return "payer_has_not_answered" if Step(f"{level}_sent") in happened else "claim_not_sent"
    why: AwaitedBecause | None = next((plan.why for plan in say.awaited if plan.level == level), None)
    match why:
        case "to_be_filed" | "held":
            return "claim_not_sent"
        case "rejected" | "refused":
            return "claim_refused"
        case "reversed":
            return "answer_taken_back"
        case "being_replaced":
            return "claim_being_replaced"
        case "sent" | "forwarded" | "incomplete" | None:
            return "payer_has_not_answered"
