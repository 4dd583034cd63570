"""What claims keeps, as rows.

| table | written by |
|---|---|
| sessions, clients, plans | handlers of `sessions`, `clients`, `coverage` |
| payers, providers | handlers of `directory` |
| claims, history | `filing` (what goes out), `posting` and `acknowledging` (what comes in) |
| control_numbers, documents | `submitting`: one row for each submission |
| decisions | `posting`: one row for each decision, in full |
| answers_awaited | `telling_who_is_awaited` |
| work_queue | whoever leaves something to a person; resolved by operators |
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.claims.claim.claim_state import State
from services.claims.claim.level import Ordinal, level_name
from services.claims.claim.line_on_file import LineOnFile
from services.claims.claim.posted_remittance import Posting, standing_postings, totals
from shared.events.clients import ClientRegistered, EnteredPlan
from shared.events.coverage import ClearedPlan, SessionCleared
from shared.events.directory import PayerListed, ProviderListed
from shared.events.sessions import SessionConfirmed
from shared.runtime.table import Table
from shared.x12.claim_837.claim import ProfessionalClaim

_PASSED_OVER = frozenset({"secondary_out_of_network", "provider_not_credentialed", "payer_not_listed"})


@dataclass(frozen=True, slots=True)
class Clearance:
    """What claims keeps of coverage's decision on a session; `decision` is its number, `plans` come in their order.

    `marked`: why the order is provisional, since `marked_on`.
    """

    decision: int
    provider_id: str
    date_of_service: date
    plans: tuple[ClearedPlan, ...]
    marked: str | None = None
    marked_on: date | None = None

    @classmethod
    def of(cls, event: SessionCleared, before: "Clearance | None", today: date) -> "Clearance":
        """The part of the event that decides about claims; `before` is the decision that it replaces."""
        same = before is not None and before.marked == event.marked
        marked_on = before.marked_on if before is not None and same else today if event.marked else None
        return cls(event.decision, event.provider_id, event.date_of_service, event.plans, event.marked, marked_on)

    @property
    def named(self) -> tuple[ClearedPlan, ...]:
        """The plans that a claim names, first to last: those billed, and those passed over on the way to them.

        A plan passed over covers the patient and cannot be billed by us; one that is not in force leaves no gap.
        """
        last = max((place for place, plan in enumerate(self.plans) if plan.billable), default=-1)
        return tuple(plan for plan in self.plans[: last + 1] if plan.billable or plan.reason in _PASSED_OVER)

    @property
    def undetermined_since(self) -> date | None:
        """Since when the order waits for the client's answer; None where it does not."""
        return (self.marked_on or self.date_of_service) if self.marked == "order_undetermined" else None


@dataclass(frozen=True, slots=True)
class Session:
    """One session as far as it is known. `base` begins all its control numbers.

    `completed`: it was said to have taken place, on the day `completed_for` (None: said before that was kept).
    """

    client_id: str
    session_id: str
    base: str
    confirmed: SessionConfirmed | None = None
    completed: bool = False
    cancelled: bool = False
    cleared: Clearance | None = None
    refused: bool = False
    completed_for: date | None = None

    @property
    def service_on(self) -> date | None:
        """The confirmed day, by which its retention ends."""
        return None if self.confirmed is None else self.confirmed.date_of_service

    @property
    def completed_on_another_day(self) -> bool:
        """Whether it was said to have taken place on another day than the confirmed one."""
        if not self.completed or self.completed_for is None or self.confirmed is None:
            return False
        return self.completed_for != self.confirmed.date_of_service


@dataclass(frozen=True, slots=True)
class Client:
    """A client: who they are, and whether the account is paused."""

    client_id: str
    details: ClientRegistered | None = None
    pause_id: str | None = None
    paused_on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as the client entered it."""

    client_id: str
    plan_id: str
    plan: EnteredPlan


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer of the directory."""

    payer_id: str
    listed: PayerListed


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of the directory."""

    provider_id: str
    listed: ProviderListed


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim at one payer level, 1 is the primary's.

    `control` is the number of its last submission, empty before the first; `responsibility` (SBR01) and `lines` are as
    that went out. A claim that another payer forwarded has those of the claim that was forwarded. `changes` counts its
    rows of history. `told` are the figures of the payers before that it carried: (paid, patient responsibility) in
    cents, one pair each; `told_by` their plans (shorter where that was not kept). `remittance_waits`: one of this claim
    is in the work queue until another has come.
    `details_corrected`: what took place, or its place in the order, was stated anew since it was sent: it is to be
    replaced. `payer_claim_id` is the payer's number, `other_payer_keys` others by which it may name the claim (before
    a replacement, of what waits), as `key` has them.
    """

    client_id: str
    session_id: str
    level: Ordinal
    plan_id: str
    payer_id: str
    state: State
    service_on: date
    charge_cents: int
    reason: str | None = None
    submission: int = 0
    control: str = ""
    responsibility: str = ""
    lines: tuple[LineOnFile, ...] = ()
    payer_claim_id: str = ""
    postings: tuple[Posting, ...] = ()
    answer: str | None = None
    crossover: str = "not_forwarded"
    complete: bool = False
    told: tuple[tuple[int, int], ...] = ()
    told_by: tuple[str, ...] = ()
    sent_on: date | None = None
    decided_on: date | None = None
    forwarded_on: date | None = None
    tries: int = 0
    asked: int = 0
    asked_on: date | None = None
    changes: int = 0
    remittance_waits: bool = False
    details_corrected: bool = False
    other_payer_keys: tuple[str, ...] = ()

    @property
    def figures(self) -> tuple[int, int]:
        """What the payer's standing decisions come to: (paid, patient responsibility) in cents."""
        now = totals(self.postings)
        return now.paid_cents, now.patient_responsibility_cents

    @property
    def subject(self) -> str:
        """What its timers are about."""
        return f"{self.session_id}/{self.level}"

    @property
    def name(self) -> str:
        """Its session and level, as people read and write them."""
        return f"{self.session_id}/{level_name(self.level)}"

    def telling_of(self, prior: "Claim | None") -> "Claim":
        """The claim as it carries the figures of `prior`, the claim to the payer before, and of those before that."""
        if prior is None:
            return replace(self, told=(), told_by=())
        return replace(self, told=(*prior.told, prior.figures), told_by=(*prior.told_by, prior.plan_id))

    def tells_of(self, before: "Sequence[Claim]") -> bool:
        """Whether it carries the figures of the payers before (`before`, first to last) as they stand now.

        Equal figures of another payer are not these: the claim names who paid them.
        """
        by_others = len(self.told_by) == len(self.told) and self.told_by != tuple(claim.plan_id for claim in before)
        return self.told == tuple(claim.figures for claim in before) and not by_others

    def is_outdated(self, before: "Sequence[Claim]") -> bool:
        """Whether it went out, or was forwarded, with other figures than those that stand now."""
        return (self.sent_on is not None or bool(self.told)) and not self.tells_of(before)


