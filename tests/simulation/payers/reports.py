"""What a payer says when it is asked: a 271 about a client's benefits, a 277CA or 277 about one of our claims."""

from dataclasses import replace
from decimal import Decimal

from shared.x12.benefits_271.benefits import Benefit, BenefitEntity, BenefitsReport, Rejection
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.claim_status_277.status import ClaimStatus, ClaimStatusReport, Status
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.syntax.parties import Party

_OF_THE_ORDER = {
    "refused_order": ("A7", "742", ""),
    "refused_order_softly": ("A3", "85", "PR"),
    "refused_other_coverage": ("A7", "171", "IL"),
    "wants_other_coverage": ("P4", "171", ""),
    "denied_other_coverage": ("F2", "52", ""),
}
_STATUSES = {
    "accepted": ("A2", "20", "PR"),
    "refused": ("A3", "97", "IL"),
    "refused_provider": ("A7", "562", "85"),
    **_OF_THE_ORDER,
    "pending": ("P1", "20", "PR"),
    "wants_more": ("R4", "297", ""),
    "paid": ("F1", "65", ""),
    "denied": ("F2", "88", "QC"),
    "not_found": ("D0", "35", ""),
    "unable": ("E1", "0", ""),
}
"""What may be said of a claim: category, status, and whom it is about."""
OF_THE_ORDER = tuple(_OF_THE_ORDER)
"""What the payer says of other coverage, for the client to settle. Once the client has called, it says so no more."""


def status_report(claim: ProfessionalClaim, says: str, number: str, payer: Party, *, asked: bool) -> ClaimStatusReport:
    """The 277CA of a claim, or the 277 that answers a question; `number` is the payer's own of the claim."""
    said = ClaimStatus(
        claim.id,
        (Status(*_STATUSES[says]),),
        payer_claim_id="" if says == "not_found" else number,
        patient=Party("DOE", "SAM"),
        charge_cents=claim.charge_cents,
        service_from=claim.lines[0].service_from,
    )
    return ClaimStatusReport((said,), acknowledgment=not asked, payer=payer)


def benefits_report(inquiry: EligibilityInquiry, how: str, other: Party) -> BenefitsReport:
    """The 271: active, a fifth of the cost to the client, and what the move adds."""
    report = BenefitsReport(
        trace=inquiry.trace,
        trace_origin=inquiry.trace_origin,
        payer=inquiry.payer,
        provider=inquiry.provider,
        subscriber=inquiry.subscriber,
        dependent=inquiry.dependent,
        relation=inquiry.relation,
    )
    active = (
        Benefit("1", "IND", ("30", "MH")),
        Benefit("A", "IND", ("MH",), period="27", share=Decimal("0.2"), network="Y"),
    )
    match how:
        case "inactive":
            return replace(report, benefits=(Benefit("6", service_types=("30",)),))
        case "unable":
            return replace(report, rejections=(Rejection("42", "R", "payer"),))
        case "other_first" | "other_second" | "other":
            code = {"other_first": "PRP", "other_second": "SEP", "other": "PR"}[how]
            named = Benefit("R", "IND", ("30",), entities=(BenefitEntity(code, other),))
            return replace(report, benefits=(*active, named))
        case _:
            return replace(report, benefits=active)
