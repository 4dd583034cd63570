"""What each letter is about, so that of two letters on one matter only the later is sent. Pure."""

from collections.abc import Mapping
from typing import Any

ABOUT_A_PAUSE = frozenset({"coordination-issue", "coordination-reminder", "coordination-still-open"})

ORDER = "order"
PAUSE = "pause"
SINCE = "since"
"""Since when a fact is so: asked whatever the order is today."""


def visit(session_id: str) -> str:
    """Whether a visit can be confirmed."""
    return f"visit|{session_id}"


def yearly(payer_id: str) -> str:
    """The yearly question of an insurer."""
    return f"yearly|{payer_id}"


def named_plan(named_by: str) -> str:
    """A plan that an insurer names and the client never entered."""
    return f"plan|{named_by}"


def matter_of(letter: str, data: Mapping[str, Any], provider_id: str | None = None) -> str:
    """The matter of a letter, from the fields of the event that asked for it."""
    match letter:
        case "coordination-issue" | "coordination-reminder" | "account-unpaused":
            return PAUSE
        case "coordination-still-open":
            return f"still-open|{data['issue']['payer_id']}"
        case "provider-client-paused":
            return f"provider-pause|{provider_id}"
        case "coordination-question" if data["missing"] == SINCE:
            return SINCE
        case "plans-reordered" | "coordination-question":
            return ORDER
        case "plan-unknown":
            return named_plan(data["named_by"])
        case "recertification-due":
            return yearly(data["payer_id"])
        case "secondary-not-billable":
            return f"secondary|{data['plan_id']}|{data['provider_id']}"
        case "session-refused":
            return visit(data["session_id"])
        case "new-link":
            return f"link|{data['purpose']}|{data['about']}"
        case _:
            return f"cost|{data['session_id']}"
