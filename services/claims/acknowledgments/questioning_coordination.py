"""What we hold when a payer answers, and the question to coverage where its answer is about the order of benefits."""

from typing import Any

from services.claims.claim.claim_changes import named
from services.claims.claim.tables import Claim, ControlNumber, Session
from services.claims.codes.classification import Classification
from services.claims.codes.remittance_answer import OurSide
from shared.events.claims import CoordinationQuestioned
from shared.runtime.transaction import Transaction


def our_side(session: Session, claim: Claim, answered: ControlNumber | None) -> OurSide:
    """What we held when we sent what a payer answers: the order of plans at that time, and the plan that answers.

    The order may have been corrected since; the payer did as it was billed.
    """
    plans = () if session.cleared is None else session.cleared.plans
    order = tuple(plan.plan_id for plan in plans) or None
    passed_on = claim.sent_on is None or (answered is not None and answered.level != claim.level)
    if answered is not None and answered.plan_order:
        order = answered.plan_order
    return OurSide(our_order=order, billed=claim.plan_id, passed_on=passed_on)


def question(tx: Transaction, session: Session, claim: Claim, classification: Classification) -> None:
    """Tell coverage what the payer said about the order of benefits, or about coverage at all."""
    says: Any = classification.this_payer_says
    tx.publish(
        CoordinationQuestioned(
            **named(claim),
            answer=classification.answer.value,
            codes=tuple(said.code[:20] for said in classification.codes),
            evidence=classification.why[:2000],
            date_of_service=claim.service_on,
            claim_sent_on=claim.sent_on or claim.service_on,
            reported_on=tx.today,
            payer_says=says,
        )
    )
