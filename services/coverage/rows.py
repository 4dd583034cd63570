"""What coverage keeps of sessions, of the directory and of pauses: the rows that rules and store share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shared.events.coverage import SessionCleared, SessionRefused
from shared.events.directory import PayerListed, ProviderListed
from shared.events.sessions import SessionConfirmed


@dataclass(frozen=True, slots=True)
class NetworkSpan:
    """The marketplace is in network with `payer` from `starts` to `ends` (None: still)."""

    payer: str
    starts: date
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """A provider may bill `payer` for clients in `state` (two letters) from `starts` to `ends` (None: still)."""

    payer: str
    state: str
    starts: date
    ends: date | None = None


WAITING, CLEARED, REFUSED, CANCELLED = "waiting", "cleared", "refused", "cancelled"


@dataclass(frozen=True, slots=True)
class Session:
    """A session, and the last decision on it. `final`: the primary has adjudicated benefits, so it stays the primary.

    `confirmed` None: only its completion or cancellation came so far. `sent_plan_id` got the primary claim. `answered`
    are the plans whose decisions on benefits stand; None: not kept.
    """

    client_id: str
    session_id: str
    state: str = WAITING
    provider_id: str | None = None
    date_of_service: date | None = None
    confirmed: SessionConfirmed | None = None
    confirmed_at: datetime | None = None
    completed: bool = False
    final: bool = False
    decision: int = 0
    cleared: SessionCleared | None = None
    refused: SessionRefused | None = None
    sent_plan_id: str | None = None
    answered: tuple[str, ...] | None = None

    @property
    def answered_plans(self) -> frozenset[str]:
        """The plans that have answered; all that are billed where the primary has, and nobody has kept which others."""
        if self.answered is not None:
            return frozenset(self.answered)
        plans = self.cleared.plans if self.final and self.cleared is not None else ()
        return frozenset(plan.plan_id for plan in plans if plan.billable)


@dataclass(frozen=True)
class Directory:
    """What upstream lists of a session's provider and of the client's payers."""

    payers: Mapping[str, PayerListed]
    provider: ProviderListed | None
    credentials: Sequence[Credential]

    @property
    def networks(self) -> list[NetworkSpan]:
        """When the marketplace is in network with each payer."""
        return [
            NetworkSpan(payer.payer_id, span.from_day, span.to_day)
            for payer in self.payers.values()
            for span in payer.in_network
        ]


def without_diagnoses(event: SessionConfirmed) -> SessionConfirmed:
    """What coverage keeps of a confirmation. No rule here reads a diagnosis, and the contract lets none be absent:
    R69 (illness, unspecified) says nothing, and the version before can still read the row.
    """
    return event.model_copy(update={"diagnoses": ("R69",)})


OPEN, ANSWERED, STILL_OPEN, CLOSED = "open", "answered", "still_open", "closed"


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause of an account. `asked_at`: when benefits were last pulled to see whether it may end."""

    client_id: str
    pause_id: str
    paused_on: date
    paused_at: datetime
    unpaused_at: datetime | None = None
    watched: bool = False
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """What one payer reports in a pause, and how far the client has answered it. `looks` counts the looks so far.

    `reported_on` is the day of the payer's own report; None: the day on which the issue was opened.
    """

    client_id: str
    pause_id: str
    payer_id: str
    plan_id: str | None
    cause: str
    opened_on: date
    state: str = OPEN
    codes: tuple[str, ...] = ()
    answered_at: datetime | None = None
    confirmed_on: date | None = None
    reference_number: str = ""
    representative: str = ""
    looks: int = 0
    reported_on: date | None = None
