"""The events that say what became of a letter, and the one that tells a person where nobody could be reached."""

from typing import Any

from services.notification.composing.still_true import NEEDLESS
from services.notification.store import LetterRow
from shared import log
from shared.events.notification import (
    LetterBounced,
    LetterEvent,
    LetterFailed,
    LetterSent,
    LetterSkipped,
    NotificationReviewRequested,
)
from shared.runtime.transaction import Cause, Transaction

_UNDELIVERED: dict[str, type[LetterEvent]] = {
    "failed": LetterFailed,
    "skipped": LetterSkipped,
    "bounced": LetterBounced,
}
_FACTS_THAT_NEVER_CAME = frozenset({"client_unknown", "payer_unknown", "plan_unknown", "provider_unknown"})


def announce(row: LetterRow, tx: Transaction) -> None:
    """Publish what became of a letter that has ended; its ids come from the letter, so that twice is once."""
    if row.waits:
        return
    tx.caused_by(Cause(f"{row.letter_id}:{row.state}", traceparent=row.traceparent))
    said: dict[str, Any] = {"client_id": row.client_id, "letter_id": row.letter_id, "letter": row.letter}
    said["template_version"] = row.template_version or "none"
    if (edition := row.data.get("edition")) is not None:
        said |= {"session_id": row.session_id, "edition": edition}
    if row.state == "sent":
        tx.publish(LetterSent.model_validate({**said, "perhaps_twice": row.perhaps_twice}))
    else:
        tx.publish(_UNDELIVERED[row.state].model_validate({**said, "reason": row.reason}))
        _tell_person(row, said, tx)
    log.get().info("letter ended", letter=row.letter, letter_id=row.letter_id, state=row.state, reason=row.reason)


def _tell_person(row: LetterRow, said: dict[str, Any], tx: Transaction) -> None:
    """An account is paused, and the only one who can help does not know; or what a letter is about never came."""
    if row.urgent and row.reason not in NEEDLESS:
        reason = "pause_letter_undelivered"
    elif row.state == "failed" and row.reason in _FACTS_THAT_NEVER_CAME:
        reason = "letter_facts_missing"
    else:
        return
    what = {"reason": reason, "evidence": f"{row.state}: {row.reason}"}
    tx.publish(NotificationReviewRequested.model_validate({**said, **what}))
