"""The CloudEvents attributes as we read them: what is wrong with one, in words."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

LONGEST_BYTES = 300
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
REQUIRED = ("specversion", "id", "source", "type")
HINTS = {
    "specversion": 'write "1.0"',
    "id": "any text that is new for each message of a source, such as a UUID",
    "source": "who publishes, such as /your-system",
    "type": "such as sessions.session.confirmed.v1",
    "time": "RFC 3339 with its offset, such as 2026-03-02T09:00:00Z",
    "datacontenttype": "leave it out, or write application/json",
}


def fits(value: Any) -> bool:
    """Short enough for an index, and without control characters, which no database keeps."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_BYTES:
        return False
    return value.isprintable() and (value.isascii() or len(value.encode()) <= LONGEST_BYTES)


def time_of(value: Any) -> datetime | None:
    """The time of an event; None where it is not written as RFC 3339 has it."""
    if not isinstance(value, str) or _TIME.fullmatch(value) is None:
        return None
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:
        return None


def wrong(attributes: Mapping[str, Any], name: str) -> str | None:
    """Why a reader refuses the attribute `name`; None where it does not."""
    value = attributes.get(name)
    match name:
        case "specversion" if value != "1.0":
            return "the CloudEvents version is not 1.0"
        case "id" | "source" | "type" if not fits(value):
            return "it is missing, empty or not a printable text of up to 300 bytes"
        case "time" if value is not None and time_of(value) is None:
            return "it is no RFC 3339 time with its offset"
        case "datacontenttype" if value is not None and value != "application/json":
            return "the data is JSON"
        case _:
            return None
