"""What goes out: for each plan of a session decide whether its claim goes, waits, or is not sent, and send it.

`advance` is called after every fact of a session; it looks at all levels, first to last, and does what is due.
"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal

from services.claims.claim.claim_changes import begin, level_of, move
from services.claims.claim.claim_state import Cause, State
from services.claims.claim.control_number import key, taken_apart
from services.claims.claim.filing_deadline import last_day_of_replacement
from services.claims.claim.kept_interchanges import keep_sent
from services.claims.claim.store import (
    claims_of,
    client_of,
    document_of,
    lines_on_file,
    next_interchange,
    save_claim,
    session_of,
    standing_decisions,
)
from services.claims.claim.tables import (
    CLAIMS,
    CONTROL_NUMBERS,
    DOCUMENTS,
    PAYERS,
    Claim,
    ControlNumber,
    Document,
    Session,
    prior_figures,
)
from services.claims.claim.work_queue import leave_to_a_person
from services.claims.filing import professional_claim as documents
from services.claims.filing.claim_facts import (
    FactsAwaitedError,
    claim_facts,
    limits_of,
    parties,
    plan_facts,
    session_facts,
)
from services.claims.filing.watching_deadlines import no_longer_to_be_filed, remind
from services.claims.filing.when_to_file import Hold, Send, Withheld, Withhold, decide
from services.claims.settings import policy
from shared.events.claims import ClaimHeld, ClaimSubmitted, SecondaryWithheld
from shared.events.coverage import ClearedPlan
from shared.events.topics import PAYERS_OUTBOUND
from shared.runtime import interchange
from shared.runtime.transaction import Transaction
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.claim_837.edits import coordination_edits
from shared.x12.claim_837.writer import write_claims
from shared.x12.next_payer.next_claim import Refusal
from shared.x12.syntax.envelope_writer import Envelope

_DIRECTORY_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(hours=6)
_MORNING = time(8, tzinfo=UTC)
_WAITING = (State.READY, State.HELD, State.WITHHELD, State.FORWARDED)
_FREQUENCIES: dict[str, Literal["1", "7", "8"]] = {"1": "1", "7": "7", "8": "8"}
_PASSING_REFUSALS = {"nothing_left": "nothing_left", "crossed_over": "crossover_awaited"}


async def advance(tx: Transaction, session: Session) -> None:
    """Do what is due for each claim of the session, the primary's first."""
    if session.cleared is None or session.confirmed is None:
        return
    prior: Claim | None = None
    for role, plan in enumerate(session.cleared.plans, 1):
        claim = await tx.one(CLAIMS, session.client_id, session.session_id, role)
        if claim is None or _not_gone_out(claim):
            claim = await _decide(tx, session, plan, role, claim, prior)
        prior = claim if plan.billable else prior


def _not_gone_out(claim: Claim) -> bool:
    """Whether the claim is ours to send; one that its payer passed on undecided is with another payer."""
    return claim.state in _WAITING and not (claim.state is State.FORWARDED and claim.sent_on is not None)


async def file_regardless(tx: Transaction, session: Session, claim: Claim) -> None:
    """Send a claim by a person's order although the account is paused, the order is open or the window is over.

    What is no claim at all (nothing left, no decision before) is still none.
    """
    assert session.cleared is not None
    prior: Claim | None = None
    for role, plan in enumerate(session.cleared.plans[: claim.role], 1):
        if role == claim.role:
            await _decide(tx, session, plan, role, claim, prior, regardless=True)
        elif plan.billable:
            prior = await tx.one(CLAIMS, session.client_id, session.session_id, role)


async def _decide(
    tx: Transaction,
    session: Session,
    plan: ClearedPlan,
    role: int,
    claim: Claim | None,
    prior: Claim | None,
    *,
    regardless: bool = False,
) -> Claim:
    """Send, hold or withhold one claim that has not gone out."""
    client = await client_of(tx, session.client_id)
    payer = await tx.one(PAYERS, plan.payer_id)
    limits = limits_of(payer.listed if payer else None)
    facts = claim_facts(session, client, plan, role, prior, limits)
    claim = claim or _new_claim(session, plan, role)
    if claim.payer_claim_id and claim.sent_on is not None and facts.last_filing_day is not None:
        # The payer has had it in time; what goes now replaces that, and has a window of its own.
        again = last_day_of_replacement(limits, claim.sent_on)
        facts = replace(facts, last_filing_day=max(facts.last_filing_day, again))
    if regardless:
        facts = replace(facts, paused=False, order_in_question=False, undetermined_since=None, last_filing_day=None)
    match decide(facts, tx.today, policy().patience):
        case Withhold(reason):
            return await _withhold(tx, claim, plan.reason if not plan.billable and plan.reason else reason.value)
        case Hold(reason, until):
            if until is not None:
                tx.schedule("look", session.client_id, session.session_id, datetime.combine(until, _MORNING))
            return await _hold(tx, claim, reason.value)
        case Send():
            return await _send_first(tx, session, claim, prior)


