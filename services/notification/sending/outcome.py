"""What becomes of a letter: why it is not sent, when it is tried again, when it is given up. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.notification.composing.still_true import untrue
from services.notification.known_store import Known
from services.notification.sending.delivery import Outcome, Status
from services.notification.store import LetterRow

LONGEST_WAIT_SECONDS = 900
AWAY_WAIT_SECONDS = 60
GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321 section 4.5.4.1: at least 4 to 5 days
FEWEST_TRIES = 5
_FACTS_PATIENCE = timedelta(days=14)  # a payer or a client may be listed late, and the letter is still true then
_URGENT_PATIENCE = timedelta(hours=1)
_REASONS = {
    "5.1.1": "no_such_mailbox",
    "5.1.2": "no_such_domain",
    "5.1.3": "address_not_valid",
    "5.1.6": "mailbox_moved",
    "5.1.10": "domain_takes_no_mail",
    "5.2.1": "mailbox_off",
    "5.2.2": "mailbox_full",
    "5.2.3": "too_large",
    "5.3.4": "too_large",
    "5.4.1": "domain_takes_no_mail",
    "5.4.4": "no_such_domain",
    "5.7.1": "refused_by_policy",
}


def reason_of(status: str, otherwise: str) -> str:
    """The word for an enhanced status code (RFC 3463), such as 5.1.1; `otherwise` where it says no more."""
    return _REASONS.get(status, otherwise)


def retry_at(now: datetime, attempts: int, longest: int = LONGEST_WAIT_SECONDS) -> datetime:
    """When to try again: after 2, 4, 8 ... seconds, at the most every `longest` seconds."""
    return now + timedelta(seconds=min(longest, 2 ** min(attempts, 10)))


def why_skipped(row: LetterRow, known: Known) -> str | None:
    """Why a letter must not be sent at all, or None."""
    if (needless := untrue(row, known)) is not None:
        return needless
    person = known.recipient if row.provider_id is None else known.provider
    if person is None:
        return None
    if not person.email:
        return "no_email"
    if row.provider_id is None and known.recipient is not None and known.recipient.letters == "none":
        return "letters_off"
    return "address_suppressed" if person.suppressed == person.email else None


def waiting_for_facts(row: LetterRow, reason: str, now: datetime) -> LetterRow:
    """The client or the directory may be on its way; when patience is over a person hears of it."""
    if now - row.asked_at > (_URGENT_PATIENCE if row.urgent else _FACTS_PATIENCE):
        return replace(row, state="failed", reason=reason, ended_at=now)
    return replace(row, state="ready", not_before=retry_at(now, row.attempts), reason=reason)


def after(row: LetterRow, outcome: Outcome, now: datetime) -> LetterRow:
    """The row once the mail server has, or has not, answered."""
    match outcome.status:
        case Status.SENT:
            return replace(row, state="sent", ended_at=now, reason=None)
        case Status.REJECTED:
            reason = reason_of(outcome.code.partition(" ")[2], "refused_by_server")
            return replace(row, state="failed", ended_at=now, reason=reason)
        case Status.UNKNOWN:
            return _later(replace(row, perhaps_twice=True, reason="no_answer"), now, LONGEST_WAIT_SECONDS)
        case Status.DEFERRED:
            longest = AWAY_WAIT_SECONDS if outcome.server_away else LONGEST_WAIT_SECONDS
            return _later(
                replace(row, reason="server_away" if outcome.server_away else "refused_for_now"), now, longest
            )


def _later(row: LetterRow, now: datetime, longest: int) -> LetterRow:
    """Try again, for as long as servers do: it may have waited for facts before it was first offered."""
    tried_since = row.offered_at or now
    if row.attempts >= FEWEST_TRIES and now - tried_since > GIVE_UP_AFTER:
        return replace(row, state="failed", ended_at=now, reason="not_accepted_in_time")
    return replace(row, state="ready", not_before=retry_at(now, row.attempts, longest))
