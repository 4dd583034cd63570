"""What a promise is: a name, a sentence, and a check that reads a world's history."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TypeVar

from shared.events.claims import ClaimsReviewRequested
from shared.events.coverage import CoverageReviewRequested, SessionCleared, SessionRefused
from shared.events.payments import PaymentDisputed, PaymentFailed, PaymentSucceeded, RefundFailed, RefundSucceeded
from shared.events.sessions import SessionCancelled, SessionCompleted, SessionConfirmed
from shared.events.settlement import CostOverdueSoon, RefundRequested, SettlementReviewRequested
from tests.simulation.facts import FIRST_DAY, SECOND_OF_A_DAY, session_in
from tests.simulation.history import Filed, History, Remitted
from tests.simulation.wording import Letter

E = TypeVar("E")
T = TypeVar("T")
K = TypeVar("K")
A_DAY = timedelta(days=1)
"""How late one service may hear of another, and a letter may come."""
NO_WORD_ON_BENEFITS = {"22", "16", "18", "29"}
"""Reasons of denials that say nothing of benefits."""


@dataclass(frozen=True)
class Broken:
    """A promise that was not kept: when, for which session (None: the client as a whole), and how."""

    at: datetime
    session: int | None
    words: str


@dataclass(frozen=True)
class Promise:
    """One promise. `check` yields where a world breaks it."""

    name: str
    sentence: str
    check: Callable[["Case"], Iterable[Broken]]


class Case:
    """A world's history as the checks ask for it. Sessions go by their numbers."""

    def __init__(self, history: History, ends: datetime, client_id: str) -> None:
        self.history, self.ends, self.client_id = history, ends, client_id

    @cached_property
    def sessions(self) -> list[int]:
        """The sessions that were ever confirmed."""
        return sorted({self.number(event) or 0 for _, event in self.history.told(SessionConfirmed)})

    @cached_property
    def _letters(self) -> Mapping[date | None, list[tuple[datetime, Letter]]]:
        return _sorted_by(lambda letter: letter.visit_on, self.history.letters())

    @cached_property
    def _filed(self) -> Mapping[int, list[tuple[datetime, Filed]]]:
        return _sorted_by(lambda filed: session_in(filed.claim.id), self.history.filed())

    @cached_property
    def _remitted(self) -> Mapping[int, list[tuple[datetime, Remitted]]]:
        return _sorted_by(lambda remitted: remitted.session, self.history.remitted())

    def number(self, event: object) -> int | None:
        """The session that an event is about."""
        session_id = getattr(event, "session_id", None)
        return int(session_id.rpartition("-")[2]) if session_id else None

    def said(self, session: int | None, *kinds: type[E]) -> list[tuple[datetime, E]]:
        """What services said of a session; None: of all."""
        return [
            (at, event) for at, event in self.history.said(*kinds) if session is None or self.number(event) == session
        ]

    def told(self, session: int, *kinds: type[E]) -> list[tuple[datetime, E]]:
        """What was told from outside of a session."""
        return [(at, event) for at, event in self.history.told(*kinds) if self.number(event) == session]

    def letters(self, session: int) -> list[tuple[datetime, Letter]]:
        """The letters about the visit."""
        of_the_day = self._letters[FIRST_DAY + timedelta(days=session % SECOND_OF_A_DAY)]
        return [(at, letter) for at, letter in of_the_day if letter.session in (None, session)]

    def filed(self, session: int) -> list[tuple[datetime, Filed]]:
        """The claims that went out for the visit."""
        return self._filed[session]

    def remitted(self, session: int) -> list[tuple[datetime, Remitted]]:
        """What payers decided about the visit."""
        return self._remitted[session]

    def cancelled_at(self, session: int) -> datetime | None:
        """When the session was cancelled."""
        return min((at for at, _ in self.told(session, SessionCancelled)), default=None)

    def completed(self, session: int) -> bool:
        """Whether the session took place and was not cancelled."""
        return bool(self.told(session, SessionCompleted)) and self.cancelled_at(session) is None

    def decisions(self, session: int) -> list[tuple[datetime, SessionCleared | SessionRefused]]:
        """Coverage's decisions on the session, in their order."""
        return self.said(session, SessionCleared, SessionRefused)

    def person(self, session: int | None, since: datetime, until: datetime | None = None) -> bool:
        """Whether a person was told something of the session, or of the client, in this time."""
        until = until or self.ends
        return any(
            since <= at <= until and (session is None or self.number(event) in (None, session))
            for at, event in self.history.said(*PERSON)
        )

    def paid_cents(self, session: int, until: datetime) -> int:
        """What the client has paid for the session: the last word of the payment system on each request counts."""
        last: dict[str, int] = {}
        for at, event in self.told(session, PaymentSucceeded, PaymentFailed, PaymentDisputed):
            if at <= until:
                last[event.idempotency_key] = event.amount_cents if isinstance(event, PaymentSucceeded) else 0
        return sum(last.values())

    def given_back_cents(self, session: int, until: datetime) -> int:
        """What was asked to be given back, less what the payment system could not give back."""
        last = {
            event.idempotency_key: event
            for at, event in self.told(session, RefundSucceeded, RefundFailed)
            if at <= until
        }
        failed = sum(event.amount_cents for event in last.values() if isinstance(event, RefundFailed))
        asked = sum(event.amount_cents for at, event in self.said(session, RefundRequested) if at <= until)
        return asked - failed

    def standing(self, session: int, until: datetime) -> dict[str, list[Remitted]]:
        """The decisions that stand at a time, by payer: what was taken back is gone, what came twice counts once."""
        by_payer: dict[str, list[Remitted]] = defaultdict(list)
        for at, remitted in self.remitted(session):
            if at > until:
                continue
            ours = by_payer[remitted.payer]
            if remitted.claim.reversal:
                ours[:] = [other for other in ours if not takes_back(remitted, other)]
            elif remitted not in ours:
                ours.append(remitted)
        return by_payer


def _sorted_by(
    key: Callable[[T], K], entries: Iterable[tuple[datetime, T]]
) -> defaultdict[K, list[tuple[datetime, T]]]:
    by_key: defaultdict[K, list[tuple[datetime, T]]] = defaultdict(list)
    for at, what in entries:
        by_key[key(what)].append((at, what))
    return by_key


def takes_back(reversal: Remitted, decided: Remitted) -> bool:
    """Whether a reversal takes back this decision, as the payer meant it."""
    back, claim = reversal.claim, decided.claim
    named = not back.payer_claim_id or back.payer_claim_id == claim.payer_claim_id
    return named and back.charge_cents == -claim.charge_cents and back.paid_cents == -claim.paid_cents


def each_session(check: Callable[[Case, int], Iterator[Broken]]) -> Callable[[Case], Iterator[Broken]]:
    """Check every session of a world."""

    def checks(case: Case) -> Iterator[Broken]:
        for session in case.sessions:
            yield from check(case, session)

    return checks


PERSON = (ClaimsReviewRequested, SettlementReviewRequested, CoverageReviewRequested, CostOverdueSoon)
"""Events by which a person is told that something waits."""
