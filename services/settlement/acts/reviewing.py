"""What is laid before a person: each reason once, and again with new evidence."""

from dataclasses import replace

from services.settlement.answers.review import Review
from services.settlement.money.request_keys import digest
from services.settlement.money.settle import Target
from services.settlement.store import REVIEWS, ReviewRow, Session
from shared.events.settlement import SettlementReviewRequested
from shared.runtime.transaction import Transaction

_PASSING = {
    "nothing_adjudicated",
    "forwarded_answer_awaited",
    "answer_incomplete",
    "primary_missing",
    "reversal_without_correction",
    "coordination_denial",
    "information_denial",
    "passed_to_another_payer",
    "primary_changed_since",
}
"""The claims service works on these; they end by themselves, or it tells a person."""


def ask_persons(tx: Transaction, session: Session, target: Target) -> Session:
    """Each reason reaches a person once, and again with new evidence; what ends by itself is no reason yet."""
    issues = {_name(issue): issue for issue in target.review if issue.reason not in _PASSING}
    fresh = {name: issue for name, issue in issues.items() if name not in session.reviews}
    for issue in {issue.reason: issue for issue in fresh.values()}.values():
        review(tx, session, issue.reason, f"{issue.level or ''} {issue.evidence}".strip() or issue.why)
    return replace(session, reviews=(*session.reviews, *fresh)) if fresh else session


def _name(issue: Review) -> str:
    return f"{issue.reason}:{digest(issue.level or '', issue.evidence)}" if issue.evidence else issue.reason


def review(tx: Transaction, session: Session, reason: str, evidence: str) -> None:
    """Tell a person."""
    name = f"review-{digest(session.client_id, session.session_id, reason, tx.now.isoformat())}"
    tx.save(REVIEWS, ReviewRow(session.client_id, session.session_id, reason, evidence, tx.now, name))
    tx.publish(
        SettlementReviewRequested(
            client_id=session.client_id, session_id=session.session_id, reason=reason, evidence=evidence[:2000]
        )
    )


def review_once(tx: Transaction, session: Session, reason: str, evidence: str) -> Session:
    """Tell a person, once a session for each reason."""
    if reason in session.reviews:
        return session
    review(tx, session, reason, evidence)
    return replace(session, reviews=(*session.reviews, reason))


def review_evidence_once(tx: Transaction, session: Session, reason: str, evidence: str) -> Session:
    """Tell a person, once a session for each reason and evidence."""
    name = f"{reason}:{digest('', evidence)}"
    if name in session.reviews:
        return session
    review(tx, session, reason, evidence)
    return replace(session, reviews=(*session.reviews, name))
