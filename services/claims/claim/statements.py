"""What payers state, as JSON: in facts, decisions and evidence."""

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from shared.x12.claim_status_277.status import ClaimStatus, Status
from shared.x12.remittance_835.remittance import RemittanceHeader, RemittedClaim

CLAIM: TypeAdapter[RemittedClaim] = TypeAdapter(RemittedClaim)
HEADER: TypeAdapter[RemittanceHeader] = TypeAdapter(RemittanceHeader)
REPORT: TypeAdapter[ClaimStatus] = TypeAdapter(ClaimStatus)
"""A remitted claim, its payment, and a claim's status as JSON, in facts, decisions and evidence."""


_PEOPLE = {"patient", "subscriber", "corrected_patient", "rendering", "references"}


def dump(adapter: TypeAdapter[Any], value: Any) -> dict[str, Any]:
    """A record of the reader as JSON."""
    return adapter.dump_python(value, mode="json", exclude_defaults=True)


def as_stated(claim: RemittedClaim) -> dict[str, Any]:
    """What a payer says of a claim that is matched to ours, for events and decisions: nobody's names and numbers."""
    return CLAIM.dump_python(claim, mode="json", exclude_defaults=True, exclude=_PEOPLE)


def as_reported(status: ClaimStatus) -> dict[str, Any]:
    """A claim's status for events: the codes, without the patient and the payer's free text."""
    wordless = replace(
        status,
        patient=None,
        statuses=_without_words(status.statuses),
        lines=tuple((line, _without_words(statuses)) for line, statuses in status.lines),
    )
    return dump(REPORT, wordless)


def _without_words(statuses: tuple[Status, ...]) -> tuple[Status, ...]:
    return tuple(replace(status, message="") if status.message else status for status in statuses)
