"""Leaving something to a person: a row with the reason, the suggestion and the evidence as it came."""

from dataclasses import replace
from typing import Any

from services.claims.claim.level import level_name
from services.claims.claim.tables import WORK_QUEUE, Claim, QueueItem
from shared.events.claims import ClaimsReviewRequested
from shared.fact_ids import FactIds
from shared.runtime.transaction import Transaction

_ITEMS = FactIds("c0f6f0a4-7f6b-5a57-9a3e-1f2f4f1d9e11")
NOBODY = ""
BY_ITSELF = "claims"
"""Who took an item off the queue where no person had to."""
UNREPLACEABLE = ("replacement_impossible", "replacement_unbillable")
"""A decision that no longer fits the facts, and of which no replacement can go: a person lets it stand, or acts."""
RECOVERED_UNREVERSED = "recovered_without_reversal"
"""A payer took money back for a claim (PLB) that it has not reversed."""


async def leave_to_a_person(
    tx: Transaction,
    client_id: str,
    session_id: str | None,
    reason: str,
    suggestion: str,
    *fact: object,
    **evidence: Any,
) -> None:
    """Open an item, once for each business fact: `fact` names it beside client, session and reason.

    The event says ids and reason alone; the evidence stays in the work queue.
    """
    identity = "|".join(map(str, (client_id, session_id or "", reason, *fact)))
    item_id = _ITEMS.of(identity)
    if await tx.one(WORK_QUEUE, client_id, item_id) is not None:
        return
    tx.save(WORK_QUEUE, QueueItem(client_id, item_id, session_id, reason, suggestion, evidence, tx.now))
    if client_id != NOBODY:
        tx.publish(
            ClaimsReviewRequested(
                client_id=client_id, item_id=item_id, session_id=session_id, reason=reason, suggestion=suggestion
            )
        )


async def open_items(tx: Transaction, claim: Claim) -> list[QueueItem]:
    """What waits for a person about this claim."""
    rows = await tx.find(
        WORK_QUEUE, "client_id = $1 and session_id = $2 and resolved_at is null", claim.client_id, claim.session_id
    )
    return [item for item in rows if is_about(item, claim)]


def is_about(item: QueueItem, claim: Claim) -> bool:
    """Whether the item is about this claim: by its plan once claims have changed places, else by the level."""
    plan_id = item.evidence.get("plan_id")
    return plan_id == claim.plan_id if plan_id else item.evidence.get("level") == level_name(claim.level)


def is_about_a_refusal(item: QueueItem) -> bool:
    """Whether it was opened because a payer rejected or denied the claim."""
    return item.reason.startswith(("rejected_", "denied_"))


def moved(item: QueueItem, claim: Claim, level: int) -> QueueItem:
    """The item as its claim goes to the place `level`: it goes with it."""
    return replace(item, evidence={**item.evidence, "plan_id": claim.plan_id, "level": level_name(level)})


def take_off(tx: Transaction, item: QueueItem, why: str) -> None:
    """What the item waited for has come without anyone's help."""
    tx.save(WORK_QUEUE, replace(item, resolved_at=tx.now, resolved_by=BY_ITSELF, resolved_why=why))
