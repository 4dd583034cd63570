"""What a page shows, as values, before it becomes HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class View:
    """A template with its facts. `language` is the client's, None where there is no client.

    `done`: an answer was taken; the word says which, and the reader is led on to the page that thanks for it.
    """

    template: str
    language: str | None
    facts: Mapping[str, Any]
    status: int = 200
    done: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """How a reader comes to a page: after an answer (`done`), with what was `typed` before."""

    done: str | None = None
    typed: Mapping[str, str] | None = None
