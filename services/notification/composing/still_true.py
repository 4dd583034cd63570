"""Whether a letter is still true when it is to be sent. Pure."""

from collections.abc import Mapping
from typing import Any

from services.notification.known_store import Known
from services.notification.matters import ABOUT_A_PAUSE
from services.notification.store import LetterRow

PAUSE_OVER = "pause_over"
SUPERSEDED = "superseded"
ANSWERED = "answered"
PAUSE_NEVER_TOLD = "pause_never_told"
CLIENT_ERASED = "client_erased"
NEEDLESS = frozenset({PAUSE_OVER, SUPERSEDED, ANSWERED, PAUSE_NEVER_TOLD, CLIENT_ERASED})
"""Why a letter is not sent although it could be: nobody has to reach the client in its place."""


def untrue(row: LetterRow, known: Known) -> str | None:
    """Why the letter need not be sent any more, or None."""
    if _is_about_a_pause_that_is_over(row, known):
        return PAUSE_OVER
    word = known.last_word
    if word is not None and word.letter_id not in {row.letter_id, row.resend_of or row.letter_id}:
        return SUPERSEDED
    match row.letter:
        case "coordination-issue" | "coordination-reminder" if not open_issues(row, known):
            return ANSWERED
        case "recertification-due" if answered(row, known, row.data["payer_id"]):
            return ANSWERED
        case "account-unpaused" if known.pause_untold:
            return PAUSE_NEVER_TOLD
        case _:
            return None


def open_issues(row: LetterRow, known: Known) -> list[Mapping[str, Any]]:
    """The issues of the letter that the client has not answered since it was asked for."""
    issues = row.data.get("issues") or [row.data["issue"]]
    return [issue for issue in issues if not answered(row, known, issue["payer_id"])]


def answered(row: LetterRow, known: Known, payer_id: str) -> bool:
    """Whether the client's answer about this payer came to count after the letter was asked for."""
    accepted_at = known.accepted.get(payer_id)
    return accepted_at is not None and accepted_at >= row.asked_at


def _is_about_a_pause_that_is_over(row: LetterRow, known: Known) -> bool:
    about_it = row.letter in ABOUT_A_PAUSE or row.letter == "provider-client-paused"
    pause = known.pause
    return about_it and pause is not None and not pause.is_open and pause.pause_id == row.data["pause_id"]
