"""What becomes of claims already sent when a fact changes behind them: the order, the primary's decision, the session.

`put_right` compares what was sent with the facts as they stand and takes the steps that the rules name; it may be
called at any time and does nothing where all is right, so a step that waits (for the payer's claim number, for a
decision) is simply taken at the next fact.
"""

from dataclasses import replace
from datetime import timedelta

from services.claims.claim.claim_changes import SENT, frequency_of_refused, move, named, numbered
from services.claims.claim.claim_state import TRANSITIONS, UNSENT, Cause, State
from services.claims.claim.control_number import control_number
from services.claims.claim.filing_deadline import last_day_of_replacement
from services.claims.claim.level import level_name
from services.claims.claim.store import claims_of, client_of, document_of, save_claim
from services.claims.claim.tables import PAYERS, Claim, Clearance, Session, prior_figures
from services.claims.claim.work_queue import leave_to_a_person
from services.claims.codes.crossover import Crossover
from services.claims.codes.payer_codes import AnswerClass
from services.claims.filing.advancing import advance
from services.claims.filing.answers_awaited import AWAITS_NUMBER
from services.claims.filing.claim_facts import (
    FactsAwaitedError,
    can_be_built_on,
    confirmed_otherwise,
    limits_of,
    prior_of,
)
from services.claims.filing.holding import look_on
from services.claims.filing.professional_claim import UnbillableSessionError, replacement, void
from services.claims.filing.reordering import rearrange
from services.claims.filing.submitting import build, submit
from services.claims.filing.watching import take_off_the_queue, watch
from services.claims.filing.watching_deadlines import no_longer_to_be_filed
from services.claims.filing.what_to_correct import (
    Act,
    MadeClaim,
    Step,
    after_cancellation,
    after_prior_changed,
    after_reorder,
)
from services.claims.filing.when_to_file import order_awaited_until
from services.claims.settings import policy
from shared.events.claims import ClaimCancelled
from shared.runtime.transaction import Transaction
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.claim_837.edits import RESPONSIBILITIES, coordination_edits
from shared.x12.next_payer.next_claim import Refusal

DISPUTED = (AnswerClass.CLIENT_MUST_CALL.value, AnswerClass.OTHER_PLAN_FIRST.value)
"""Answers about the order of benefits: what they refused goes again once coverage has settled it."""

_MOST_SUBMISSIONS = 8
_LOOK_AGAIN = timedelta(minutes=10)
_CHASE_AFTER_MOVING = timedelta(days=1)


async def reorder(tx: Transaction, session: Session, before: Clearance | None) -> None:
    """Coverage decided anew on the session: claims go to their new places, and what was sent wrongly is put right."""
    if before is None or before.plans != (session.cleared and session.cleared.plans):
        await rearrange(tx, session)
    await resume_after_pause(tx, session)
    for claim in await claims_of(tx, session):
        await watch(tx, claim)
        if claim.state in SENT:
            tx.schedule("chase", claim.client_id, claim.subject, tx.now + _CHASE_AFTER_MOVING)


async def cancel(tx: Transaction, session: Session) -> None:
    """The session was cancelled: what was not sent is dropped, what was sent is voided."""
    await put_right(tx, session)


async def prior_changed(tx: Transaction, session: Session) -> None:
    """A payer's answer was posted: what went to the payers after it may have to be replaced or voided."""
    claims = await claims_of(tx, session)
    if not _as_it_should_be(session, claims):
        await put_right(tx, session)
        claims = await claims_of(tx, session)
    for claim in claims:
        await take_off_the_queue(tx, claim)
        await watch(tx, claim)


