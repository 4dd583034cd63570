"""What comes in: an interchange concerns many clients, so it is split into one fact a client.

Remittances are matched to our claims here; what fits nothing, or does not add up, goes to the work queue as it came.
Sets that are not the claims service's (a 271) are left to whom they concern.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter

from services.claims import on_file
from services.claims.claim_changes import level_of
from services.claims.control_number import key
from services.claims.evidence import INTERCHANGES, keep_received
from services.claims.matching import Match, NoMatch, OnFile, is_our_provider, match
from services.claims.outside_claims import keep_provider_adjustments
from services.claims.remittance import in_posting_order
from services.claims.settings import policy
from services.claims.store import CLAIM, HEADER, ControlNumber
from services.claims.work_queue import NOBODY, leave_to_a_person
from shared import log
from shared.events.claims import (
    AcknowledgmentReceived,
    InterchangeContinued,
    PaymentRemitted,
    ProviderAdjustment,
    RemittanceReceived,
)
from shared.interchange import Interchange
from shared.transaction import Transaction
from shared.x12.acknowledgment_999 import Acknowledgment
from shared.x12.claim_status_277 import ClaimStatus, ClaimStatusReport, Outcome
from shared.x12.interchange import Interchange as X12Interchange
from shared.x12.interchange import TransactionSet, X12File, read_file
from shared.x12.problems import any_grave
from shared.x12.remittance_835 import Remittance, RemittanceHeader, RemittedClaim

REPORT: TypeAdapter[ClaimStatus] = TypeAdapter(ClaimStatus)


PIECE = 400
"""How many remitted claims one transaction splits: what comes behind them waits for no more."""

_unfinished: dict[bytes, X12File] = {}
"""The large interchange that is being split, read once for all its pieces; others come between them."""


async def on_interchange(interchange: Interchange, tx: Transaction) -> None:
    """Split one interchange from a payer or the clearinghouse; a large one piece by piece."""
    await split(interchange, tx, PIECE)


async def on_interchange_continued(event: InterchangeContinued, tx: Transaction) -> None:
    """Split the next piece of a large interchange, as it was kept."""
    kept = await tx.one(INTERCHANGES, event.interchange_id)
    assert kept is not None, "an interchange about claims is kept before it is split"
    interchange = Interchange(event.interchange_key, event.interchange_id, kept.value)
    await _split(tx, interchange, _unfinished.pop(kept.value, None) or read_file(kept.value), event, PIECE)


async def split(interchange: Interchange, tx: Transaction, most: int) -> None:
    """Split an interchange from its beginning, `most` remitted claims of it; the rest is left to an event."""
    file = read_file(interchange.value)
    if not _sets(file) and not any(one.acknowledgments for one in file.interchanges):
        await _unreadable(tx, interchange, file)
        return
    keep_received(tx, interchange, [each for _, each in _sets(file)])
    beginning = InterchangeContinued(interchange_key=interchange.key, interchange_id=interchange.id)
    await _split(tx, interchange, file, beginning, most)


def _sets(file: X12File) -> list[tuple[X12Interchange, TransactionSet]]:
    return [(one, each) for one in file.interchanges for each in one.transactions]


async def _split(tx: Transaction, interchange: Interchange, file: X12File, at: InterchangeContinued, most: int) -> None:
    """Split what comes from `at` on, until `most` remitted claims are done."""
    for number, (one, each) in enumerate(_sets(file)[at.set :], at.set):
        if most <= 0:
            _leave(tx, interchange, file, at, set=number, claim=0, matched_cents=0)
            return
        match each.content:
            case Remittance() as remittance:
                whole = not any_grave((*file.problems, *one.problems, *each.problems))
                begin, matched_cents = (at.claim, at.matched_cents) if number == at.set else (0, 0)
                piece = slice(begin, begin + most)
                matched_cents += await _remittance(tx, interchange, remittance, whole, piece, matched_cents)
                if piece.stop < len(remittance.claims):
                    _leave(tx, interchange, file, at, set=number, claim=piece.stop, matched_cents=matched_cents)
                    return
                most -= len(remittance.claims) - begin
            case ClaimStatusReport() as report:
                await _statuses(tx, report)
            case Acknowledgment() as acknowledgment:
                await _acknowledgment(tx, acknowledgment)
            case _:
                log.get().debug("not for claims", set=each.set_id)


def _leave(tx: Transaction, interchange: Interchange, file: X12File, at: InterchangeContinued, **place: int) -> None:
    """Leave the rest to an event, and the file at hand for it."""
    _unfinished.clear()
    _unfinished[interchange.value] = file
    tx.publish(at.model_copy(update=place))


async def _unreadable(tx: Transaction, interchange: Interchange, file: X12File) -> None:
    """Nothing X12 in it: kept as it came, for a person."""
    said = [problem.text for problem in file.problems] or ["there is no X12 transaction set in it"]
    await leave_to_a_person(
        tx,
        NOBODY,
        None,
        "unreadable_interchange",
        "Ask the clearinghouse to send it again; post it from its file once it is whole.",
        interchange.id,
        problems=said,
        original=interchange.value.decode("latin-1")[:1_000_000].replace("\x00", ""),
    )


async def _remittance(
    tx: Transaction, interchange: Interchange, remittance: Remittance, whole: bool, piece: slice, matched_before: int
) -> int:
    """One fact a claim of this piece; one that fits nothing does not hold back the others. Returns the cents matched.

    `matched_before` are those of the pieces before.
    """
    header = remittance.header
    payer_id = header.payer.id or interchange.key.rsplit("-", 1)[0]
    who = policy()
    ours = is_our_provider(header, [who.billing_npi], [who.billing_tax_id])
    claims = _numbered(remittance.claims)
    ours_on_file = await _on_file(tx, payer_id, [claim for claim, _ in claims[piece]] if ours else ())
    if ours and whole and piece.start == 0:
        await keep_provider_adjustments(tx, payer_id, remittance)
    adds_up = not any_grave(remittance.problems)
    obstacle = _obstacle(ours, whole and adds_up)
    payment = dump(HEADER, header)
    matched_cents = 0
    for claim, occurrence in claims[piece]:
        found = match(claim, payer_id, ours_on_file.candidates(claim, payer_id)) if obstacle is None else obstacle
        if isinstance(found, Match) and claim.balanced:
            _publish(tx, found, payer_id, occurrence, claim, payment)
            matched_cents += claim.paid_cents
        else:
            await _queue(tx, interchange, found, claim, header, occurrence)

    if ours and header.trace and adds_up and piece.stop >= len(claims):
        _announce(tx, payer_id, remittance, matched_before + matched_cents)
    return matched_cents


def _numbered(claims: Sequence[RemittedClaim]) -> list[tuple[RemittedClaim, int]]:
    """The claims in the order of posting, each with how many equal ones come before it."""
    seen: dict[RemittedClaim, int] = {}
    found: list[tuple[RemittedClaim, int]] = []
    for claim in in_posting_order(claims):
        occurrence = seen.get(claim, 0)
        seen[claim] = occurrence + 1
        found.append((claim, occurrence))
    return found


async def _on_file(tx: Transaction, payer_id: str, claims: Sequence[RemittedClaim]) -> OnFile:
    """What of ours the claims may answer: by their numbers, and by day and charge where those lead nowhere."""
    found = OnFile(await on_file.numbered(tx.connection, payer_id, claims) if claims else ())
    lost = [claim for claim in claims if found.lacks(claim, payer_id)]
    if lost:
        found.add(await on_file.of_their_days(tx.connection, lost))
    return found


def _announce(tx: Transaction, payer_id: str, remittance: Remittance, matched_cents: int) -> None:
    """Say what payment the 835 announces, and what of it is of claims of ours."""
    header = remittance.header
    tx.publish(
        PaymentRemitted(
            payer_id=payer_id,
            trace=header.trace[:80],
            payment_cents=header.payment_cents,
            method=header.method,
            paid_on=header.paid_on,
            claims_cents=sum(claim.paid_cents for claim in remittance.claims),
            matched_cents=matched_cents,
            claims=len(remittance.claims),
            provider_adjustments=tuple(
                ProviderAdjustment(reason=one.reason, reference=one.reference, amount_cents=one.amount_cents)
                for one in remittance.provider_adjustments
            ),
        )
    )


def _obstacle(ours: bool, whole: bool) -> str | None:
    """Why nothing of a remittance may be posted, before anyone looks for our claims."""
    if not ours:
        return "remittance_of_another_provider"
    return None if whole else "remittance_unbalanced"


def _publish(
    tx: Transaction, found: Match, payer_id: str, occurrence: int, claim: RemittedClaim, payment: dict[str, Any]
) -> None:
    tx.publish(
        RemittanceReceived(
            client_id=found.claim.client_id,
            session_id=found.claim.session_id,
            level=level_of(found.claim.role),
            match=found.by.value,
            confidence=found.confidence,
            payer_id=payer_id,
            occurrence=occurrence,
            received_on=tx.today,
            claim=dump(CLAIM, claim),
            header=payment,
        )
    )


def dump(adapter: TypeAdapter[Any], value: Any) -> dict[str, Any]:
    """A record of the reader as JSON."""
    return adapter.dump_python(value, mode="json", exclude_defaults=True)


_SUGGESTIONS = {
    "remittance_unbalanced": "Ask the payer for a corrected 835; nothing of it was posted.",
    "remittance_of_another_provider": "It was sent to the wrong payee; return it to the clearinghouse.",
    "unmatched_unknown": "Find the claim by patient and date, then post it from here.",
    "unmatched_ambiguous": "Several claims of ours could be meant; choose one and post it from here.",
    "unmatched_conflict": "Its number leads to another patient or session; ask the payer which claim it means.",
    "unmatched_unsure": "Compare it with the sessions named; post it from here where it fits.",
}


async def _queue(
    tx: Transaction,
    interchange: Interchange,
    found: Match | NoMatch | str,
    claim: RemittedClaim,
    header: RemittanceHeader,
    occurrence: int,
) -> None:
    """Leave a claim of a remittance to a person, as it came; one that only does not add up, under its session."""
    whose, level = (NOBODY, None), {}
    match found:
        case str(reason):
            sessions = []
        case Match(claim=ours):
            reason, sessions = "remittance_unbalanced", [ours.session_id]
            whose, level = (ours.client_id, ours.session_id), {"level": level_of(ours.role)}
        case NoMatch():
            reason = "remittance_unbalanced" if not claim.balanced else f"unmatched_{found.reason.value}"
            sessions = list(found.sessions)
    await leave_to_a_person(
        tx,
        *whose,
        reason,
        _SUGGESTIONS.get(reason, "Look at the evidence, then post it from here or refuse it."),
        sha256(repr((header.trace, claim, occurrence)).encode()).hexdigest(),
        **level,
        interchange=interchange.id,
        sessions=sessions,
        problems=[problem.text for problem in claim.problems],
        claim=dump(CLAIM, claim),
        header=dump(HEADER, header),
    )


async def _statuses(tx: Transaction, report: ClaimStatusReport) -> None:
    """One fact a claim of a 277CA or 277; a status of no claim of ours goes to a person."""
    sent = await on_file.sent_as(tx.connection, [key(claim.id) for claim in report.claims])
    for claim in report.claims:
        row = sent.get(key(claim.id))
        if row is None:
            await _unknown_status(tx, claim)
            continue
        tx.publish(
            AcknowledgmentReceived(
                client_id=row.client_id,
                session_id=row.session_id,
                level=level_of(row.role),
                control=row.control,
                set="277CA" if report.acknowledgment else "277",
                accepted=_accepted(claim),
                report=dump(REPORT, claim),
                received_on=tx.today,
            )
        )


def _accepted(claim: ClaimStatus) -> bool | None:
    return {Outcome.ACCEPTED: True, Outcome.REJECTED: False}.get(claim.outcome)


async def _unknown_status(tx: Transaction, claim: ClaimStatus) -> None:
    await leave_to_a_person(
        tx,
        NOBODY,
        None,
        "status_of_unknown_claim",
        "It names no claim of ours; ask the clearinghouse.",
        claim.id,
        repr(claim.statuses),
        report=dump(REPORT, claim),
    )


async def _acknowledgment(tx: Transaction, acknowledgment: Acknowledgment) -> None:
    """What a 999 says of our interchange concerns every claim in it."""
    if acknowledgment.functional_id not in ("HC", ""):
        return  # of eligibility inquiries or status questions, which are numbered apart
    number = acknowledgment.control.strip()
    rows: Sequence[ControlNumber] = []
    if number.isdigit():
        rows = await on_file.sent_with(tx.connection, int(number))
    for row in rows:
        tx.publish(
            AcknowledgmentReceived(
                client_id=row.client_id,
                session_id=row.session_id,
                level=level_of(row.role),
                control=row.control,
                set="999",
                accepted=acknowledgment.accepted,
                received_on=tx.today,
            )
        )
