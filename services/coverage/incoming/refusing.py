"""Tells upstream that a message of theirs could be read and was still not taken, and why."""

from shared.events.topics import UPSTREAM_TOPICS
from shared.events.types import Event
from shared.events.upstream import MessageRefused, RefusalReason
from shared.runtime.transaction import Transaction


def refuse(tx: Transaction, event: Event, reason: RefusalReason, field: str, what_to_do: str) -> None:
    """Publish the refusal of the message that is being handled; nothing where it is no message of theirs."""
    if event.topic not in UPSTREAM_TOPICS:
        return  # an answer on our own page: the page says so itself
    refusal = MessageRefused(
        message_id=tx.cause.id[:300],
        source=tx.cause.source[:300],
        type=event.wire_type(),
        about=event.key()[:300],
        reason=reason,
        field=f"data.{field}" if field else "",
        what_to_do=what_to_do[:2_000],
    )
    tx.publish(refusal)
