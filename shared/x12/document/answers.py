"""An X12 file as the JSON document that operators read; eligibility, status and acknowledgments."""

from datetime import date
from typing import Any

from shared.x12.acknowledgment_999.acknowledgment import AcknowledgedSet, Acknowledgment, SyntaxFault
from shared.x12.benefits_271.benefits import Benefit, BenefitsReport
from shared.x12.benefits_271.cost_share import cost_share_on
from shared.x12.benefits_271.other_coverage import (
    OtherCoverage,
    coordination_on,
    coverage_on,
    other_coverages,
    own_role_on,
)
from shared.x12.claim_status_277.status import ClaimStatus, ClaimStatusReport, Status, StatusInquiry
from shared.x12.document.claims import Document, day_document
from shared.x12.eligibility_270.inquiry import EligibilityInquiry

_NEVER = date(1, 1, 1)


def benefits_document(reports: tuple[BenefitsReport, ...]) -> Document:
    """A 271. The answer stands at the top; where several people are in one set, each is in `members` too."""
    if not reports:
        return {"member": None, "active": "unknown", "benefits": [], "other_payers": [], "rejections": []}
    members = [_report(report) for report in reports]
    return {**members[0], **({"members": members} if len(members) > 1 else {})}


def inquiries_document(inquiries: tuple[EligibilityInquiry, ...]) -> Document:
    """A 270."""
    return {"inquiries": [_inquiry(inquiry) for inquiry in inquiries]}


def statuses_document(report: ClaimStatusReport) -> Document:
    """A 277CA or 277."""
    return {
        "acknowledgment": report.acknowledgment,
        "claims": [_claim_status(claim) for claim in report.claims],
        "batches": [_claim_status(batch) for batch in report.batches],
    }


def status_inquiries_document(inquiries: tuple[StatusInquiry, ...]) -> Document:
    """A 276."""
    return {
        "inquiries": [
            {
                "id": inquiry.id,
                "member": inquiry.subscriber.id,
                "payer": {"name": inquiry.payer.name, "id": inquiry.payer.id},
                "payer_claim_id": inquiry.payer_claim_id or None,
                "charge_cents": inquiry.charge_cents,
                "service_from": day_document(inquiry.service_from),
            }
            for inquiry in inquiries
        ]
    }


def acknowledgment_document(answer: Acknowledgment) -> Document:
    """A 999 or 997."""
    return {
        "accepted": answer.accepted,
        "code": answer.code,
        "group_control": answer.control,
        "functional_id": answer.functional_id,
        "sets": [_acknowledged_set(answered) for answered in answer.sets],
    }


def asked_about(report: BenefitsReport) -> date:
    """The day that `report` speaks about: the day of service it names, else the day on which it was made.

    A plan or eligibility date (291, 307) is mostly the beginning of the cover, so it is used only
    where there is nothing else.
    """
    stated = {period.qualifier: period.since for period in reversed(report.periods) if period.since is not None}
    return stated.get("472") or report.reported_on or stated.get("307") or stated.get("291") or _NEVER


def _report(report: BenefitsReport) -> Document:
    on = asked_about(report)
    others = other_coverages(report, on)
    named = [other for other in others if other.in_effect and not other.pharmacy_only]
    return {
        "member": {"id": report.subscriber.member_id, "name": _name(report), "relation": report.relation or None},
        "trace": report.trace,
        "payer": {"name": report.payer.name, "id": report.payer.id},
        "on": day_document(on if on != _NEVER else None),
        "active": coverage_on(report, on).value,
        "coordination": coordination_on(report, on).value,
        "own_role": own_role_on(report, on),
        "benefits": [_benefit(benefit) for benefit in report.benefits],
        "other_payers": [_other(other) for other in named],
        "ignored_other_payers": [_other(other) for other in others if other not in named],
        "cost_share": _cost_share(report, on),
        "rejections": [
            {"reason": rejection.reason, "follow_up": rejection.follow_up or None, "level": rejection.level}
            for rejection in report.rejections
        ],
    }