async def resume_after_pause(tx: Transaction, session: Session) -> None:
    """The order is settled: what payers refused because of it goes again."""
    await put_right(tx, session)
    client = await client_of(tx, session.client_id)
    if client.pause_id is not None or session.cancelled:
        return
    order = _billed(session)
    for claim in await claims_of(tx, session):
        if claim.state in (State.DENIED, State.REJECTED) and claim.answer in DISPUTED:
            await send_again(tx, session, claim, frequency_of_refused(claim), "the order of plans is settled")
        elif claim.state in (State.ADJUDICATED, State.CORRECTED) and claim.answer in DISPUTED and claim.payer_claim_id:
            # It decided in another place than the one in which it was billed, and that place is settled now.
            before = await _before(tx, session, claim, order)
            if claim.plan_id in order[:1] or can_be_built_on(before):
                await _replace(tx, session, claim, before[-1] if before else None)
            else:
                save_claim(tx, replace(claim, details_corrected=True))


async def send_again(tx: Transaction, session: Session, claim: Claim, frequency: str, why: str) -> None:
    """Build a refused claim again from the facts as they stand and send it, as soon as nothing speaks against it.

    `frequency` 7 replaces what the payer knows under its claim number; 1 is a claim that it has never seen.
    """
    if claim.submission >= _MOST_SUBMISSIONS:
        suggestion = "Sent many times and still refused; call the payer."
        await leave_to_a_person(
            tx, claim.client_id, claim.session_id, "sent_too_often", suggestion, claim.level, claim.submission
        )
        return
    number = claim.payer_claim_id if frequency == "7" else ""
    claim = replace(numbered(claim, number), tries=claim.tries + 1, reason="to_be_sent_again")
    await move(tx, claim, Cause.HOLD, why)
    await advance(tx, session)


async def put_right(tx: Transaction, session: Session) -> None:
    """Take the steps that bring the claims sent into line with the session's facts."""
    claims = await claims_of(tx, session)
    if _as_it_should_be(session, claims):
        return
    assert session.cleared is not None
    order = [plan.plan_id for plan in session.cleared.named]
    billed = _billed(session)
    made = [_made(claim, order) for claim in claims]
    steps = after_cancellation(made) if session.cancelled else after_reorder(made, order, billed)
    for step in steps:
        claim = next((claim for claim in claims if claim.plan_id == step.plan), None)
        if claim is not None:
            await _take(tx, session, claim, billed, step)


def _billed(session: Session) -> list[str]:
    return [] if session.cleared is None else [plan.plan_id for plan in session.cleared.plans if plan.billable]


def _as_it_should_be(session: Session, claims: list[Claim]) -> bool:
    """Whether it is the usual case, in which nothing can be wrong: only the first payer has a claim, and is first."""
    if not claims or session.cleared is None:
        return True
    first, *others = claims
    return (
        not session.cancelled
        and first.plan_id == session.cleared.plans[0].plan_id
        and session.cleared.plans[0].billable
        and first.responsibility == RESPONSIBILITIES[0]
        and not first.details_corrected
        and all(claim.sent_on is None and claim.state in UNSENT for claim in others)
        and len(others) < len(session.cleared.plans)
    )


def _made(claim: Claim, order: list[str]) -> MadeClaim:
    """The claim in the place in which it went out; one that did not go out is where it belongs."""
    place = order.index(claim.plan_id) + 1 if claim.plan_id in order else claim.level
    if claim.sent_on is not None and claim.responsibility in RESPONSIBILITIES:
        place = RESPONSIBILITIES.index(claim.responsibility) + 1
    return MadeClaim(claim.plan_id, place, claim.state, claim.payer_claim_id, tuple(order[: place - 1]))


async def _take(tx: Transaction, session: Session, claim: Claim, order: list[str], step: Step) -> None:
    prior = await _prior(tx, session, claim, order)
    match step.act:
        case Act.KEEP | Act.REPLACE if prior is not None or step.after_prior:
            await _follow_prior(tx, session, claim, await _before(tx, session, claim, order))
        case Act.KEEP if claim.details_corrected:
            await _correct_details(tx, session, claim)
        case Act.KEEP | Act.HOLD | Act.WITHHOLD:
            return
        case Act.REPLACE:
            await _replace(tx, session, claim, prior)
        case Act.NEW:
            if claim.state is State.REJECTED:
                await move(tx, replace(numbered(claim, ""), reason="order_corrected"), Cause.HOLD)
        case Act.AWAIT_NUMBER:
            await _await_number(tx, claim)
        case Act.VOID:
            await _void(tx, session, claim)
        case Act.DROP:
            await _drop(tx, session, claim)


