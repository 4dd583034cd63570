"""Where a letter's buttons lead: pages behind signed links, the provider search, the page with the client's plans."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from shared.pages import links
from shared.pages.links import Keys, Purpose

ALL_VISITS_DAYS = 7
"""The link to all visits is sent to whoever asks for it, and works for a few days."""
SEARCHED_PLANS = 3
"""The search page has so many fields for plans."""


@dataclass(frozen=True)
class LetterLinks:
    """The pages' addresses as clients reach them, the keys that sign their links, and how long links work.

    `plans_url` is where clients see and change their plans; None where there is no such page.
    """

    coverage_url: str
    settlement_url: str
    keys: Keys
    link_days: int
    statement_link_days: int = 120
    plans_url: str | None = None

    def until(self, purpose: Purpose, now: datetime, subject: Mapping[str, str]) -> datetime:
        """The moment until which a link signed now works: a cost's outlives its 90 days, one to all visits is short."""
        if purpose != "statement":
            return now + timedelta(days=self.link_days)
        return now + timedelta(days=self.statement_link_days if "session_id" in subject else ALL_VISITS_DAYS)

    def signed(self, purpose: Purpose, now: datetime, version: int, subject: Mapping[str, str]) -> str:
        """A fresh signed link to a page."""
        base = self.settlement_url if purpose == "statement" else self.coverage_url
        token = links.sign(purpose, subject, self.keys, self.until(purpose, now, subject), version)
        return links.page(base, purpose, token)

    def search(self, payer_ids: Iterable[str], state: str | None, language: str) -> str:
        """The search for providers who can bill these payers, filled in."""
        wanted = [("plan", payer) for payer in list(dict.fromkeys(payer_ids))[:SEARCHED_PLANS]]
        if wanted and state:
            wanted.append(("state", state))
        return f"{self.coverage_url.rstrip('/')}/search?{urlencode([*wanted, ('lang', language)])}"
