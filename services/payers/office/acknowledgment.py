"""What is answered before a claim is adjudicated: the 999 of its file and the 277CA of each claim; later the 277.

Sources: 005010X231A1 (IK3, IK5, AK9), 005010X214 and 005010X212 (STC). Claim status codes in use: 20 accepted, 97 no
eligibility found, 116 wrong payer, 400 and 672 out of balance, 535 frequency code, 65 paid, 35 not found.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from services.payers.office.outbound import ReceivedSet
from services.payers.store import FiledClaim
from shared.x12.acknowledgment_999.acknowledgment import AcknowledgedSet, Acknowledgment, SyntaxFault
from shared.x12.claim_837.claim import ClaimBatch, ProfessionalClaim
from shared.x12.claim_status_277.status import ClaimStatus, ClaimStatusReport, Status, StatusInquiry
from shared.x12.syntax.parties import Party, Payer

_NOT_WHOLE = ("5",)
_FAULTY = ("I5",)
ACCEPTED = Status("A2", "20", action="WQ")
UNKNOWN_MEMBER = Status("A3", "97", "IL", action="U")
UNKNOWN_PAYER = Status("A3", "116", action="U")
NO_ORIGINAL = Status("A7", "535", action="U")
_OUT_OF_BALANCE = Status("A7", "400", action="U")
_PRIOR_OUT_OF_BALANCE = Status("A7", "672", action="U")


def file_acknowledgment(received: ReceivedSet, faults: Sequence[SyntaxFault]) -> Acknowledgment:
    """The 999 of one transaction set: accepted, or rejected for its `faults` or because it does not add up."""
    errors = _NOT_WHOLE if not received.whole else _FAULTY if faults else ()
    code = "R" if errors else "A"
    answer = AcknowledgedSet(
        control=received.control,
        set_id=received.set_id,
        code=code,
        errors=tuple(faults),
        error_codes=errors,
        implementation=received.implementation,
    )
    return Acknowledgment(
        functional_id=received.functional_id or "HC",
        control=received.group_control,
        code=code,
        sets=(answer,),
        implementation=received.implementation,
    )


def intake_status(claim: ProfessionalClaim) -> Status:
    """Whether the figures of a claim let it into adjudication."""
    if claim.charge_cents != sum(line.charge_cents for line in claim.lines):
        return _OUT_OF_BALANCE
    return ACCEPTED if claim.balanced else _PRIOR_OUT_OF_BALANCE


def claim_acknowledgment(
    payer: Payer,
    batch: ClaimBatch,
    claims: Sequence[tuple[ProfessionalClaim, Status]],
    numbers: Mapping[str, str],
    on: date,
) -> ClaimStatusReport:
    """The 277CA of claims to one payer; `numbers` are the payer's own, by our control number."""
    told = tuple(_claim_status(claim, status, numbers.get(claim.id, ""), on) for claim, status in claims)
    billing = claims[0][0].billing
    return ClaimStatusReport(
        claims=told,
        payer=Party(payer.name, id=payer.id, id_kind="PI"),
        receiver=Party(batch.submitter.name, id=batch.submitter.id, id_kind="46"),
        provider=Party(billing.name, billing.first_name, billing.npi, "XX"),
        reference=batch.reference or claims[0][0].id,
        reported_on=on,
    )


def _claim_status(claim: ProfessionalClaim, status: Status, number: str, on: date) -> ClaimStatus:
    days = [line.service_from for line in claim.lines if line.service_from]
    person = claim.patient_person
    return ClaimStatus(
        id=claim.id,
        statuses=(Status(status.category, status.status, status.entity, on, status.action, claim.charge_cents),),
        payer_claim_id=number if status.action != "U" else "",
        patient=Party(person.last_name, person.first_name, claim.subscriber.member_id, "MI"),
        service_from=min(days, default=None),
        service_to=max(days, default=None),
        charge_cents=claim.charge_cents,
    )


def status_answer(inquiries: Sequence[tuple[StatusInquiry, FiledClaim | None]], on: date) -> ClaimStatusReport:
    """The 277 that answers a 276: where each claim stands."""
    first = inquiries[0][0]
    return ClaimStatusReport(
        claims=tuple(_standing(inquiry, filed, on) for inquiry, filed in inquiries),
        acknowledgment=False,
        payer=first.payer,
        receiver=first.receiver,
        provider=first.provider,
        reference=first.id,
        reported_on=on,
    )


def _standing(inquiry: StatusInquiry, filed: FiledClaim | None, on: date) -> ClaimStatus:
    category, code = _category(filed)
    charge = filed.claim.charge_cents if filed else inquiry.charge_cents
    return ClaimStatus(
        id=inquiry.id,
        statuses=(Status(category, code, on=on, amount_cents=charge or 0),),
        payer_claim_id=filed.payer_claim_id if filed else "",
        patient=inquiry.dependent or inquiry.subscriber,
        service_from=inquiry.service_from,
        service_to=inquiry.service_to,
        charge_cents=charge,
        paid_cents=filed.decided.paid_cents if filed and filed.decided else 0,
    )


def _category(filed: FiledClaim | None) -> tuple[str, str]:
    """Category and status of a claim on file; what was lost or rejected is not found."""
    match filed.state if filed else "lost":
        case "lost" | "rejected":
            return "D0", "35"
        case "pending":
            return "P1", "20"
        case "finalized":
            return "F1", "65"
        case "denied":
            return "F2", "104"
        case "reversed":
            return "F3", "104"
        case "voided":
            return "F4", "104"
        case state:
            raise ValueError(f"a claim is in no known state: {state}")