async def _correct_details(tx: Transaction, session: Session, claim: Claim) -> None:
    """The first payer's claim states what is no longer true of the session."""
    if claim.state is State.REJECTED:
        await move(tx, replace(numbered(claim, ""), reason="details_corrected"), Cause.HOLD)
    elif not claim.payer_claim_id:
        await _await_number(tx, claim)
    elif claim.state not in UNSENT:
        await _replace(tx, session, claim, None)


async def _prior(tx: Transaction, session: Session, claim: Claim, order: list[str]) -> Claim | None:
    """The claim to the billable plan that pays before."""
    at = order.index(claim.plan_id) if claim.plan_id in order else 0
    earlier = [other for other in await claims_of(tx, session) if at and other.plan_id == order[at - 1]]
    return earlier[0] if earlier else None


async def _before(tx: Transaction, session: Session, claim: Claim, order: list[str]) -> list[Claim]:
    """The claims to the billable plans that pay before, first to last; none where one of them has no claim yet."""
    at = order.index(claim.plan_id) if claim.plan_id in order else 0
    claims = {earlier.plan_id: earlier for earlier in await claims_of(tx, session)}
    before = [claims[plan_id] for plan_id in order[:at] if plan_id in claims]
    return before if len(before) == at else []


async def _follow_prior(tx: Transaction, session: Session, claim: Claim, before: list[Claim]) -> None:
    """Replace or void what was sent with figures that no longer hold, once the payer before has decided anew.

    What that payer decided on other figures than those before it have now is no decision anew: it is replaced first.
    """
    if not can_be_built_on(before) or claim.state in UNSENT or (claim.sent_on is None and not claim.told):
        return
    prior = before[-1]
    up_to_date = claim.tells_of(before) and not claim.details_corrected
    if up_to_date or (claim.sent_on is None and _may_be_forwarded(tx, claim, prior)):
        return
    made = MadeClaim(claim.plan_id, claim.level, claim.state, claim.payer_claim_id)
    step = after_prior_changed(made, prior.state, prior.figures[1])
    match step.then or step.act:
        case Act.NEW | Act.WITHHOLD:
            await move(tx, replace(numbered(claim, ""), reason="prior_decided_anew"), Cause.HOLD)
        case _ if step.act is Act.AWAIT_NUMBER:
            await _await_number(tx, claim)
        # A plan before that does not cover the service leaves nothing to the client, and yet this one may pay.
        case Act.VOID if not prior_of(prior).denied:
            await _void(tx, session, claim)
        case Act.REPLACE | Act.VOID:
            await _replace(tx, session, claim, prior)
        case _:
            return


def _may_be_forwarded(tx: Transaction, claim: Claim, prior: Claim) -> bool:
    """Whether the payer that forwarded the claim says the same of its correction, and may still do so."""
    if prior.crossover == Crossover.NOT_FORWARDED.value or prior.forwarded_on is None:
        return False
    until = prior.forwarded_on + timedelta(days=policy().crossover_days)
    if tx.today >= until:
        return False
    tx.schedule("look", claim.client_id, claim.session_id, tx.now + (until - tx.today))
    return True


async def _replace(tx: Transaction, session: Session, claim: Claim, prior: Claim | None) -> None:
    """Send a replacement (frequency 7) built from the facts as they stand, once the order is known.

    A later payer's carries the decision of the payer before: where none stands, or its claim is yet to be made
    (`prior` None), it waits for that.
    """
    client = await client_of(tx, session.client_id)
    stopped = client.pause_id is not None or session.completed_on_another_day or confirmed_otherwise(session)
    if stopped or _awaits_order(tx, session):
        return
    if claim.plan_id not in _billed(session)[:1] and (prior is None or prior_figures(prior) is None):
        return
    try:
        document = await build(tx, session, claim, prior, claim.submission + 1)
    except FactsAwaitedError:
        tx.schedule("look", claim.client_id, claim.session_id, tx.now + _LOOK_AGAIN)
        return
    except UnbillableSessionError as error:
        await _by_hand(tx, claim, "replacement_unbillable", str(error))
        return
    obstacle = await _obstacle(tx, claim, prior, document)
    if isinstance(document, Refusal) or obstacle:
        await _by_hand(tx, claim, "replacement_impossible", obstacle)
        return
    cause = Cause.REPLACE if (claim.state, Cause.REPLACE) in TRANSITIONS else Cause.RESEND
    await submit(tx, claim, replacement(document, document.id, claim.payer_claim_id), cause, prior)


