"""The client at the page that a letter about a pause links to: it reports there what an insurer said on the phone.

Moves: `report` (the client opens the link of the n-th such letter some days after it came, calls whom the page names,
and reports. How: `again` gives the reference of the call before, and calls anew where that is refused).
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.coverage.app import SERVICE as COVERAGE
from services.coverage.pages.call_pages import COORDINATION
from services.coverage.pages.page_view import Seen, View
from shared import clock
from shared.commands.command import refused
from shared.commands.operator_session import acting
from shared.database.postgres import Connection
from shared.events.coverage import CoverageLinkRequested
from shared.pages import link_versions, links
from shared.pages.links import ExpiredLinkError, Link
from shared.pages.signed_page import request_link
from tests.simulation.moves import Move, Plan
from tests.simulation.operating import Order
from tests.simulation.wording import Letter

_LINK = re.compile(r"/coordination/(\S+)")
NOBODY_TO_CALL = "the page names nobody to call"
_CALLS_ANEW_AFTER = 2.0
_CALL_TAKES = 0.01
"""In days: nobody reads a letter, calls an insurer and reports in one minute."""


class Reporter:
    """The client of one plan, with its letters. `phones` is told each payer that it calls before it reports."""

    def __init__(
        self,
        plan: Plan,
        later: Callable[[float, Callable[[datetime], None]], None],
        give: Callable[[Order], None],
        phones: Callable[[str], None],
    ) -> None:
        self._moves, self._later, self._give, self._phones = plan.of("report"), later, give, phones
        self._letters = 0
        self._calls: Counter[str] = Counter()
        self._awaits: Move | None = None

    def read(self, letter: Letter) -> None:
        """A letter comes; one with a fresh link that the client has asked for is opened at once."""
        found = _LINK.search(letter.text)
        if found is None or not self._moves:
            return
        moves = [move for move in self._moves if move["nth"] == self._letters]
        self._letters += 1
        if self._awaits is not None:
            moves, self._awaits = [*moves, Move("report", told={**self._awaits.told, "after": 0.0})], None
        for move in moves:
            self._later(max(move["after"], _CALL_TAKES), lambda _, move=move: self._open(found[1], move))

    def _open(self, token: str, move: Move) -> None:
        async def act(connection: Connection) -> object:
            return await self._report(connection, token, move)

        self._give(Order("coverage", f"the link of a letter ({move.get('how', 'calls')})", act, who="the client opens"))

    async def _report(self, connection: Connection, token: str, move: Move) -> None:
        """Report every call that the page names. Raises RefusedError: the page takes none, and why."""
        try:
            link = links.read("coordination", token, _keys())
            answers = await self._answered(connection, link, move.get("how", "calls"))
        except ExpiredLinkError as error:
            async with acting(connection, "coverage", [error.link.client_id], f"renew {token}") as tx:
                request_link(tx, CoverageLinkRequested, error.link)
            self._awaits = move
            raise refused("the link has ended, a new one is asked for", "") from None
        if not answers:
            raise refused(NOBODY_TO_CALL, "")
        if any(answer.done is None for answer in answers):
            again = Move("report", told={**move.told, "how": "calls"})
            self._later(_CALLS_ANEW_AFTER, lambda _: self._open(token, again))
            raise refused("the page does not take the reference", "")

    async def _answered(self, connection: Connection, link: Link, how: str) -> list[View]:
        """What the page says to a form about each call that it shows; a form that is sent twice is one answer."""
        async with acting(connection, "coverage", [link.client_id]) as tx:
            await link_versions.check(tx, link)
            shown = await COORDINATION.show(tx, link.subject, Seen())
        answers: list[View] = []
        for call in shown.facts["calls"]:
            form = self._form(call, how)
            async with acting(connection, "coverage", [link.client_id], f"page {link} {form}") as tx:
                answers.append(await COORDINATION.take(tx, link.subject, form))
        return answers

    def _form(self, call: Mapping[str, Any], how: str) -> dict[str, str]:
        payer_id = call["payer_id"]
        letter = payer_id[-1]
        if how != "again" or not self._calls[payer_id]:
            self._calls[payer_id] += 1
            self._phones(letter)
        typed = {
            "reference": f"PAGE-{letter}-{self._calls[payer_id]}",
            "called_on": clock.now().date().isoformat(),
            "plan": "not-said",
        }
        return {"call": payer_id, **{f"{name}-{call['mark']}": value for name, value in typed.items()}}


def _keys() -> links.Keys:
    return COVERAGE.settings.model_validate({"database_url": "postgresql://nowhere"}).link_keys()