@dataclass(frozen=True, slots=True)
class PriorFigures:
    """What a payer before had decided when a claim was built: the adjudications, and what they came to in cents."""

    plan_id: str
    identities: tuple[str, ...]
    paid_cents: int
    patient_responsibility_cents: int


def prior_figures(claim: "Claim") -> PriorFigures | None:
    """What the payer of `claim` has decided, for the claim to the next payer; None where no decision stands."""
    identities = tuple(posting.identity for posting in standing_postings(claim.postings) if posting.decided)
    return PriorFigures(claim.plan_id, identities, *claim.figures) if identities else None


@dataclass(frozen=True, slots=True)
class ControlNumber:
    """One submission of a claim: its number, the interchange it went out with, and what it carried.

    `plan_order` are the plans in the order by which it was billed, `built_on` the decisions of the payers before; both
    None where they were not kept.
    """

    client_id: str
    session_id: str
    level: Ordinal
    control: str
    key: str
    interchange: int
    frequency: str
    plan_order: tuple[str, ...] | None = None
    built_on: tuple[PriorFigures, ...] | None = None


@dataclass(frozen=True, slots=True)
class Awaited:
    """A plan of a session: why its answer is awaited, or why it is not; `since` when."""

    plan_id: str
    payer_id: str
    level: Ordinal
    why: str
    reason: str | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class AnswersAwaited:
    """What was last said of a session (`session.answers_awaited`), edition `version` of it."""

    client_id: str
    session_id: str
    version: int
    decision: int
    awaited: tuple[Awaited, ...]
    not_awaited: tuple[Awaited, ...]
    posted: tuple[str, ...]
    current: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The 837P of one submission."""

    client_id: str
    session_id: str
    control: str
    document: ProfessionalClaim


@dataclass(frozen=True, slots=True)
class Decision:
    """A payer's decision in full, as its fact carried it: what the next payer's claim is built from.

    `identity` is that of its posting; `claim` and `header` are the reader's records.
    """

    client_id: str
    session_id: str
    identity: str
    claim: dict[str, Any]
    header: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of a claim."""

    client_id: str
    session_id: str
    level: Ordinal
    number: int
    before: str
    cause: str
    after: str
    arrival: str
    at: datetime
    message_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class QueueItem:
    """Something that waits for a person. `client_id` is empty where nobody knows whose it is."""

    client_id: str
    item_id: str
    session_id: str | None
    reason: str
    suggestion: str
    evidence: dict[str, Any]
    opened_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolved_why: str | None = None


SESSIONS = Table(
    "sessions", Session, key=("client_id", "session_id"), sealed=("confirmed",), derived={"service_on": "date"}
)
CLIENTS = Table("clients", Client, key=("client_id",), sealed=("details",))
PLANS = Table("plans", Plan, key=("client_id", "plan_id"), sealed=("plan",))
PAYERS = Table("payers", Payer, key=("payer_id",))
PROVIDERS = Table("providers", Provider, key=("provider_id",))
CLAIMS = Table("claims", Claim, key=("client_id", "session_id", "role"))
CONTROL_NUMBERS = Table("control_numbers", ControlNumber, key=("client_id", "session_id", "control"))
DOCUMENTS = Table("documents", Document, key=("client_id", "session_id", "control"), sealed=("document",))
DECISIONS = Table(
    "decisions", Decision, ("client_id", "session_id", "identity"), append_only=True, sealed=("claim", "header")
)
HISTORY = Table("history", HistoryRow, key=("client_id", "session_id", "role", "number"), append_only=True)
ANSWERS_AWAITED = Table("answers_awaited", AnswersAwaited, key=("client_id", "session_id"))
WORK_QUEUE = Table("work_queue", QueueItem, key=("client_id", "item_id"), sealed=("evidence",))
