"""Taking in 837s: the 999 of the set, the 277CA of its claims, and the claims that go on to adjudication."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from services.payers.adjudication.denial import service_day
from services.payers.book import numbers
from services.payers.book.membership import Membership
from services.payers.office.acknowledgment import (
    ACCEPTED,
    NO_ORIGINAL,
    UNKNOWN_MEMBER,
    UNKNOWN_PAYER,
    claim_acknowledgment,
    file_acknowledgment,
    intake_status,
)
from services.payers.office.office import Case, Office
from services.payers.office.outbound import ReceivedSet
from services.payers.store import FILED_CLAIMS, FiledClaim
from shared.x12.acknowledgment_999.writer import write_acknowledgments
from shared.x12.claim_837.claim import ClaimBatch, ProfessionalClaim
from shared.x12.claim_status_277.status import Status
from shared.x12.claim_status_277.writer import write_claim_statuses
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Payer

AGAIN = frozenset({"7", "8"})


@dataclass(frozen=True, slots=True)
class Submission:
    """One claim of a file; `case` is None where no insurer of the book knows the member."""

    claim: ProfessionalClaim
    case: Case | None


def patient_of(office: Office, claim: ProfessionalClaim) -> Membership | None:
    """Whom a claim is about."""
    return office.membership(claim.payer.id, claim.subscriber.member_id, claim.patient_person)


def services(claim: ProfessionalClaim) -> str:
    """What was done when and by whom, as text: two claims with the same are duplicates."""
    by = claim.rendering or claim.billing
    done = sorted(
        f"{line.service_from} {line.procedure} {','.join(line.modifiers)} {line.units} {line.charge_cents}"
        for line in claim.lines
    )
    return " | ".join([by.npi or by.name, *done])


async def take_in(office: Office, received: ReceivedSet, batch: ClaimBatch) -> None:
    """Acknowledge an 837, and file its claims."""
    submissions = [await _submission(office, claim) for claim in batch.claims]
    faults = tuple(
        fault
        for submission in submissions
        if submission.case
        for character in submission.case.cast
        for fault in character.faults(submission.claim, submission.case.now)
    )
    answer = file_acknowledgment(received, faults)
    payer_id = batch.claims[0].payer.id if batch.claims else received.receiver_id
    fact = ("999", received.sender_id, received.interchange_control, received.control)
    sender = received.receiver_id or payer_id
    office.send(payer_id, sender, received.sender_id, partial(write_acknowledgments, [answer]), *fact)
    if not answer.accepted:
        for submission in submissions:
            await _file(office, submission, received.sender_id, "rejected")
        return
    await _acknowledge(office, received, batch, submissions)


async def _submission(office: Office, claim: ProfessionalClaim) -> Submission:
    membership = patient_of(office, claim)
    if membership is None:
        return Submission(claim, None)
    on = service_day(claim) or office.tx.today
    return Submission(claim, await office.case(membership, on, services(claim)))


@dataclass
class _Report:
    """What one 277CA tells: the status of each claim to one payer, so many days after it came."""

    payer_id: str
    days: float
    claims: list[tuple[ProfessionalClaim, Status]] = field(default_factory=list[tuple[ProfessionalClaim, Status]])


async def _acknowledge(
    office: Office, received: ReceivedSet, batch: ClaimBatch, submissions: Sequence[Submission]
) -> None:
    """File what is accepted, and tell of all in one 277CA for each payer and day."""
    reports: dict[tuple[str, float], _Report] = {}
    given: dict[str, str] = {}
    for submission in submissions:
        status = await _status(office, submission)
        days = 0.0
        for character in submission.case.cast if submission.case else ():
            days = character.acknowledges_after(days)
        state = "pending" if status.action == ACCEPTED.action else "rejected"
        filed = await _file(office, submission, received.sender_id, state)
        given[submission.claim.id] = filed.payer_claim_id if filed else ""
        key = (submission.claim.payer.id, days)
        reports.setdefault(key, _Report(*key)).claims.append((submission.claim, status))
    for report in reports.values():
        _send_acknowledgment(office, received, batch, report, given)


async def _status(office: Office, submission: Submission) -> Status:
    if submission.case is None:
        known = office.directions.book.insurer(submission.claim.payer.id)
        return UNKNOWN_MEMBER if known else UNKNOWN_PAYER
    status = intake_status(submission.claim)
    if submission.claim.frequency in AGAIN:
        number = submission.claim.original_claim_id
        original = await office.tx.one(FILED_CLAIMS, submission.case.membership.key, number)
        status = status if original else NO_ORIGINAL
    for character in submission.case.cast:
        status = character.acknowledges(status, submission.claim, submission.case.now)
    return status


def _send_acknowledgment(
    office: Office, received: ReceivedSet, batch: ClaimBatch, report: _Report, given: dict[str, str]
) -> None:
    payer_id, days, claims = report.payer_id, report.days, report.claims
    insurer = office.directions.book.insurer(payer_id)
    payer = Payer(insurer.name, payer_id) if insurer else claims[0][0].payer
    told = claim_acknowledgment(payer, batch, claims, given, office.tx.today)
    fact = ("277CA", claims[0][0].id, received.interchange_control, received.control)
    control = numbers.control(office.directions.seed, payer_id, *fact)
    written = write_claim_statuses([told], Envelope(payer_id, received.sender_id, control, office.tx.now))
    if days <= 0:
        office.send_bytes(payer_id, control, written)
    else:
        subject = f"{claims[0][0].id}/{control}"
        office.schedule("acknowledge", payer_id, subject, days, control=control, value=written.decode("ascii"))


async def _file(office: Office, submission: Submission, submitter_id: str, state: str) -> FiledClaim | None:
    """Put a claim on file; a pending one is adjudicated in some days, or never."""
    return (
        None
        if submission.case is None
        else await file_claim(office, submission.case, submission.claim, submitter_id, state)
    )


async def file_claim(
    office: Office, case: Case, claim: ProfessionalClaim, submitter_id: str, state: str, *, crossed_over: bool = False
) -> FiledClaim:
    """Put a claim on file under the insurer's own number."""
    key, payer_id = case.membership.key, case.membership.insurer.payer_id
    on_file = await office.tx.all(FILED_CLAIMS, key)
    nth = sum(filed.claim_id == claim.id for filed in on_file)
    number = numbers.claim_number(office.directions.seed, payer_id, claim.id, nth)
    days: float | None = office.directions.adjudication_days
    if state == "pending":
        for character in case.cast:
            days = None if days is None else character.adjudicates_after(days, claim, case.now)
        if days is None:
            state = "lost"
        else:
            # of claims that fall due together the one that came first is decided first
            office.schedule("adjudicate", key, f"{len(on_file):06}/{number}", days, number=number)
    filed = FiledClaim(
        client_id=key,
        payer_claim_id=number,
        payer_id=payer_id,
        claim_id=claim.id,
        submitter_id=submitter_id,
        state=state,
        services=services(claim),
        received_on=office.tx.today,
        claim=claim,
        crossed_over=crossed_over,
    )
    office.tx.save(FILED_CLAIMS, filed)
    return filed
