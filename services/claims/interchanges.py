"""What comes in: an interchange concerns many clients, so it is split into one fact a client.

Remittances are matched to our claims here; what fits nothing, or does not add up, goes to the work queue as it came.
Sets that are not the claims service's (a 271) are left to whom they concern.
"""

import re
from collections.abc import Sequence
from typing import Any

from services.claims import on_file
from services.claims.bulk_posting import is_posted_here, post_here
from services.claims.claim_changes import level_of
from services.claims.control_number import key
from services.claims.evidence import INTERCHANGES, keep_received
from services.claims.matched_claim import Matched, as_fact
from services.claims.matching import Match, OnFile, is_our_provider, match
from services.claims.outside_claims import keep_provider_adjustments
from services.claims.remittance import MOST_CENTS, in_posting_order, is_sound
from services.claims.settings import policy
from services.claims.store import CLAIM, HEADER, REPORT, ControlNumber, dump
from services.claims.unposted import (
    leave_unknown_acknowledgment,
    leave_unknown_status,
    leave_unposted,
    leave_unreadable,
)
from shared import log
from shared.events.claims import (
    AcknowledgmentReceived,
    InterchangeContinued,
    PaymentRemitted,
    ProviderAdjustment,
)
from shared.interchange import Interchange
from shared.transaction import Transaction
from shared.x12.acknowledgment_999 import Acknowledgment
from shared.x12.claim_status_277 import ClaimStatus, ClaimStatusReport, Outcome
from shared.x12.interchange import read_file
from shared.x12.problems import Problem, any_grave
from shared.x12.remittance_835 import Remittance, RemittanceHeader, RemittedClaim

PIECE = 250
"""How many remitted claims one transaction splits: what comes behind them waits for no more."""

_unfinished: dict[tuple[str, str], "_Reading"] = {}
"""The large interchange (key, id) that is being split, read once for all its pieces; others come between them."""
_ID = re.compile(r"[\x21-\x7e]{1,100}")


class _Reading:
    """A file as it was read. What concerns a whole remittance is made once, however many pieces it is split into.

    `value` is the file as it came; `by_topic`: none of its claims is posted where it is read.
    """

    def __init__(self, value: bytes, *, by_topic: bool = False) -> None:
        self.value, self.by_topic = value, by_topic
        # NUL, with which some pad, is read as a blank: no database keeps it in a text.
        self.file = read_file(value.replace(b"\x00", b" "))
        self.sets = [(one, each) for one in self.file.interchanges for each in one.transactions]
        self._numbered: dict[int, list[tuple[RemittedClaim, int]]] = {}

    def numbered(self, at: int, remittance: Remittance) -> list[tuple[RemittedClaim, int]]:
        """The claims of the set `at` in the order of posting, each with how many equal ones come before it."""
        if at not in self._numbered:
            self._numbered[at] = _numbered(remittance.claims)
        return self._numbered[at]


async def on_interchange(interchange: Interchange, tx: Transaction) -> None:
    """Split one interchange from a payer or the clearinghouse; a large one piece by piece."""
    await split(interchange, tx, PIECE)


async def on_interchange_continued(event: InterchangeContinued, tx: Transaction) -> None:
    """Split the next piece of a large interchange, as it was kept."""
    reading = _unfinished.pop((event.interchange_key, event.interchange_id), None)
    if reading is None:
        kept = await tx.one(INTERCHANGES, event.interchange_id)
        assert kept is not None, "an interchange about claims is kept before it is split"
        reading = _Reading(kept.value)
    interchange = Interchange(event.interchange_key, event.interchange_id, reading.value)
    await _split(tx, interchange, reading, event, PIECE)


async def split(interchange: Interchange, tx: Transaction, most: int, *, by_topic: bool = False) -> None:
    """Split an interchange from its beginning, `most` remitted claims of it; the rest is left to an event.

    `by_topic`: each claim becomes a fact, also where it could be posted here.
    """
    reading = _Reading(interchange.value, by_topic=by_topic)
    if not reading.sets and not any(one.acknowledgments for one in reading.file.interchanges):
        await leave_unreadable(tx, interchange, reading.file)
        return
    keep_received(tx, interchange, [each for _, each in reading.sets])
    beginning = InterchangeContinued(interchange_key=interchange.key, interchange_id=interchange.id)
    await _split(tx, interchange, reading, beginning, most)


async def _split(
    tx: Transaction, interchange: Interchange, reading: _Reading, at: InterchangeContinued, most: int
) -> None:
    """Split what comes from `at` on, until `most` remitted claims are done."""
    for number, (one, each) in enumerate(reading.sets[at.set :], at.set):
        if most <= 0:
            _leave(tx, interchange, reading, at, set=number, claim=0, matched_cents=0)
            return
        match each.content:
            case Remittance() as remittance:
                torn = tuple(each for each in dict.fromkeys((*reading.file.problems, *one.problems)) if each.grave)
                begin, matched_cents = (at.claim, at.matched_cents) if number == at.set else (0, 0)
                piece = slice(begin, begin + most)
                place = (number, piece, matched_cents)
                matched_cents += await _remittance(tx, interchange, reading, remittance, torn, *place)
                if piece.stop < len(remittance.claims):
                    _leave(tx, interchange, reading, at, set=number, claim=piece.stop, matched_cents=matched_cents)
                    return
                most -= len(remittance.claims) - begin
            case ClaimStatusReport() as report:
                await _statuses(tx, report)
            case Acknowledgment() as acknowledgment:
                await _acknowledgment(tx, acknowledgment)
            case _:
                log.get().debug("not for claims", set=each.set_id)


