"""Which sessions new facts may still change: those that nobody has decided for good, and the answered ones of a year.

Pure: each kind as a condition in SQL and as the same in Python, for rows that a transaction has changed since.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from services.coverage.rows import CLEARED, REFUSED, WAITING, Session


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of session. `where` and `holds` say the same; both are given the first day that counts, `days` ago."""

    where: str
    holds: Callable[[Session, date], bool]
    days: int

    def since(self, today: date) -> date:
        """The first date of service that counts."""
        return today - timedelta(days=self.days)


def _is_undecided(session: Session, refused_since: date) -> bool:
    """Whether new facts may change the decision; one that a pause refused is for upstream to confirm anew."""
    if session.final:
        return False
    if session.state == REFUSED:
        by_pause = session.refused is None or session.refused.reason == "account_paused"
        return not by_pause and session.date_of_service is not None and session.date_of_service >= refused_since
    return session.state in (WAITING, CLEARED)


def _is_answered(session: Session, since: date) -> bool:
    on = session.date_of_service
    return session.final and session.state == CLEARED and on is not None and on >= since


UNDECIDED = Kind(
    "not final and state in ('waiting', 'cleared', 'refused') and (state <> 'refused' or date_of_service >= $2)",
    _is_undecided,
    days=30,
)
"""The primary has not answered; a refused one counts for 30 days."""

ANSWERED = Kind("final and state = 'cleared' and date_of_service >= $2", _is_answered, days=365)
"""The primary has answered, and the plans behind it may change: hardly a payer takes a claim after more than a year."""


def oldest_first(sessions: Iterable[Session]) -> list[Session]:
    """The sessions by their dates of service."""
    return sorted(sessions, key=lambda session: (session.date_of_service or date.max, session.session_id))
