"""What may be said of a failure in the log: exceptions that are not ours may hold personal data."""

from typing import Any

from shared import log
from shared.database import refusal


def named(error: Exception) -> str:
    """The failure's name, and its text where that is ours to say."""
    return " ".join(filter(None, (log.failure(error), _said(error))))


def _said(error: Exception) -> Any:
    """The text of our own exceptions, and of a database that does not let us in."""
    ours = type(error).__module__.startswith(("shared", "services"))
    return str(error) if ours else refusal.said_by_server(error)
