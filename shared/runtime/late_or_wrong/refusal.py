"""Tells upstream that a message of theirs could be read and was still not taken, and why."""

from dataclasses import dataclass

from shared.events.topics import UPSTREAM_TOPICS
from shared.events.types import Event
from shared.events.upstream import MessageRefused, RefusalReason
from shared.runtime.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message is not taken. `problem` says what is impossible, where that is the reason; `field` is in `data`."""

    reason: RefusalReason
    what_to_do: str
    field: str = ""
    problem: str | None = None


NOTHING_TO_WITHDRAW = Refusal(
    "not_known", "nothing holds under this key: is it the key of the wrong fact, or was it withdrawn before?", "fact"
)


def refuse(tx: Transaction, event: Event, refusal: Refusal) -> None:
    """Publish the refusal of the message that is being handled; nothing where it is no message of theirs."""
    if event.topic not in UPSTREAM_TOPICS:
        return  # an answer on our own page: the page says so itself
    tx.publish(_refused(event, refusal, message_id=tx.cause.id[:300], source=tx.cause.source[:300]))


@dataclass(frozen=True, slots=True)
class Told:
    """The message that told us something: its id and source, as a timer keeps them; empty where they are not kept."""

    id: str = ""
    source: str = ""


def told_by(tx: Transaction) -> dict[str, str]:
    """The message that is being handled, as a timer keeps it for `Told`."""
    return {"id": tx.cause.id, "source": tx.cause.source}


def refuse_earlier(tx: Transaction, event: Event, refusal: Refusal, told: Told = Told()) -> None:
    """Publish the refusal of an earlier message that was taken at first."""
    tx.publish(_refused(event, refusal, message_id=told.id[:300], source=told.source[:300]))


def _refused(event: Event, refusal: Refusal, *, message_id: str = "", source: str = "") -> MessageRefused:
    return MessageRefused(
        message_id=message_id,
        source=source,
        type=event.wire_type(),
        about=event.key()[:300],
        reason=refusal.reason,
        problem=refusal.problem,
        field=f"data.{refusal.field}" if refusal.field else "",
        what_to_do=refusal.what_to_do[:2_000],
    )
