"""What the makers of a letter's facts are given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.notification.composing.letter_links import LetterLinks
from services.notification.known_store import Known
from services.notification.letters.language import Language, closest_language
from services.notification.store import LetterRow, Recipient
from shared.pages.links import Purpose

Facts = dict[str, Any]


@dataclass(frozen=True)
class Occasion:
    """A letter that is due, what is known of its people and payers, and the time. `client` is whom it is about."""

    row: LetterRow
    known: Known
    client: Recipient
    links: LetterLinks
    now: datetime

    @property
    def data(self) -> dict[str, Any]:
        """The fields of the event that asked for the letter."""
        return self.row.data

    @property
    def language(self) -> Language:
        """The client's language."""
        return closest_language(self.client.language)

    def signed(self, purpose: Purpose, **about: str) -> str:
        """A fresh link for this client."""
        return self.links.signed(purpose, self.now, self.client.link_version, self._subject(purpose, about))

    def until(self, purpose: Purpose, **about: str) -> date:
        """The last day on which such a link works."""
        return self.links.until(purpose, self.now, self._subject(purpose, about)).date()

    def _subject(self, purpose: Purpose, about: dict[str, str]) -> dict[str, str]:
        """What a link names; the statement is settlement's, which does not know the client's language."""
        language = {"lang": self.language} if purpose == "statement" else {}
        return {"client_id": self.row.client_id, **about, **language}


Maker = Callable[[Occasion], Facts]