def _new_claim(session: Session, plan: ClearedPlan, role: int) -> Claim:
    assert session.confirmed is not None
    return Claim(
        client_id=session.client_id,
        session_id=session.session_id,
        role=role,
        plan_id=plan.plan_id,
        payer_id=plan.payer_id,
        state=State.READY,
        service_on=session.confirmed.date_of_service,
        charge_cents=sum(line.charge_cents for line in session.confirmed.lines),
    )


async def _withhold(tx: Transaction, claim: Claim, reason: str) -> Claim:
    """Not to be sent; said once a reason."""
    if claim.state is State.WITHHELD and claim.reason == reason:
        return claim
    if reason == Withheld.FILING_WINDOW_GONE:
        why = "The filing limit is over; appeal with the proof of timely filing where there is one."
        who, level = (claim.client_id, claim.session_id), level_of(claim.role)
        await leave_to_a_person(tx, *who, reason, why, claim.role, claim.submission, level=level)
    claim = await _put(tx, claim, State.WITHHELD, Cause.WITHHOLD, reason)
    session = await session_of(tx, claim.client_id, claim.session_id)
    await no_longer_to_be_filed(tx, session, claim, f"not to be sent: {reason}")
    tx.publish(
        SecondaryWithheld(
            client_id=claim.client_id,
            session_id=claim.session_id,
            level=level_of(claim.role),
            plan_id=claim.plan_id,
            payer_id=claim.payer_id,
            reason=reason,
        )
    )
    return claim


async def _put(tx: Transaction, claim: Claim, state: State, cause: Cause, reason: str) -> Claim:
    """A claim that was never seen begins in `state`; one that was moves there by `cause`."""
    new = claim.submission == 0 and claim.reason is None
    claim = replace(claim, reason=reason)
    return await begin(tx, replace(claim, state=state), reason) if new else await move(tx, claim, cause, reason)


async def _hold(tx: Transaction, claim: Claim, reason: str) -> Claim:
    """It waits; what everybody waits for (the session's end, the payer before) is no news."""
    if claim.state is State.HELD and claim.reason == reason:
        return claim
    claim = await _put(tx, claim, State.HELD, Cause.HOLD, reason)
    if reason not in ("session_not_completed", "session_not_cleared", "prior_not_adjudicated"):
        tx.publish(ClaimHeld(**_named(claim, ""), reason=reason))
        await remind(tx, await session_of(tx, claim.client_id, claim.session_id), claim)
    return claim


async def _send_first(tx: Transaction, session: Session, claim: Claim, prior: Claim | None) -> Claim:
    """Build the claim's first submission and send it; wait where a fact of it is still on its way."""
    try:
        document = await build(tx, session, claim, prior, claim.submission + 1)
    except FactsAwaitedError as error:
        return await _await_facts(tx, claim, str(error))
    except documents.UnbillableSessionError as error:
        await leave_to_a_person(tx, claim.client_id, claim.session_id, "unbillable_session", str(error), claim.role)
        return await _hold(tx, claim, "unbillable_session")
    if isinstance(document, Refusal):
        return await _refused(tx, claim, document)
    if session.cleared is not None and session.cleared.decision > 1:  # a plan that pays no longer may have had it
        document = await _under_an_unused_number(tx, claim, document)
    if claim.payer_claim_id:
        # What the payer has adjudicated or has in hand is replaced; a second original would be a duplicate to it.
        document = documents.replacement(document, document.id, claim.payer_claim_id)
    if claim.reason is not None:
        claim = await move(tx, claim, Cause.RELEASE)
    return await submit(tx, claim, document, Cause.SUBMIT, prior)


async def _await_facts(tx: Transaction, claim: Claim, fact: str) -> Claim:
    """The directory or the client's details may be behind: look again soon, then less often."""
    held = await _hold(tx, claim, f"awaits_{fact}")
    tries = held.tries + 1
    retry = min(_LONGEST_RETRY, _DIRECTORY_RETRY * 2 ** min(tries, 12))
    tx.schedule("look", claim.client_id, claim.session_id, tx.now + retry)
    held = replace(held, tries=tries)
    save_claim(tx, held)
    return held


async def _refused(tx: Transaction, claim: Claim, refusal: Refusal) -> Claim:
    """The decision before does not make a claim: withheld where that is final, else a person looks."""
    if refusal.reason in _PASSING_REFUSALS:
        return await _withhold(tx, claim, _PASSING_REFUSALS[refusal.reason])
    await leave_to_a_person(
        tx, claim.client_id, claim.session_id, refusal.reason, refusal.why, claim.role, level=level_of(claim.role)
    )
    return await _hold(tx, claim, refusal.reason)


