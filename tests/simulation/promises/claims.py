"""Claims: each goes as coverage last decided, after the payers before it, and to nobody who cannot be billed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.events.claims import (
    ClaimAdjudicated,
    ClaimHeld,
    ClaimReversed,
    ClaimSubmitted,
    ClaimWrittenOff,
    SecondaryWithheld,
)
from shared.events.coverage import AccountPaused, AccountUnpaused, ClearedPlan, SessionCleared
from tests.simulation.broker import LAG_HOURS
from tests.simulation.history import Filed, Remitted
from tests.simulation.promises.promise import A_DAY, NO_WORD_ON_BENEFITS, Broken, Case, Promise, each_session

_NO_REASON = {"no_other_payer", "nothing_left"}
"""No reason to withhold a claim to a plan that can be billed for something."""
_LEVELS = {"P": "primary", "S": "secondary", "T": "tertiary"}


@each_session
def _as_decided(case: Case, session: int) -> Iterator[Broken]:
    for at, filed in case.filed(session):
        if filed.claim.frequency != "8" and not _decisions_for(case, session, filed, at):
            level = _LEVELS[filed.claim.responsibility]
            yield Broken(at, session, f"a claim goes to {filed.payer} as {level}, and coverage has not decided so")


def _decisions_for(case: Case, session: int, filed: Filed, at: datetime) -> list[SessionCleared]:
    """The decisions by which the claim may have gone: the one known a day before, and those of the day since."""
    before = [decision for when, decision in case.decisions(session) if when < at - A_DAY]
    since = [decision for when, decision in case.decisions(session) if at - A_DAY <= when <= at]
    allowed = [decision for decision in (*before[-1:], *since) if isinstance(decision, SessionCleared)]
    return [decision for decision in allowed if _names(decision, filed)]


def _names(decision: SessionCleared, filed: Filed) -> bool:
    level = _LEVELS[filed.claim.responsibility]
    return any(plan.plan_id == filed.payer and plan.billable and plan.level == level for plan in decision.plans)


@each_session
def _after_those_before(case: Case, session: int) -> Iterator[Broken]:
    """Whatever the claim calls itself, by the decisions that name it so; else by the last one."""
    for at, filed in case.filed(session):
        cleared = [d for when, d in case.decisions(session) if when <= at and isinstance(d, SessionCleared)]
        if filed.claim.frequency == "8" or not cleared:
            continue
        unanswered = [
            [plan for plan in _before(decision, filed.payer) if not _had_answered(case, session, plan, at)]
            for decision in _decisions_for(case, session, filed, at) or cleared[-1:]
        ]
        if all(unanswered):
            who = unanswered[-1][0].plan_id
            yield Broken(at, session, f"a claim goes to {filed.payer} before {who} has answered")


def _had_answered(case: Case, session: int, plan: ClearedPlan, at: datetime) -> bool:
    """Whether we could believe that the payer has answered: what it took back since may not have reached us yet."""
    longest = timedelta(hours=max(LAG_HOURS))
    recent = [when for when, _ in case.remitted(session) if at - longest <= when < at]
    return any(_has_answered(case, session, plan, moment) for moment in (at, *recent))


def _has_answered(case: Case, session: int, plan: ClearedPlan, at: datetime) -> bool:
    """Whether a decision of the payer stands that says something of benefits."""
    return any(
        remitted.claim.paid_cents or not {a.reason for a in remitted.claim.all_adjustments} & NO_WORD_ON_BENEFITS
        for remitted in case.standing(session, at)[plan.plan_id]
    )


def _before(decision: SessionCleared, plan_id: str) -> list[ClearedPlan]:
    ids = [plan.plan_id for plan in decision.plans]
    at = ids.index(plan_id) if plan_id in ids else 0
    return [plan for plan in decision.plans[:at] if plan.billable]


@each_session
def _billed_where_it_matters(case: Case, session: int) -> Iterator[Broken]:
    """A plan that coverage says can be billed gets its claim where the one before left something to pay."""
    decisions = case.decisions(session)
    if not decisions or not case.completed(session) or _paused_at_end(case):
        return
    at, last = decisions[-1]
    if not isinstance(last, SessionCleared):
        return
    standing = case.standing(session, case.ends)
    for before, plan in zip(last.plans, last.plans[1:], strict=False):
        left = sum(
            remitted.claim.patient_responsibility_cents or 0 for remitted in standing[before.plan_id] if before.billable
        )
        if not plan.billable or not left or _seen_to(case, session, plan.plan_id):
            continue
        if not case.person_about_claims(session, at):
            yield Broken(at, session, f"{plan.plan_id} could be billed for {left / 100:.2f} and was not, nobody knows")


def _seen_to(case: Case, session: int, plan_id: str) -> bool:
    """Filed, crossed over, or withheld or given up for a reason."""
    if any(filed.payer == plan_id for _, filed in case.filed(session)):
        return True
    if any(remitted.payer == plan_id for _, remitted in case.remitted(session)):
        return True
    events = case.said(session, SecondaryWithheld, ClaimWrittenOff)
    return any(event.plan_id == plan_id and event.reason not in _NO_REASON for _, event in events)


def _paused_at_end(case: Case) -> bool:
    last = [event for _, event in case.said(None, AccountPaused, AccountUnpaused)][-1:]
    return bool(last) and isinstance(last[0], AccountPaused)


@each_session
def _posted_where_it_belongs(case: Case, session: int) -> Iterator[Broken]:
    """Each decision of a payer is posted to the claim and the place in which it was sent, or a person has it."""
    posted = case.said(session, ClaimAdjudicated, ClaimReversed)
    for at, remitted in case.remitted(session):
        number, back = remitted.claim.payer_claim_id, remitted.claim.reversal
        if not number or at + A_DAY > case.ends:
            continue
        ours = [
            event
            for when, event in posted
            if when >= at and event.payer_claim_id == number and isinstance(event, ClaimReversed) == back
        ]
        level = ("primary", "secondary", "tertiary")[remitted.level]
        # What another payer sent on is posted without a place (`sent_level`): only its plan is said.
        posted_as = {(event.plan_id, event.sent_level or level) for event in ours}
        if posted_as - {(remitted.payer, level)}:
            yield Broken(at, session, f"{number} is posted as {sorted(posted_as)}, it is {remitted.payer}'s {level}")
        elif not ours and not _known(case, session, remitted, at):
            yield Broken(at, session, f"{number} ({'taken back' if back else 'decided'}) is neither posted nor told")


def _known(case: Case, session: int, remitted: Remitted, at: datetime) -> bool:
    """Whether the like was posted before (it came twice, or refuses what stands), or a person was told within a day.

    What takes back a decision that a person was told of, and that was never posted, ends that.
    """
    number = remitted.claim.payer_claim_id
    before = [event for when, event in case.said(session, ClaimAdjudicated, ClaimReversed) if when <= at]
    twice = any(event.payer_claim_id == number for event in before)
    stands = any(decided.claim.paid_cents for decided in case.standing(session, at)[remitted.payer])
    if twice or (stands and remitted.claim.status == "4"):
        return True
    if not _is_in_the_order(case, session, remitted.payer, at):
        return case.person_about_claims(session, case.history.begins, at)
    came = [when for when, other in case.remitted(session) if when <= at and other.claim.payer_claim_id == number]
    return any(case.person_about_claims(session, when, when + A_DAY) for when in came)


def _is_in_the_order(case: Case, session: int, plan_id: str, at: datetime) -> bool:
    """Whether the plan is one of the three that get claims; a person is told when one loses its place to others."""
    last = [decision for when, decision in case.decisions(session) if when <= at][-1:]
    return any(
        plan.plan_id == plan_id
        for decision in last
        if isinstance(decision, SessionCleared)
        for plan in decision.plans[:3]
    )


@each_session
def _reversal_names_its_own(case: Case, session: int) -> Iterator[Broken]:
    by_id = {event.adjudication_id: event for _, event in case.said(session, ClaimAdjudicated)}
    for at, back in case.said(session, ClaimReversed):
        decided = by_id.get(back.reverses or "")
        if decided is not None and back.payer_claim_id and decided.payer_claim_id != back.payer_claim_id:
            yield Broken(at, session, f"the reversal of {back.payer_claim_id} takes back {decided.payer_claim_id}")


@each_session
def _no_claim_before_its_day(case: Case, session: int) -> Iterator[Broken]:
    for at, event in case.said(session, ClaimSubmitted):
        if at.date() < event.date_of_service:
            yield Broken(at, session, f"a claim goes before the day of service {event.date_of_service}")


@each_session
def _our_own_edits(case: Case, session: int) -> Iterator[Broken]:
    for at, event in case.said(session, ClaimHeld):
        if event.reason == "claim_edits":
            yield Broken(at, session, f"the claim to {event.plan_id} fails our own edits")


PROMISES = (
    Promise("as_decided", "No claim goes to a payer but as coverage's last decision says.", _as_decided),
    Promise("after_those_before", "No claim goes before the payers before it have answered.", _after_those_before),
    Promise("billed", "A plan that can be billed while it matters is billed.", _billed_where_it_matters),
    Promise("posted", "An answer is posted to its own claim, in the place it was sent.", _posted_where_it_belongs),
    Promise("reversal", "A reversal takes back the decision that its own number names.", _reversal_names_its_own),
    Promise("our_own_edits", "No claim is held because it is not what our own edits ask for.", _our_own_edits),
    Promise("not_before_its_day", "No claim goes before the session took place.", _no_claim_before_its_day),
)
