"""What comes in: an interchange concerns many clients, so it is split into one fact for each client.

Remittances are matched to our claims here; what matches none, or does not add up, goes to the work queue as it came.
Sets that are not the claims service's (a 271) are left to whom they concern.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from services.claims.claim.control_number import key
from services.claims.claim.kept_interchanges import INTERCHANGES, keep_received
from services.claims.claim.level import level_name
from services.claims.claim.posted_remittance import MOST_CENTS
from services.claims.claim.statements import HEADER, as_reported, as_stated, dump
from services.claims.claim.tables import ControlNumber
from services.claims.interchanges.interchange_cache import Reading, forget, keep, kept, read
from services.claims.interchanges.looking_up import (
    claim_of_ours,
    forget_on_file,
    keys_of,
    number_of,
    on_file,
    payer_of,
    reading_of,
    sent_as,
    sent_with,
)
from services.claims.remittances.claim_match import Match, is_our_provider
from services.claims.remittances.keeping_provider_adjustments import keep_provider_adjustments
from services.claims.remittances.matched_claim import Matched, as_fact
from services.claims.remittances.posting_in_bulk import is_posted_here, post_here
from services.claims.remittances.unposted import (
    Unposted,
    leave_unknown_acknowledgment,
    leave_unknown_status,
    leave_unposted,
    leave_unreadable,
)
from services.claims.settings import policy
from shared import log
from shared.events.claims import (
    AcknowledgmentReceived,
    InterchangeContinued,
    PaymentRemitted,
    ProviderAdjustment,
)
from shared.runtime.interchange import Interchange
from shared.runtime.transaction import Transaction
from shared.x12.acknowledgment_999.acknowledgment import Acknowledgment
from shared.x12.claim_status_277.status import ClaimStatus, ClaimStatusReport, Outcome
from shared.x12.remittance_835.balance import is_sound
from shared.x12.remittance_835.remittance import Remittance, RemittanceHeader, RemittedClaim
from shared.x12.syntax.problems import Problem, any_grave

PIECE = 100
"""How many remitted claims one transaction splits: what comes behind waits for two such pieces at the most."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one transaction splits of an interchange: `most` remitted claims from `at` on.

    `by_topic`: each becomes a fact, even where it could be posted here.
    """

    interchange: Interchange
    reading: Reading
    at: InterchangeContinued
    most: int
    by_topic: bool = False


@dataclass(frozen=True, slots=True)
class _Payment:
    """The payment that the claims of an 835 are part of; `stated` is its header as JSON."""

    payer_id: str
    header: RemittanceHeader
    stated: dict[str, Any]
    received_on: date


async def on_interchange(interchange: Interchange, tx: Transaction) -> None:
    """Split one interchange from a payer or the clearinghouse; a large one piece by piece, each behind the other."""
    reading = await _received(tx, interchange)
    if reading is None:
        return
    if reading.claims > PIECE:
        keep(interchange, reading)
        tx.go_on(_beginning(interchange))
    else:
        await _split(tx, _Piece(interchange, reading, _beginning(interchange), PIECE))


async def on_interchange_continued(event: InterchangeContinued, tx: Transaction) -> None:
    """Split the next piece of a large interchange, as it was kept."""
    reading = kept(event.interchange_key, event.interchange_id)
    if reading is None:
        row = await tx.one(INTERCHANGES, event.interchange_id)
        assert row is not None, "an interchange about claims is kept before it is split"
        reading = await read(row.value)
    interchange = Interchange(event.interchange_key, event.interchange_id, reading.value)
    keep(interchange, reading)
    await _split(tx, _Piece(interchange, reading, event, PIECE))


async def split_by_topic(interchange: Interchange, tx: Transaction) -> None:
    """Make each claim of an interchange a fact, all at once, even where it could be posted here."""
    reading = await _received(tx, interchange)
    if reading is not None:
        whole = _Piece(interchange, reading, _beginning(interchange), most=reading.claims + 1, by_topic=True)
        await _split(tx, whole)


async def _received(tx: Transaction, interchange: Interchange) -> Reading | None:
    """Read what came in, and keep it as evidence; None: nothing in it can be read, and a person has it."""
    reading = await reading_of(interchange, tx)
    if not reading.sets and not any(interchange.acknowledgments for interchange in reading.file.interchanges):
        await leave_unreadable(tx, interchange, reading.file)
        return None
    keep_received(tx, interchange, [transaction for _, transaction in reading.sets])
    return reading


def _beginning(interchange: Interchange) -> InterchangeContinued:
    return InterchangeContinued(interchange_key=interchange.key, interchange_id=interchange.id)


async def _split(tx: Transaction, piece: _Piece) -> None:
    """Split what the piece holds, set by set; what is left is for an event."""
    interchange, reading, at, most = piece.interchange, piece.reading, piece.at, piece.most
    for number, (around, transaction) in enumerate(reading.sets[at.set :], at.set):
        here = at if number == at.set else at.model_copy(update={"set": number, "claim": 0, "matched_cents": 0})
        if most <= 0:
            keep(interchange, reading)
            tx.publish(here)
            return
        match transaction.content:
            case Remittance() as remittance:
                torn = tuple(
                    problem for problem in dict.fromkeys((*reading.file.problems, *around.problems)) if problem.grave
                )
                done = await _remittance(tx, replace(piece, at=here, most=most), remittance, torn)
                if here.claim + done < len(remittance.claims):
                    return
                most -= done
            case ClaimStatusReport() as report:
                await _statuses(tx, report)
            case Acknowledgment() as acknowledgment:
                await _acknowledgment(tx, acknowledgment)
            case _:
                log.get().debug("not for claims", set=transaction.set_id)
    forget(interchange)


async def _remittance(tx: Transaction, piece: _Piece, remittance: Remittance, torn: tuple[Problem, ...]) -> int:
    """Post the claims of the piece, or make them facts, and leave the rest of the set to an event. An unmatched claim
    does not block the rest. Returns how many claims it took.

    `torn` is what is wrong with the envelopes around it.
    """
    interchange, reading, at = piece.interchange, piece.reading, piece.at
    header, claims = remittance.header, reading.numbered[at.set]
    taken = claims[at.claim : at.claim + piece.most]
    end = at.claim + len(taken)
    payer_id = payer_of(header, interchange)
    who = policy()
    ours = is_our_provider(header, [who.billing_npi], [who.billing_tax_id])
    ours_on_file = await on_file(tx, interchange, at.set, payer_id, [claim for claim, _ in taken] if ours else ())
    obstacle = _obstacle(ours, torn, remittance)
    if obstacle is None and at.claim == 0:
        await keep_provider_adjustments(tx, payer_id, remittance)
    payment = _Payment(payer_id, header, dump(HEADER, header), tx.today)
    ready: list[Matched] = []
    unposted: list[Unposted] = []
    for claim, occurrence in taken:
        outcome = await claim_of_ours(tx, claim, payer_id, ours_on_file) if ours else None
        if isinstance(outcome, Match) and claim.balanced and obstacle is None:
            corrected = claim.reversal and key(claim.id) in reading.restated[at.set]
            ready.append(_matched(payment, outcome, claim, occurrence, corrected=corrected))
        else:
            unposted.append(Unposted(outcome, claim, occurrence, obstacle))
    matched_cents = at.matched_cents + sum(matched.claim.paid_cents for matched in ready)
    here = not piece.by_topic and is_posted_here(tx, claims)
    free = await tx.take({matched.client_id for matched in ready}) if here else set[str]()
    if end < len(claims):
        rest = at.model_copy(update={"claim": end, "matched_cents": matched_cents})
        # Where the order counts, the next piece's facts may not come before these.
        (tx.go_on if here else tx.publish)(rest)
    problems = [problem.text for problem in (*torn, *remittance.problems) if problem.grave]
    for left in unposted:
        await leave_unposted(tx, interchange, header, left, problems)
    if free:
        await post_here(tx, [matched for matched in ready if matched.client_id in free])
        forget_on_file(tx)
    tx.publish(*[as_fact(matched) for matched in ready if matched.client_id not in free])
    if end == len(claims) and ours and header.trace and not any_grave(remittance.problems):
        _announce(tx, payer_id, remittance, matched_cents)
    return len(taken)


def _announce(tx: Transaction, payer_id: str, remittance: Remittance, matched_cents: int) -> None:
    """Announce the payment of the 835, and how much of it is for claims of ours."""
    header, claims_cents = remittance.header, sum(claim.paid_cents for claim in remittance.claims)
    amounts = (
        header.payment_cents,
        claims_cents,
        *(adjustment.amount_cents for adjustment in remittance.provider_adjustments),
    )
    if any(abs(cents) > MOST_CENTS for cents in amounts):
        return  # a slip in a claim that is left to a person, or in PLB: there is no such payment
    tx.publish(
        PaymentRemitted(
            payer_id=payer_id,
            trace=header.trace[:80],
            payment_cents=header.payment_cents,
            method=header.method[:20],
            paid_on=header.paid_on,
            claims_cents=claims_cents,
            matched_cents=matched_cents,
            claims=len(remittance.claims),
            provider_adjustments=tuple(
                ProviderAdjustment(
                    reason=adjustment.reason[:20],
                    reference=adjustment.reference[:80],
                    amount_cents=adjustment.amount_cents,
                )
                for adjustment in remittance.provider_adjustments
            ),
        )
    )


def _obstacle(ours: bool, torn: tuple[Problem, ...], remittance: Remittance) -> str | None:
    """Why nothing of a remittance may be posted, before anyone looks for our claims."""
    if not ours:
        return "remittance_of_another_provider"
    if torn or any(problem.kind == "envelope" for problem in remittance.problems):
        return "remittance_incomplete"
    return None if is_sound(remittance) else "remittance_unbalanced"


def _matched(payment: _Payment, ours: Match, claim: RemittedClaim, occurrence: int, *, corrected: bool) -> Matched:
    return Matched(
        client_id=ours.claim.client_id,
        session_id=ours.claim.session_id,
        level=ours.claim.level,
        match=ours.by.value,
        confidence=ours.confidence,
        payer_id=payment.payer_id,
        occurrence=occurrence,
        received_on=payment.received_on,
        claim=claim,
        header=payment.header,
        stated=as_stated(claim),
        payment=payment.stated,
        corrected=corrected,
        plan_id=ours.claim.plan_id,
    )


async def _statuses(tx: Transaction, report: ClaimStatusReport) -> None:
    """One fact for each claim of a 277CA or 277; a status of no claim of ours goes to a person."""
    sent = await sent_as(tx, keys_of(report))
    for claim in report.claims:
        row = sent.get(key(claim.id)) or sent.get(key(claim.patient_control))
        if row is None:
            await leave_unknown_status(tx, claim)
            continue
        _acknowledge(tx, row, "277CA" if report.acknowledgment else "277", _accepted(claim), as_reported(claim))


def _accepted(claim: ClaimStatus) -> bool | None:
    return {Outcome.ACCEPTED: True, Outcome.REJECTED: False}.get(claim.outcome)


async def _acknowledgment(tx: Transaction, acknowledgment: Acknowledgment) -> None:
    """What a 999 says of our interchange concerns every claim in it."""
    if acknowledgment.functional_id not in ("HC", ""):
        return  # of eligibility inquiries or status questions, which are numbered apart
    number = number_of(acknowledgment)
    rows = [] if number is None else (await sent_with(tx, [number]))[number]
    if not rows and not acknowledgment.accepted:
        await leave_unknown_acknowledgment(tx, acknowledgment)
    for row in rows:
        _acknowledge(tx, row, "999", acknowledgment.accepted)


def _acknowledge(
    tx: Transaction,
    sent: ControlNumber,
    kind: Literal["999", "277CA", "277"],
    accepted: bool | None,
    report: dict[str, Any] | None = None,
) -> None:
    tx.publish(
        AcknowledgmentReceived(
            client_id=sent.client_id,
            session_id=sent.session_id,
            level=level_name(sent.level),
            control=sent.control,
            set=kind,
            accepted=accepted,
            report=report,
            received_on=tx.today,
        )
    )
