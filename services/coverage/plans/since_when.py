"""Whether it matters when a changed fact began: the earlier sessions whose order it would change.

Pure. A change whose first day nobody has said counts from the day on which it was stated, so that sessions before keep
what was known of them; where their order depends on it, the client is asked.
"""

from collections.abc import Iterable
from dataclasses import replace

from services.coverage.plans.situation import Situation
from services.coverage.plans.working_order import working_order
from services.coverage.rows import Session

SINCE = "since"
"""The name of the missing fact, in events and on the page."""


def sessions_that_depend(situation: Situation, sessions: Iterable[Session]) -> tuple[str, ...]:
    """The ids of the sessions before a change whose order would be another, had it always been so."""
    assumed = situation.client.stated.assumed
    if not assumed:
        return ()
    last = max(change.since for change in assumed if change.since is not None)
    always = replace(situation, client=replace(situation.client, stated=situation.client.stated.on(last).only()))
    return tuple(
        session.session_id
        for session in sessions
        if session.date_of_service is not None
        and session.date_of_service < last
        and working_order(situation, session.date_of_service).order
        != working_order(always, session.date_of_service).order
    )
