"""`resend`, `write-off` and `release`: what an operator does to a claim or to a parked key, under the client's lock."""

import argparse
from dataclasses import replace
from typing import Any, get_args

from services.claims.claim.claim_changes import move
from services.claims.claim.claim_state import TRANSITIONS, Cause, ImpossibleTransitionError, State
from services.claims.claim.store import claims_before, save_session, session_of
from services.claims.claim.tables import CLAIMS, Claim, Session
from services.claims.commands.operator_session import acting, answer, claim_named, name_of
from services.claims.filing.advancing import advance, file_regardless
from services.claims.filing.claim_facts import FactsAwaitedError
from services.claims.filing.correcting import send_again
from services.claims.filing.professional_claim import UnbillableSessionError, replacement
from services.claims.filing.submitting import build, submit
from services.claims.filing.watching_deadlines import no_longer_to_be_filed, write_off
from services.claims.filing.when_to_file import Withheld
from shared.commands import service_commands
from shared.commands.command import reason, refused
from shared.commands.operator_session import operator
from shared.database.postgres import Connection
from shared.events.coverage import MedicareSecondaryReason
from shared.runtime.transaction import Transaction
from shared.x12.claim_837.edits import coordination_edits
from shared.x12.next_payer.next_claim import Refusal


def set_up_write_off(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `write-off`, and of every act on a claim."""
    parser.add_argument("claim", metavar="CLAIM", help="a control number, or SESSION/LEVEL")
    parser.add_argument("--why", required=True, help="the reason, for the claim's history")


def set_up_resend(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `resend`."""
    set_up_write_off(parser)
    said = "also while the account is paused, the order of plans is open, or the filing limit is over"
    parser.add_argument("--regardless", action="store_true", help=said)
    said = "why Medicare pays later (SBR05), where a person has found it out"
    parser.add_argument("--medicare-reason", choices=get_args(MedicareSecondaryReason), help=said)


def run_resend(arguments: argparse.Namespace) -> Any:
    """Send a claim again from the facts as they stand. Raises UnknownClaimError, RefusedError."""
    regardless, medicare_reason = arguments.regardless, arguments.medicare_reason
    return answer(
        lambda connection: resend(
            connection, arguments.claim, arguments.why, regardless=regardless, medicare_reason=medicare_reason
        )
    )


async def resend(
    connection: Connection,
    name: str,
    why: str,
    *,
    regardless: bool = False,
    medicare_reason: MedicareSecondaryReason | None = None,
) -> dict[str, Any]:
    """Send the claim again: as a replacement where the payer has adjudicated it, else as a new one.

    `regardless`: a person decides that it goes although the account is paused, the order open, or the window over.
    `medicare_reason`: why Medicare, to which the claim goes, pays later; coverage's next decision states it anew.

    Raises UnknownClaimError; RefusedError where the claim was voided, or the facts do not make a claim.
    """
    named = await claim_named(connection, name)
    said = f"{operator()}: {reason(why)}"
    async with acting(connection, named.client_id, fact=f"resend:{name_of(named)}:{named.submission}") as tx:
        session = await session_of(tx, named.client_id, named.session_id)
        claim = await tx.one(CLAIMS, *CLAIMS.key_of(named))
        assert claim is not None
        if medicare_reason is not None:
            session = _with_medicare_reason(tx, session, claim, medicare_reason)
        match claim.state:
            case State.VOIDED:
                raise refused("voided", f"{name} was taken back; a voided claim is not sent again")
            case State.DENIED | State.REJECTED:
                frequency = "7" if claim.state is State.DENIED and claim.payer_claim_id else "1"
                await send_again(tx, session, claim, frequency, said)
            case State.READY | State.HELD | State.WITHHELD | State.FORWARDED | State.WRITTEN_OFF:
                await move(tx, claim, Cause.RELEASE, said)
                if not regardless:
                    await advance(tx, session)
            case _:
                await _once_more(tx, session, claim)
        after = await tx.one(CLAIMS, *CLAIMS.key_of(named))
        if regardless and after is not None and after.state in (State.READY, State.HELD, State.WITHHELD):
            await file_regardless(tx, session, after)
            await advance(tx, session)
        after = await tx.one(CLAIMS, *CLAIMS.key_of(named))
    assert after is not None
    return {
        "claim": name_of(after),
        "state": after.state.value,
        "reason": after.reason,
        "sent": after.submission > named.submission,
    }


def _with_medicare_reason(tx: Transaction, session: Session, claim: Claim, reason: MedicareSecondaryReason) -> Session:
    assert session.cleared is not None, "a session with a claim is cleared"
    stated = tuple(
        plan.model_copy(update={"medicare_secondary_reason": reason}) if plan.plan_id == claim.plan_id else plan
        for plan in session.cleared.plans
    )
    session = replace(session, cleared=replace(session.cleared, plans=stated))
    save_session(tx, session)
    return session


async def _once_more(tx: Transaction, session: Session, claim: Claim) -> None:
    """A claim that the payer has, or says it has not: what it has numbered is replaced, the rest sent as new."""
    before = await claims_before(tx, session, claim)
    prior = before[-1] if before else None
    try:
        document = await build(tx, session, claim, prior, claim.submission + 1)
    except (FactsAwaitedError, UnbillableSessionError) as error:
        raise refused("unbillable", str(error)) from None
    if isinstance(document, Refusal):
        raise refused(document.reason, document.why)
    if claim.payer_claim_id:
        document = replacement(document, document.id, claim.payer_claim_id)
    if problems := coordination_edits(document):
        raise refused("claim_edits", "; ".join(problem.text for problem in problems))
    cause = Cause.RESEND if (claim.state, Cause.RESEND) in TRANSITIONS else Cause.REPLACE
    await submit(tx, claim, document, cause, prior)


def run_write_off(arguments: argparse.Namespace) -> Any:
    """Give a claim up at the operator's cost. Raises UnknownClaimError, RefusedError."""
    return answer(lambda connection: give_up(connection, arguments.claim, arguments.why))


async def give_up(connection: Connection, name: str, why: str) -> dict[str, Any]:
    """Write the claim off. Raises UnknownClaimError; RefusedError where it is decided or voided.

    A claim that is not to be sent is refused, too: what the payers before left is the client's, and not ours to waive.
    A closed filing window is the exception, since a person may find that we were late.
    """
    named = await claim_named(connection, name)
    said = f"{operator()}: {reason(why)}"
    async with acting(connection, named.client_id, fact=f"write_off:{name_of(named)}") as tx:
        claim = await tx.one(CLAIMS, *CLAIMS.key_of(named))
        assert claim is not None
        if claim.state is State.WITHHELD and claim.reason != Withheld.FILING_WINDOW_GONE:
            why_not = f"the claim is not to be sent ({claim.reason}): its payer owes nothing that could be given up"
            raise refused("not_to_be_sent", why_not)
        try:
            await write_off(tx, claim, "given_up_by_operator", said)
        except ImpossibleTransitionError as error:
            raise refused("not_possible", str(error)) from None
        session = await session_of(tx, named.client_id, named.session_id)
        await no_longer_to_be_filed(tx, session, claim, f"written off by {said}")
        await advance(tx, session)
    return {"claim": name_of(named), "state": State.WRITTEN_OFF.value}


def run_release(arguments: argparse.Namespace) -> Any:
    """`parked release` under its shorter name. Raises RefusedError where nothing waits or its handler fails again."""
    from services.claims.app import SERVICE

    why = "" if arguments.why is None else reason(arguments.why, "say what was corrected")
    return service_commands.run_release(SERVICE, arguments, why)


def set_up_release(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `release`."""
    service_commands.set_up_release(parser)
    parser.add_argument("--why", help="what was corrected, for the record")
