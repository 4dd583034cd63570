"""What a page shows, as values, before it becomes HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class View:
    """A template with its facts. `language` is the client's, None where there is no client."""

    template: str
    language: str | None
    facts: Mapping[str, Any]
    status: int = 200