def _leave(
    tx: Transaction, interchange: Interchange, reading: _Reading, at: InterchangeContinued, **place: int
) -> None:
    """Leave the rest to an event, and the file at hand for it."""
    _unfinished.clear()
    _unfinished[interchange.key, interchange.id] = reading
    tx.publish(at.model_copy(update=place))


async def _remittance(
    tx: Transaction,
    interchange: Interchange,
    reading: _Reading,
    remittance: Remittance,
    torn: tuple[Problem, ...],
    number: int,
    piece: slice,
    matched_before: int,
) -> int:
    """Post each claim of this piece of the set `number`, or make it a fact; one that fits nothing does not hold back
    the others. Returns the cents matched.

    `torn` is what is wrong with the envelopes around it; `matched_before` are the cents of the pieces before.
    """
    header, claims = remittance.header, reading.numbered(number, remittance)
    payer_id = _payer_of(header, interchange)
    who = policy()
    ours = is_our_provider(header, [who.billing_npi], [who.billing_tax_id])
    ours_on_file = await _on_file(tx, payer_id, [claim for claim, _ in claims[piece]] if ours else ())
    adds_up = not torn and is_sound(remittance)
    if ours and adds_up and piece.start == 0:
        await keep_provider_adjustments(tx, payer_id, remittance)
    problems = [each.text for each in (*torn, *remittance.problems) if each.grave]
    obstacle = _obstacle(ours, torn, remittance)
    payment = dump(HEADER, header)
    ready: list[Matched] = []
    for claim, occurrence in claims[piece]:
        found = match(claim, payer_id, ours_on_file.candidates(claim, payer_id)) if obstacle is None else obstacle
        if isinstance(found, Match) and claim.balanced:
            ready.append(_matched(tx, found, payer_id, occurrence, claim, header, payment))
        else:
            await leave_unposted(tx, interchange, found, claim, header, occurrence, problems)
    matched_cents = sum(one.claim.paid_cents for one in ready)
    if not reading.by_topic and is_posted_here(interchange, remittance):
        ready = await post_here(tx, interchange, ready)
    tx.publish(*[as_fact(one) for one in ready])
    if ours and header.trace and not any_grave(remittance.problems) and piece.stop >= len(claims):
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
    header, claims_cents = remittance.header, sum(claim.paid_cents for claim in remittance.claims)
    amounts = (header.payment_cents, claims_cents, *(each.amount_cents for each in remittance.provider_adjustments))
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
                ProviderAdjustment(reason=one.reason[:20], reference=one.reference[:80], amount_cents=one.amount_cents)
                for one in remittance.provider_adjustments
            ),
        )
    )


def _payer_of(header: RemittanceHeader, interchange: Interchange) -> str:
    """The payer that the 835 names; where it names none that can be an id, the one that sent the interchange."""
    sender = interchange.key.rsplit("-", 1)[0]
    return next((each for each in (header.payer.id, sender) if _ID.fullmatch(each)), "unknown")


def _obstacle(ours: bool, torn: tuple[Problem, ...], remittance: Remittance) -> str | None:
    """Why nothing of a remittance may be posted, before anyone looks for our claims."""
    if not ours:
        return "remittance_of_another_provider"
    if torn or any(each.kind == "envelope" for each in remittance.problems):
        return "remittance_incomplete"
    return None if is_sound(remittance) else "remittance_unbalanced"


def _matched(
    tx: Transaction,
    found: Match,
    payer_id: str,
    occurrence: int,
    claim: RemittedClaim,
    header: RemittanceHeader,
    payment: dict[str, Any],
) -> Matched:
    return Matched(
        client_id=found.claim.client_id,
        session_id=found.claim.session_id,
        role=found.claim.role,
        match=found.by.value,
        confidence=found.confidence,
        payer_id=payer_id,
        occurrence=occurrence,
        received_on=tx.today,
        claim=claim,
        header=header,
        stated=dump(CLAIM, claim),
        payment=payment,
    )


async def _statuses(tx: Transaction, report: ClaimStatusReport) -> None:
    """One fact a claim of a 277CA or 277; a status of no claim of ours goes to a person."""
    named = [key(each) for claim in report.claims for each in (claim.id, claim.patient_control) if each]
    sent = await on_file.sent_as(tx.connection, named)
    for claim in report.claims:
        row = sent.get(key(claim.id)) or sent.get(key(claim.patient_control))
        if row is None:
            await leave_unknown_status(tx, claim)
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


async def _acknowledgment(tx: Transaction, acknowledgment: Acknowledgment) -> None:
    """What a 999 says of our interchange concerns every claim in it."""
    if acknowledgment.functional_id not in ("HC", ""):
        return  # of eligibility inquiries or status questions, which are numbered apart
    number = acknowledgment.control.strip()
    rows: Sequence[ControlNumber] = []
    if number.isdigit():
        rows = await on_file.sent_with(tx.connection, int(number))
    if not rows and not acknowledgment.accepted:
        await leave_unknown_acknowledgment(tx, acknowledgment)
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
