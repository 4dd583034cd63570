"""What goes out: for each plan of a session decide whether its claim goes, waits, or is not sent.

`advance` is called after every fact of a session; it looks at all levels, first to last, and does what is due.
"""

from dataclasses import replace
from datetime import timedelta

from services.claims.claim.claim_changes import move, numbered
from services.claims.claim.claim_state import UNSENT, Cause, State
from services.claims.claim.filing_deadline import last_day_of_replacement
from services.claims.claim.level import MOST_LEVELS, level_name
from services.claims.claim.store import client_of, save_claim
from services.claims.claim.tables import (
    CLAIMS,
    PAYERS,
    Claim,
    Session,
)
from services.claims.claim.work_queue import leave_to_a_person
from services.claims.filing import professional_claim as documents
from services.claims.filing.awaiting_correction import EDITS, UNBILLABLE, await_correction, take_off_what_is_corrected
from services.claims.filing.claim_facts import (
    FactsAwaitedError,
    Turn,
    claim_facts,
    leaves_something,
    limits_of,
)
from services.claims.filing.holding import hold, look_on, withhold
from services.claims.filing.submitting import build, submit, under_an_unused_number
from services.claims.filing.watching_deadlines import give_up
from services.claims.filing.when_to_file import Held, Hold, Send, Withheld, Withhold, decide
from services.claims.settings import policy
from shared.events.coverage import ClearedPlan
from shared.runtime.transaction import Transaction
from shared.x12.claim_837.edits import coordination_edits
from shared.x12.next_payer.next_claim import Refusal

_DIRECTORY_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(hours=6)
_WAITING = (State.READY, State.HELD, State.WITHHELD, State.FORWARDED)
_PASSING_REFUSALS = {"nothing_left": "nothing_left", "crossed_over": "crossover_awaited"}


async def advance(tx: Transaction, session: Session) -> None:
    """Do what is due for each claim of the session, the primary's first."""
    if session.cleared is None or session.confirmed is None:
        return
    before, outdated = list[Claim](), False
    for level, plan in enumerate(session.cleared.plans[:MOST_LEVELS], 1):
        claim = await tx.one(CLAIMS, session.client_id, session.session_id, level)
        if claim is not None and claim.plan_id == plan.plan_id and claim.payer_id != plan.payer_id:
            claim = await _addressed_anew(tx, claim, plan)
        if claim is None or _not_gone_out(claim):
            claim = await _decide(tx, session, Turn(plan, level, before[-1] if before else None, outdated), claim)
        if plan.billable:
            outdated = claim.is_outdated(before)
            before.append(claim)
    for level, plan in enumerate(session.cleared.plans[MOST_LEVELS:], MOST_LEVELS + 1):
        await _withhold_fourth(tx, session, plan, level, before[-1] if before else None)


async def _withhold_fourth(
    tx: Transaction, session: Session, plan: ClearedPlan, level: int, prior: Claim | None
) -> None:
    """A plan after the third gets no claim from us; a person bills it where the payers before leave something to pay.

    A claim that went out in an earlier order is left to a person when it comes to this place.
    """
    claim = await tx.one(CLAIMS, session.client_id, session.session_id, level)
    if claim is not None and claim.state not in UNSENT:
        return
    due = plan.billable and not session.cancelled and prior is not None and leaves_something(prior)
    if due:
        why = "The session has more payers than we bill, and this one may pay what is left: bill it by hand."
        whose = (session.client_id, session.session_id)
        await leave_to_a_person(tx, *whose, "too_many_payers", why, plan.plan_id, "left", payer_id=plan.payer_id)
    if claim is not None or due:
        await withhold(tx, claim or _new_claim(session, plan, level), plan.reason or "too_many_payers")


async def _addressed_anew(tx: Transaction, claim: Claim, plan: ClearedPlan) -> Claim:
    """Another payer pays for this care under the plan than the one that the claim is addressed to.

    What the old one has not, or has turned down, goes to the new one. What it still has in hand, or has paid, is for a
    person: nobody else knows whether it passes the claim on.
    """
    anew = replace(claim, payer_id=plan.payer_id)
    if _not_gone_out(claim):
        return anew
    if claim.state in (State.REJECTED, State.DENIED):
        return await move(tx, replace(numbered(anew, ""), reason="payer_corrected"), Cause.HOLD)
    why = f"Payer {claim.payer_id} has it, and {plan.payer_id} pays for this care: void it there, or await its answer."
    await leave_to_a_person(
        tx,
        claim.client_id,
        claim.session_id,
        "payer_changed",
        why,
        claim.plan_id,
        plan.payer_id,
        level=level_name(claim.level),
    )
    return claim


def _not_gone_out(claim: Claim) -> bool:
    """Whether the claim is ours to send; one that its payer passed on undecided is with another payer."""
    return claim.state in _WAITING and not (claim.state is State.FORWARDED and claim.sent_on is not None)


async def file_regardless(tx: Transaction, session: Session, claim: Claim) -> None:
    """Send a claim by a person's order although the account is paused, the order is open or the window is over.

    What is no claim at all (nothing left, no decision before) is still none.
    """
    assert session.cleared is not None
    prior: Claim | None = None
    for level, plan in enumerate(session.cleared.plans[: claim.level], 1):
        if level == claim.level:
            await _decide(tx, session, Turn(plan, level, prior), claim, regardless=True)
        elif plan.billable:
            prior = await tx.one(CLAIMS, session.client_id, session.session_id, level)


