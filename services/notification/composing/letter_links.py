"""Where a letter's buttons lead: pages behind signed links, the provider search, the page with the client's plans."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from shared.pages import links
from shared.pages.links import Purpose

SEARCHED_PLANS = 3
"""The search page has so many fields for plans."""


@dataclass(frozen=True)
class LetterLinks:
    """The pages' addresses as clients reach them, the key that signs their links, and how long a link works.

    `plans_url` is where clients see and change their plans; None where there is no such page.
    """

    coverage_url: str
    settlement_url: str
    key: str
    link_days: int
    plans_url: str | None = None

    def until(self, now: datetime) -> date:
        """The last day on which a link signed now works."""
        return (now + timedelta(days=self.link_days)).date()

    def signed(self, purpose: Purpose, now: datetime, **subject: str) -> str:
        """A fresh signed link to a page."""
        base = self.settlement_url if purpose == "statement" else self.coverage_url
        token = links.sign(purpose, subject, self.key, now + timedelta(days=self.link_days))
        return links.page(base, purpose, token)

    def search(self, payer_ids: Iterable[str], state: str | None) -> str:
        """The search for providers who can bill these payers, filled in."""
        wanted = [("plan", payer) for payer in list(dict.fromkeys(payer_ids))[:SEARCHED_PLANS]]
        if wanted and state:
            wanted.append(("state", state))
        query = f"?{urlencode(wanted)}" if wanted else ""
        return f"{self.coverage_url.rstrip('/')}/search{query}"
