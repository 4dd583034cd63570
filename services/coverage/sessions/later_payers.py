"""What a new decision or a correction may change on a session that the primary has answered. Pure.

The primary stays first, and the plans that have answered stay billed, in the same order. The other plans behind the
primary may come in, change places or drop out: what one of them pays, the client does not.
"""

from services.coverage.rows import Session
from shared.events.coverage import SessionCleared
from shared.events.sessions import SessionConfirmed


def with_later_payers(session: Session, decision: SessionCleared) -> SessionCleared | None:
    """The session's decision with the plans that `decision` puts behind the primary; None where it stays as it is."""
    before = session.cleared
    if before is None or not _keeps_what_was_answered(session, before, decision):
        return None
    after = before.model_copy(
        update={
            "plans": (before.plans[0], *decision.plans[1:]),
            "rule": decision.rule,
            "marked": decision.marked,
            "secondary_cost_share": decision.secondary_cost_share,
        }
    )
    return after if (after.plans, after.marked) != (before.plans, before.marked) else None


def with_services(session: Session, event: SessionConfirmed) -> SessionCleared | None:
    """The session's decision with the services that were really given; None where the correction may change who pays.

    Claims replace what the payers decided on, and the cost is judged by the corrected charge.
    """
    if session.cleared is None or session.confirmed is None or what_may_change_who_pays(session, event):
        return None
    return session.cleared.model_copy(update={"lines": event.lines, "place": event.place})


def what_may_change_who_pays(session: Session, event: SessionConfirmed) -> list[str]:
    """What of the session this confirmation states otherwise and the decision on who pays rests on, in words."""
    before = session.confirmed
    if before is None:
        return []
    names = {"date_of_service": "date of service", "provider_id": "provider", "state": "state"}
    return [words for name, words in names.items() if getattr(event, name) != getattr(before, name)]


def _keeps_what_was_answered(session: Session, before: SessionCleared, decision: SessionCleared) -> bool:
    """Whether the primary is the same, and the plans that have answered are billed in the same order."""
    first = decision.plans[0]
    if not first.billable or first.plan_id != before.plans[0].plan_id:
        return False
    if session.sent_plan_id not in (None, first.plan_id):
        return False
    answered = session.answered_plans
    return _billed(before, answered) == _billed(decision, answered)


def _billed(decision: SessionCleared, among: frozenset[str]) -> list[str]:
    return [plan.plan_id for plan in decision.plans if plan.billable and plan.plan_id in among]