async def _decide(
    tx: Transaction, session: Session, turn: Turn, claim: Claim | None, *, regardless: bool = False
) -> Claim:
    """Send, hold or withhold one claim that has not gone out."""
    plan = turn.plan
    client = await client_of(tx, session.client_id)
    row = await tx.one(PAYERS, plan.payer_id)
    payer = row.listed if row else None
    facts = claim_facts(session, client, turn, payer)
    claim = claim or _new_claim(session, plan, turn.level)
    if claim.payer_claim_id and claim.sent_on is not None and facts.last_filing_day is not None:
        # The payer has had it in time; what goes now replaces that, and has a window of its own.
        again = last_day_of_replacement(limits_of(payer), claim.sent_on)
        facts = replace(facts, last_filing_day=max(facts.last_filing_day, again))
    if regardless:
        facts = replace(facts, paused=False, order_in_question=False, undetermined_since=None, last_filing_day=None)
        facts = replace(facts, lacks_medicare_reason=False)
    match decide(facts, tx.today, policy().patience):
        case Withhold(Withheld.FILING_WINDOW_GONE) if _is_our_delay(claim, turn.level):
            assert facts.last_filing_day is not None
            return await give_up(tx, claim, facts.last_filing_day)
        case Withhold(reason):
            return await withhold(tx, claim, plan.reason if not plan.billable and plan.reason else reason.value)
        case Hold(reason, until):
            if until is not None:
                look_on(tx, session, until)
            if reason is Held.MEDICARE_REASON_UNKNOWN and not facts.undetermined_since:  # else the client is asked
                await _ask_for_medicare_reason(tx, claim)
            return await hold(tx, claim, reason.value)
        case Send():
            return await _send_first(tx, session, claim, turn.prior)


async def _ask_for_medicare_reason(tx: Transaction, claim: Claim) -> None:
    """Neither the client's facts nor Medicare's own answer say why it pays later: a person finds out and says so."""
    why = (
        "Medicare pays after another plan here, and no fact says why (SBR05). Ask the client or Medicare's"
        f" coordination line, then `resend {claim.name} --medicare-reason CODE`."
    )
    whose = (claim.client_id, claim.session_id)
    await leave_to_a_person(tx, *whose, "medicare_reason_unknown", why, claim.level, level=level_name(claim.level))


def _is_our_delay(claim: Claim, level: int) -> bool:
    """Whether a claim whose window is over was ours to file in time: the client does not pay for that.

    A later plan that was entered, or became billable, only after its window was over was never ours to file.
    """
    return claim.state is not State.WITHHELD and (level == 1 or claim.reason is not None)


def _new_claim(session: Session, plan: ClearedPlan, level: int) -> Claim:
    assert session.confirmed is not None
    return Claim(
        client_id=session.client_id,
        session_id=session.session_id,
        level=level,
        plan_id=plan.plan_id,
        payer_id=plan.payer_id,
        state=State.READY,
        service_on=session.confirmed.date_of_service,
        charge_cents=sum(line.charge_cents for line in session.confirmed.lines),
    )


async def _send_first(tx: Transaction, session: Session, claim: Claim, prior: Claim | None) -> Claim:
    """Build the claim's first submission and send it; wait where a fact of it is still on its way."""
    try:
        document = await build(tx, session, claim, prior, claim.submission + 1)
    except FactsAwaitedError as error:
        return await _await_facts(tx, claim, str(error))
    except documents.UnbillableSessionError as error:
        return await await_correction(tx, claim, UNBILLABLE, [str(error)])
    if isinstance(document, Refusal):
        return await _refused(tx, claim, document)
    if session.cleared is not None and session.cleared.decision > 1:  # a plan that pays no longer may have had it
        document = await under_an_unused_number(tx, claim, document)
    if claim.payer_claim_id:
        # What the payer has adjudicated or has in hand is replaced; a second original would be a duplicate to it.
        document = documents.replacement(document, document.id, claim.payer_claim_id)
    if problems := coordination_edits(document):
        return await await_correction(tx, claim, EDITS, [problem.text for problem in problems])
    await take_off_what_is_corrected(tx, claim)
    if claim.reason is not None:
        claim = await move(tx, claim, Cause.RELEASE)
    return await submit(tx, claim, document, Cause.SUBMIT, prior)


async def _await_facts(tx: Transaction, claim: Claim, fact: str) -> Claim:
    """The directory or the client's details may be behind: look again soon, then less often."""
    held = await hold(tx, claim, f"awaits_{fact}")
    tries = held.tries + 1
    retry = min(_LONGEST_RETRY, _DIRECTORY_RETRY * 2 ** min(tries, 12))
    tx.schedule("look", claim.client_id, claim.session_id, tx.now + retry)
    held = replace(held, tries=tries)
    save_claim(tx, held)
    return held


async def _refused(tx: Transaction, claim: Claim, refusal: Refusal) -> Claim:
    """The decision before does not make a claim: withheld where that is final, else a person looks."""
    if refusal.reason in _PASSING_REFUSALS:
        return await withhold(tx, claim, _PASSING_REFUSALS[refusal.reason])
    await leave_to_a_person(
        tx, claim.client_id, claim.session_id, refusal.reason, refusal.why, claim.level, level=level_name(claim.level)
    )
    return await hold(tx, claim, refusal.reason)
