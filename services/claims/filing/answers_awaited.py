"""Whose answers are still to come for a session, and which decisions settle its cost. Pure.

Claims alone knows this; settlement reads it in `session.answers_awaited` and infers nothing. A decision settles the
cost while it stands, its claim is in its place in the order, and the payers before still say what it was built on.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from services.claims.claim.claim_changes import SENT
from services.claims.claim.claim_state import State
from services.claims.claim.level import MOST_LEVELS
from services.claims.claim.posted_remittance import standing_postings
from services.claims.claim.tables import AnswersAwaited, Awaited, Claim, Session
from services.claims.filing.claim_facts import leaves_something
from services.claims.filing.when_to_file import Held
from shared.events.coverage import ClearedPlan
from shared.x12.claim_837.edits import RESPONSIBILITIES

AWAITS_NUMBER = "awaits_payer_claim_number"
"""The reason of a claim that is to be replaced or voided under the number that its payer has not given yet."""

_GOES_BY_ITSELF = frozenset(
    {
        Held.SESSION_NOT_COMPLETED,
        Held.SESSION_NOT_CLEARED,
        Held.PRIOR_NOT_ADJUDICATED,
        Held.PRIOR_INCOMPLETE,
        Held.PRIOR_REVERSED,
        Held.PRIOR_BEING_FIXED,
    }
)


def answers_awaited(
    session: Session, claims: Sequence[Claim], today: date, said: AnswersAwaited | None
) -> AnswersAwaited | None:
    """What is to be said of the session now; None where that was said before (`said`), or coverage has not decided."""
    if session.cleared is None:
        return None
    by_plan = {claim.plan_id: claim for claim in claims}
    awaited, not_awaited, current = list[Awaited](), list[Awaited](), list[str]()
    before = list[Claim]()
    responsibilities = dict(zip((plan.plan_id for plan in session.cleared.named), RESPONSIBILITIES, strict=False))
    for level, plan in enumerate(session.cleared.plans, 1):
        claim = by_plan.get(plan.plan_id)
        if level > MOST_LEVELS:
            not_awaited.append(
                Awaited(plan.plan_id, plan.payer_id, level, "withheld", plan.reason or "too_many_payers")
            )
            continue
        is_awaited, why, reason = _why(session, plan, claim, responsibilities.get(plan.plan_id, ""), before)
        entry = Awaited(plan.plan_id, plan.payer_id, level, why, reason)
        (awaited if is_awaited else not_awaited).append(entry)
        if claim is not None and why == "answered":
            current += [posting.identity for posting in standing_postings(claim.postings) if posting.decided]
        if claim is not None and plan.billable:
            before.append(claim)
    earlier = () if said is None else said.posted
    posted = [posting.identity for claim in claims for posting in claim.postings]
    now = AnswersAwaited(
        client_id=session.client_id,
        session_id=session.session_id,
        version=0 if said is None else said.version,
        decision=session.cleared.decision,
        awaited=_since(awaited, () if said is None else said.awaited, today),
        not_awaited=tuple(not_awaited),
        posted=(*earlier, *(identity for identity in posted if identity not in earlier)),
        current=tuple(current),
    )
    return None if now == said else replace(now, version=now.version + 1)


def _since(awaited: Sequence[Awaited], before: Sequence[Awaited], today: date) -> tuple[Awaited, ...]:
    """The entries, each since when the plan has been awaited for the same."""
    known = {(entry.plan_id, entry.why): entry.since for entry in before}
    return tuple(replace(entry, since=known.get((entry.plan_id, entry.why), today)) for entry in awaited)


Why = tuple[bool, str, str | None]
"""Whether the answer is awaited, why it is or is not, and the reason behind that."""


def _why(session: Session, plan: ClearedPlan, claim: Claim | None, responsibility: str, before: Sequence[Claim]) -> Why:
    if session.cancelled:
        return False, "voided" if claim is not None and claim.state is State.VOIDED else "withheld", "session_cancelled"
    if claim is None:
        return _without_claim(session, plan)
    match claim.state:
        case State.VOIDED:
            return False, "voided", None
        case State.WRITTEN_OFF:
            return False, "written_off", None
        case State.WITHHELD:
            return False, "withheld", claim.reason
        case State.READY | State.HELD:
            return _unsent(claim)
        case _:
            return _with_its_payer(plan, claim, responsibility, before)


def _without_claim(session: Session, plan: ClearedPlan) -> Why:
    if not plan.billable:
        return False, "withheld", plan.reason
    return (False, "withheld", "session_refused") if session.refused else (True, "to_be_filed", None)


def _unsent(claim: Claim) -> Why:
    if any(posting.decided for posting in standing_postings(claim.postings)):
        return True, "being_replaced", claim.reason
    if claim.reason == Held.CROSSOVER_AWAITED:
        return True, "forwarded", claim.reason
    by_itself = claim.state is State.READY or claim.reason in _GOES_BY_ITSELF
    return True, "to_be_filed" if by_itself else "held", claim.reason


def _with_its_payer(plan: ClearedPlan, claim: Claim, responsibility: str, before: Sequence[Claim]) -> Why:
    """A claim that its payer has from us, or from the payer before."""
    outdated = claim.is_outdated(before)
    if not plan.billable or (outdated and before and leaves_something(before[-1]) is False):
        return False, "voided", plan.reason or "nothing_left"
    decided = any(posting.decided for posting in standing_postings(claim.postings))
    if (
        outdated
        or claim.details_corrected
        or claim.reason == AWAITS_NUMBER
        or (claim.responsibility not in ("", responsibility) and claim.sent_on)
    ):
        return True, "being_replaced", None
    match claim.state:
        case State.FORWARDED:
            return True, "forwarded", None
        case State.REJECTED:
            return True, "rejected", claim.answer
        case State.DENIED:
            return True, "refused", claim.answer
        case State.REVERSED:
            return True, "reversed", None
        case state if state in SENT:
            return True, "being_replaced" if decided else "sent", None
        case _:
            return (False, "answered", None) if claim.complete else (True, "incomplete", None)