def _name(report: BenefitsReport) -> str:
    person = report.dependent or report.subscriber.person
    return f"{person.first_name} {person.last_name}".strip()


def _benefit(benefit: Benefit) -> Document:
    return {
        "code": benefit.code,
        "level": benefit.level or None,
        "service_types": list(benefit.service_types),
        "insurance_type": benefit.insurance_type or None,
        "plan": benefit.plan or None,
        "period": benefit.period or None,
        "amount_cents": benefit.amount_cents,
        "share": None if benefit.share is None else float(benefit.share),
        "network": benefit.network or None,
        "dates": [
            {"qualifier": period.qualifier, "from": day_document(period.since), "to": day_document(period.to)}
            for period in benefit.periods
        ],
        "messages": list(benefit.messages),
    }


def _other(other: OtherCoverage) -> Document:
    return {
        "role": other.role,
        "name": other.name or None,
        "payer_id": other.payer_id or None,
        "member_id": other.member_id or None,
        "group_number": other.group_number or None,
        "from": day_document(other.since),
        "to": day_document(other.to),
        "coordination_date": day_document(other.coordination_date),
        "service_types": list(other.service_types),
        "insurance_type": other.insurance_type or None,
        "coordination": other.coordination.value,
    }


def _cost_share(report: BenefitsReport, on: date) -> Document:
    share = cost_share_on(report, on)
    return {
        "copay_cents": share.copay_cents,
        "coinsurance_share": None if share.coinsurance_share is None else float(share.coinsurance_share),
        "deductible_cents": share.deductible_cents,
        "deductible_remaining_cents": share.deductible_remaining_cents,
        "out_of_pocket_cents": share.out_of_pocket_cents,
        "out_of_pocket_remaining_cents": share.out_of_pocket_remaining_cents,
        "source": share.source,
        "confidence": share.confidence,
    }


def _inquiry(inquiry: EligibilityInquiry) -> Document:
    return {
        "trace": inquiry.trace,
        "member": inquiry.subscriber.member_id,
        "payer": {"name": inquiry.payer.name, "id": inquiry.payer.id},
        "provider": {"name": inquiry.provider.name, "npi": inquiry.provider.npi or None},
        "dependent": inquiry.dependent is not None,
        "relation": inquiry.relation or None,
        "on": day_document(inquiry.on if inquiry.on != _NEVER else None),
        "service_types": list(inquiry.service_types),
    }


def _claim_status(claim: ClaimStatus) -> Document:
    decisive = claim.decisive
    return {
        "id": claim.id,
        "payer_claim_id": claim.payer_claim_id or None,
        "patient_control": claim.patient_control or None,
        "category": decisive.category if decisive else None,
        "status": (decisive.status or None) if decisive else None,
        "entity": (decisive.entity or None) if decisive else None,
        "accepted": claim.accepted,
        "outcome": claim.outcome.value,
        "statuses": [_status(status) for status in claim.statuses],
        "lines": [{"line": line, "statuses": [_status(status) for status in own]} for line, own in claim.lines],
        "charge_cents": claim.charge_cents,
        "paid_cents": claim.paid_cents,
    }


def _status(status: Status) -> dict[str, Any]:
    return {
        "category": status.category,
        "status": status.status or None,
        "entity": status.entity or None,
        "action": status.action or None,
        "message": status.message or None,
    }


def _acknowledged_set(answer: AcknowledgedSet) -> Document:
    return {
        "control": answer.control,
        "set": answer.set_id,
        "accepted": answer.accepted,
        "code": answer.code,
        "errors": [_fault(fault) for fault in answer.errors] + [{"code": code} for code in answer.error_codes],
    }


def _fault(fault: SyntaxFault) -> Document:
    return {
        "segment": fault.segment,
        "position": fault.position,
        "loop": fault.loop or None,
        "code": fault.code,
        "element": fault.element or None,
        "element_code": fault.element_code or None,
        "context": fault.context or None,
    }