def _awaits_order(tx: Transaction, session: Session) -> bool:
    """Whether the client is asked about the order; the session is looked at again when we have waited long enough."""
    since = None if session.cleared is None else session.cleared.undetermined_since
    until = order_awaited_until(since, tx.today, policy().patience)
    if until is None:
        return False
    look_on(tx, session, until)
    return True


async def _obstacle(tx: Transaction, claim: Claim, prior: Claim | None, document: ProfessionalClaim | Refusal) -> str:
    """Why a replacement must not go; empty where it may."""
    if isinstance(document, Refusal):
        return document.why
    if await _too_late(tx, claim, prior):
        return "the payer's limit for replacements is over; appeal with the proof"
    return "; ".join(problem.text for problem in coordination_edits(document))


async def _too_late(tx: Transaction, claim: Claim, prior: Claim | None) -> bool:
    """Whether the window is closed; a new decision of the payer before opens it again."""
    payer = await tx.one(PAYERS, claim.payer_id)
    limits = limits_of(payer.listed if payer else None)
    ends = [] if claim.decided_on is None else [last_day_of_replacement(limits, claim.decided_on)]
    if prior is not None and prior.decided_on is not None:
        ends.append(last_day_of_replacement(limits, prior.decided_on))
    return bool(ends) and tx.today > max(ends)


async def _by_hand(tx: Transaction, claim: Claim, reason: str, why: str) -> None:
    whose, level = (claim.client_id, claim.session_id), level_name(claim.level)
    await leave_to_a_person(tx, *whose, reason, why, claim.level, claim.submission, level=level)


async def _await_number(tx: Transaction, claim: Claim) -> None:
    """Frequency 7 and 8 name the payer's claim: wait until it has given its number, or a person asks for it."""
    if claim.reason == AWAITS_NUMBER:
        return
    claim = replace(claim, reason=AWAITS_NUMBER)
    save_claim(tx, claim)
    await watch(tx, claim)


async def _void(tx: Transaction, session: Session, claim: Claim) -> None:
    """Take the claim back (frequency 8); what was paid for it comes back by itself."""
    if claim.sent_on is None:
        await _by_hand(tx, claim, "void_forwarded_claim", "Another payer forwarded it; ask this payer to void it.")
        return
    level = RESPONSIBILITIES.index(claim.responsibility)
    number = control_number(session.base, level, claim.submission + 1)
    document = void(await document_of(tx, claim), number, claim.payer_claim_id)
    claim = await submit(tx, claim, document, Cause.VOID, None)
    _say_cancelled(tx, session, claim, voided=True)
    await watch(tx, claim)


async def _drop(tx: Transaction, session: Session, claim: Claim) -> None:
    """What no payer has taken into adjudication is not sent (again)."""
    reason = "session_cancelled" if session.cancelled else "order_corrected"
    if claim.state is State.WITHHELD and (claim.reason == reason or not session.cancelled):
        return  # it is not sent anyway; the reason that was said stays
    claim = await move(tx, replace(claim, reason=reason), Cause.CANCEL, reason)
    await no_longer_to_be_filed(tx, session, claim, f"not to be sent: {reason}")
    _say_cancelled(tx, session, claim, voided=False)


def _say_cancelled(tx: Transaction, session: Session, claim: Claim, *, voided: bool) -> None:
    """Only for a cancelled session: where the order changed, coverage's decision says it already."""
    if session.cancelled:
        tx.publish(ClaimCancelled.model_validate({**named(claim), "voided": voided}))
