"""An X12 file as the JSON document that operators read; the claims' side. Names are a contract with their scripts."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from shared.x12.claim_837.claim import ClaimBatch, LineAdjudication, OtherPayer, ProfessionalClaim, ServiceLine
from shared.x12.remittance_835.remittance import Remittance, RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.parties import Party
from shared.x12.syntax.problems import Problem

Document = dict[str, Any]


def problems_document(problems: Iterable[Problem]) -> list[Document]:
    """The problems, each once; empty fields are left out."""
    return [
        {
            "problem": problem.name,
            "text": problem.text,
            "kind": problem.kind,
            **({"segment": problem.segment} if problem.segment else {}),
            **({"position": problem.position} if problem.position is not None else {}),
            **({"off_by_cents": problem.off_by_cents} if problem.off_by_cents is not None else {}),
        }
        for problem in dict.fromkeys(problems)
    ]


def day_document(day: date | None) -> str | None:
    """A date as ISO 8601, or None."""
    return None if day is None else day.isoformat()


def number_document(number: Decimal | int | None) -> int | float | None:
    """A quantity (never money) as a JSON number."""
    if number is None or isinstance(number, int):
        return number
    return int(number) if number == number.to_integral_value() else float(number)


def adjustment_document(adjustment: Adjustment, line: int | None = None) -> Document:
    """An adjustment; `line` is the 1-based number of its line, None for one of the whole claim."""
    return {
        "group": adjustment.group,
        "reason": adjustment.reason,
        "amount_cents": adjustment.amount_cents,
        "quantity": number_document(adjustment.quantity),
        "line": line,
    }


def party_document(party: Party | None) -> Document | None:
    """A party by name and id, or None."""
    return None if party is None else {"name": party.name, "id": party.id or None}


def remittance_document(remittance: Remittance) -> Document:
    """An 835."""
    header = remittance.header
    return {
        "payment_cents": header.payment_cents,
        "trace": header.trace,
        "paid_on": day_document(header.paid_on),
        "payer": party_document(header.payer),
        "payee": party_document(header.payee),
        "provider_adjustments": [
            {"reason": adjustment.reason, "reference": adjustment.reference, "amount_cents": adjustment.amount_cents}
            for adjustment in remittance.provider_adjustments
        ],
        "claims": [_remitted_claim(claim) for claim in remittance.claims],
        "balanced": remittance.balanced,
    }


def _remitted_claim(claim: RemittedClaim) -> Document:
    return {
        "id": claim.id,
        "status": claim.status,
        "charge_cents": claim.charge_cents,
        "paid_cents": claim.paid_cents,
        "patient_responsibility_cents": claim.patient_responsibility_cents or 0,
        "payer_claim_id": claim.payer_claim_id,
        "filing_indicator": claim.filing_indicator,
        "crossover_to": party_document(claim.crossover_to),
        "forwarded": claim.forwarded,
        "crossover_signals": list(claim.crossover_signals),
        "reversal": claim.reversal,
        "adjustments": _all_adjustments(claim.adjustments, [line.adjustments for line in claim.lines]),
        "lines": [_remitted_line(number, line) for number, line in enumerate(claim.lines, 1)],
        "remarks": list(dict.fromkeys(claim.all_remarks)),
        "interest_cents": claim.interest_cents,
        "balanced": claim.balanced,
        "problems": problems_document(claim.problems),
    }


def _all_adjustments(own: Sequence[Adjustment], by_line: Sequence[Sequence[Adjustment]]) -> list[Document]:
    return [adjustment_document(adjustment) for adjustment in own] + [
        adjustment_document(adjustment, number) for number, line in enumerate(by_line, 1) for adjustment in line
    ]


def _remitted_line(number: int, line: RemittedLine) -> Document:
    return {
        "charge_cents": line.charge_cents,
        "paid_cents": line.paid_cents,
        "procedure": line.procedure,
        "modifiers": list(line.modifiers),
        "units": number_document(line.units),
        "control": line.control or None,
        "allowed_cents": line.allowed_cents,
        "service_from": day_document(line.service_from),
        "service_to": day_document(line.service_to or line.service_from),
        "adjustments": [adjustment_document(adjustment, number) for adjustment in line.adjustments],
        "remarks": list(line.remarks),
    }


def claims_document(batch: ClaimBatch) -> Document:
    """An 837."""
    return {"claims": [_claim(claim) for claim in batch.claims], "balanced": batch.balanced}


def _claim(claim: ProfessionalClaim) -> Document:
    return {
        "id": claim.id,
        "charge_cents": claim.charge_cents,
        "responsibility": claim.responsibility,
        "frequency": claim.frequency,
        "place": claim.place,
        "payer": {"name": claim.payer.name, "id": claim.payer.id},
        "member_id": claim.subscriber.member_id,
        "relation": claim.relation,
        "original_claim_id": claim.original_claim_id or None,
        "diagnoses": list(claim.diagnoses),
        "lines": [_line(line) for line in claim.lines],
        "other_payers": [_other_payer(other) for other in claim.other_payers],
        "balanced": claim.balanced,
        "problems": problems_document(claim.problems),
    }


def _line(line: ServiceLine) -> Document:
    return {
        "charge_cents": line.charge_cents,
        "procedure": line.procedure,
        "modifiers": list(line.modifiers),
        "units": number_document(line.units),
        "place": line.place or None,
        "diagnosis_pointers": list(line.diagnosis_pointers),
        "control": line.control or None,
        "service_from": day_document(line.service_from),
        "service_to": day_document(line.service_to or line.service_from),
        **({"revenue_code": line.revenue_code} if line.revenue_code else {}),
    }


def _other_payer(other: OtherPayer) -> Document:
    dates = [line.adjudicated_on for line in other.lines if line.adjudicated_on is not None]
    return {
        "responsibility": other.responsibility,
        "payer_id": other.payer.id,
        "name": other.payer.name,
        "member_id": other.subscriber.member_id,
        "relation": other.relation,
        "claim_id": other.claim_id or None,
        "paid_cents": other.paid_cents,
        "adjudicated_on": day_document(other.adjudicated_on or max(dates, default=None)),
        "adjustments": [adjustment_document(adjustment) for adjustment in other.adjustments]
        + [adjustment_document(adjustment, line.line) for line in other.lines for adjustment in line.adjustments],
        "lines": [_line_adjudication(line) for line in other.lines],
        "remarks": list(other.remarks),
    }


def _line_adjudication(line: LineAdjudication) -> Document:
    return {
        "line": line.line,
        "paid_cents": line.paid_cents,
        "procedure": line.procedure,
        "modifiers": list(line.modifiers),
        "units": number_document(line.units),
        "adjudicated_on": day_document(line.adjudicated_on),
        "adjustments": [adjustment_document(adjustment, line.line) for adjustment in line.adjustments],
    }