async def build(
    tx: Transaction, session: Session, claim: Claim, prior: Claim | None, submission: int
) -> ProfessionalClaim | Refusal:
    """The 837P of a claim from the facts as they stand, as an original under the number of `submission`.

    Raises FactsAwaitedError, UnbillableSessionError.
    """
    assert session.cleared is not None
    assert session.confirmed is not None
    if prior is None:
        billable = [plan for plan in session.cleared.plans if plan.billable]
        plans = [await plan_facts(tx, session.client_id, plan) for plan in billable]
        client = await client_of(tx, session.client_id)
        who = await parties(tx, client, session.cleared.provider_id)
        return documents.first_claim(session_facts(session.confirmed), who, plans, session.base, submission)
    original = replace(await document_of(tx, prior), frequency="1", original_claim_id="")
    decisions = await standing_decisions(tx, prior)
    return documents.later_claim(
        original,
        [claim for claim, _ in decisions],
        decisions[-1][1],
        session.base,
        submission,
        # Whether it was forwarded is settled before a claim is sent: the patience is over, or a person has asked.
        despite_forwarding=True,
    )


async def submit(
    tx: Transaction, claim: Claim, document: ProfessionalClaim, cause: Cause, prior: Claim | None
) -> Claim:
    """Check and send `document`; the claim is with the payer from now on."""
    if claim.submission:
        document = await _under_an_unused_number(tx, claim, document)
    problems = coordination_edits(document)
    if problems:
        said = "; ".join(problem.text for problem in problems)
        await leave_to_a_person(tx, claim.client_id, claim.session_id, "claim_edits", said, claim.role, document.id)
        return await _hold(tx, claim, "claim_edits")
    number = await next_interchange(tx.connection)
    value = write_claims([document], envelope(tx, number))
    _dispatch(tx, claim.payer_id, value, number)
    keep_sent(tx, claim.payer_id, number, value, document.id)
    session = await session_of(tx, claim.client_id, claim.session_id)
    tx.save(CONTROL_NUMBERS, await _submission(tx, session, claim, document, number))
    tx.save(DOCUMENTS, Document(claim.client_id, claim.session_id, document.id, document))
    claim = replace(
        claim,
        reason="sent",
        submission=_submission_of(document),
        control=document.id,
        responsibility=document.responsibility,
        lines=lines_on_file(document),
        sent_on=tx.today,
        answer=None,
        tries=claim.tries if claim.submission else 0,
        asked=0,
        asked_on=None,
        told=() if prior is None else (*prior.told, prior.figures),
    )
    claim = await move(tx, claim, cause, f"{document.id} frequency {document.frequency}")
    await no_longer_to_be_filed(tx, session, claim, "it was sent")
    silence = timedelta(days=policy().unacknowledged_days)
    tx.schedule("chase", claim.client_id, f"{claim.session_id}/{claim.role}", tx.now + silence)
    tx.publish(
        ClaimSubmitted(
            **_named(claim, document.id),
            frequency=_FREQUENCIES[document.frequency],
            charge_cents=document.charge_cents,
            date_of_service=claim.service_on,
            submitted_on=tx.today,
        )
    )
    return claim


async def _submission(
    tx: Transaction, session: Session, claim: Claim, document: ProfessionalClaim, interchange: int
) -> ControlNumber:
    """The submission as it is remembered: an answer to it is judged by the order and the figures that it carried."""
    before = [other for other in await claims_of(tx, session) if other.role < claim.role]
    return ControlNumber(
        client_id=claim.client_id,
        session_id=claim.session_id,
        role=claim.role,
        control=document.id,
        key=key(document.id),
        interchange=interchange,
        frequency=document.frequency,
        plan_order=None if session.cleared is None else tuple(plan.plan_id for plan in session.cleared.plans),
        built_on=tuple(figures for prior in before if (figures := prior_figures(prior)) is not None),
    )


async def _under_an_unused_number(tx: Transaction, claim: Claim, document: ProfessionalClaim) -> ProfessionalClaim:
    """Claims that changed places share a level's letter, so the next number may be another's already."""
    while await tx.one(CONTROL_NUMBERS, claim.client_id, claim.session_id, document.id) is not None:
        stem = document.id.rstrip("0123456789")
        document = replace(document, id=f"{stem}{_submission_of(document) + 1}")
    return document


def _submission_of(document: ProfessionalClaim) -> int:
    """The how-manieth submission a claim's control number stands for."""
    number = taken_apart(document.id)
    assert number is not None, "our own control numbers have three parts"
    return number.submission


def envelope(tx: Transaction, number: int) -> Envelope:
    """The envelope of an interchange of ours."""
    who = policy()
    return Envelope(who.submitter_id, who.receiver_id, number, tx.now, submitter_name=who.billing_name)


def _dispatch(tx: Transaction, payer_id: str, value: bytes, number: int) -> None:
    topic = PAYERS_OUTBOUND.name
    tx.send(interchange.outgoing(topic, payer_id=payer_id, control=f"{number:09}", value=value, source="/claims"))


def _named(claim: Claim, control: str) -> dict[str, Any]:
    """The fields by which every event names a claim."""
    return {
        "client_id": claim.client_id,
        "session_id": claim.session_id,
        "control": control or claim.control,
        "level": level_of(claim.role),
        "plan_id": claim.plan_id,
        "payer_id": claim.payer_id,
    }
