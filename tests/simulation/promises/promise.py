"""What a promise is: a name, a sentence, and a check that reads a world's history."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TypeVar

from shared.events.claims import ClaimsReviewRequested
from shared.events.clients import ClientChanged, ClientRegistered
from shared.events.coverage import CoverageReviewRequested, SessionCleared, SessionRefused
from shared.events.directory import RateAgreed
from shared.events.notification import LetterBounced, LetterFailed, LetterSkipped
from shared.events.payments import PaymentDisputed, PaymentFailed, PaymentSucceeded, RefundFailed, RefundSucceeded
from shared.events.sessions import SessionCancelled, SessionCompleted, SessionConfirmed
from shared.events.settlement import CostOverdueSoon, RefundRequested, SettlementReviewRequested
from tests.simulation.facts import FIRST_DAY, SECOND_OF_A_DAY, session_in
from tests.simulation.history import Filed, History, Lost, Remitted
from tests.simulation.wording import Letter

E = TypeVar("E")
T = TypeVar("T")
K = TypeVar("K")
A_DAY = timedelta(days=1)
A_MINUTE = timedelta(minutes=1)
"""How late one service may hear of another, and a letter may come."""
_A_MOMENT = timedelta(milliseconds=1)
OF_THE_MAILBOX = {"no_such_mailbox", "mailbox_full", "address_suppressed"}
"""Why a letter does not arrive that is none of its own faults."""
NO_LETTERS = {"no_email", "letters_off"}
"""Why a client gets no letter at all."""
ON_DAY_90 = ("waited_90_days", "filed_too_late", "claim_given_up")
"""Reasons of a cost that is none of the payers' making."""
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

    def lost(self, session: int) -> list[tuple[datetime, Lost]]:
        """The letters about the visit that did not arrive."""
        of_the_day = FIRST_DAY + timedelta(days=session % SECOND_OF_A_DAY)
        return [
            (at, lost)
            for at, lost in self.history.lost()
            if lost.letter.visit_on == of_the_day and lost.letter.session in (None, session)
        ]

    def undelivered(self, session: int, edition: int) -> bool:
        """Whether this edition of the session's cost is said not to have reached the client's mailbox."""
        told = self.said(session, LetterFailed, LetterBounced, LetterSkipped)
        reasons = OF_THE_MAILBOX | NO_LETTERS
        return any(event.edition == edition and event.reason in reasons for _, event in told)

    def gets_no_letters(self, reason: str, at: datetime) -> bool:
        """Whether the client was known so within the day before: without an address, or with letters switched off."""
        told = self.history.told(ClientRegistered, ClientChanged)
        before = [details for when, details in told if when <= at - A_DAY][-1:]
        since = [details for when, details in told if at - A_DAY < when <= at]
        return any(
            details.email is None if reason == "no_email" else details.letters == "none"
            for details in (*before, *since)
        )

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

    def person(self, session: int, reasons: Container[str], since: datetime, until: datetime | None = None) -> bool:
        """Whether a person was told something of this session in this time, for one of these reasons."""
        told = self.said(session, *_LOOKED_AT)
        return any(since <= at <= (until or self.ends) and event.reason in reasons for at, event in told)

    def person_about_cost(self, session: int, since: datetime) -> bool:
        """Whether a person was told of something that holds the session's cost, and not of its money alone."""
        soon = any(since <= at for at, _ in self.said(session, CostOverdueSoon))
        told = [event.reason for at, event in self.said(session, *_LOOKED_AT) if since <= at]
        return soon or any(reason not in _MONEY_ALONE for reason in told)

    def person_about_claims(self, session: int, since: datetime, until: datetime | None = None) -> bool:
        """Whether a person was told of a claim of this session, or of its coverage, in this time."""
        told = self.said(session, ClaimsReviewRequested, CoverageReviewRequested)
        return any(since <= at <= (until or self.ends) for at, _ in told)

    def person_about_payers(self, payer_ids: Container[str], since: datetime, until: datetime) -> bool:
        """Whether a person was told of the coordination with one of these payers in this time."""
        told = self.history.said(CoverageReviewRequested)
        return any(
            since <= at <= until and event.payer_id is not None and event.payer_id in payer_ids for at, event in told
        )

    def rates(self, session: int) -> set[int]:
        """The primary's contracted rate for what was done, by coverage's last decision; one for each publication."""
        cleared = [decision for _, decision in self.decisions(session) if isinstance(decision, SessionCleared)]
        return self.rates_of(cleared[-1]) if cleared else set()

    def rates_of(self, decision: SessionCleared) -> set[int]:
        """What the payer that this decision puts first has agreed for its services, at one time or another."""
        totals = {0}
        for line in decision.lines:
            agreed = {
                event.rate_cents * line.units
                for _, event in self.history.told(RateAgreed)
                if (event.payer_id, event.procedure) == (decision.rate_payer_id, line.procedure)
            }
            totals = {total + cents for total in totals for cents in agreed}
        return totals

    def paid_cents(self, session: int, until: datetime) -> int:
        """What the client has paid for the session: the last word of the payment system on each request counts."""
        last: dict[str, int] = {}
        for at, event in self.told(session, PaymentSucceeded, PaymentFailed, PaymentDisputed):
            if at <= until:
                last[event.idempotency_key] = event.amount_cents if isinstance(event, PaymentSucceeded) else 0
        return sum(last.values())

    def given_back_cents(self, session: int, until: datetime, asked_until: datetime | None = None) -> int:
        """What was asked to be given back (by `asked_until`), less what the payment system could not give back."""
        last = {
            event.idempotency_key: event
            for at, event in self.told(session, RefundSucceeded, RefundFailed)
            if at <= until
        }
        failed = sum(event.amount_cents for event in last.values() if isinstance(event, RefundFailed))
        asked_by = asked_until or until
        asked = sum(event.amount_cents for at, event in self.said(session, RefundRequested) if at <= asked_by)
        return asked - failed

    def kept_of_late(self, session: int, at: datetime) -> set[int]:
        """What was paid less what was given back: now, just before, and for a service that hears late."""
        moments = {at, at - A_DAY, *(entry.at for entry in self.history.entries if at - A_DAY <= entry.at <= at)}
        return {
            self.paid_cents(session, when) - self.given_back_cents(session, heard, asked)
            for when in moments
            for heard in (when, when - _A_MOMENT)
            for asked in (when, when - _A_MOMENT)
        }

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
    named = back.payer_claim_id == claim.payer_claim_id if back.payer_claim_id else back.id == claim.id
    negated = sorted((a.group, a.reason, -a.amount_cents) for a in back.all_adjustments)
    stated = sorted((a.group, a.reason, a.amount_cents) for a in claim.all_adjustments)
    return named and back.paid_cents == -claim.paid_cents and negated == stated


def each_session(check: Callable[[Case, int], Iterator[Broken]]) -> Callable[[Case], Iterator[Broken]]:
    """Check every session of a world."""

    def checks(case: Case) -> Iterator[Broken]:
        for session in case.sessions:
            yield from check(case, session)

    return checks


_LOOKED_AT = (ClaimsReviewRequested, SettlementReviewRequested, CoverageReviewRequested)
_MONEY_ALONE = {
    "refund_failed",
    "balance_unpaid",
    "share_waived",
    "capped_at_primary",
    "line_above_primary",
    "above_contracted_rate",
    "refund_unanswered",
    "charge_unanswered",
    "answer_exceeds_request",
    "answer_without_request",
}
"""Reasons that leave the cost as it is."""
