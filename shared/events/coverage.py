"""Owned by coverage: benefits, the order of benefits, cleared and refused sessions, pauses. Keyed by client."""

from typing import Annotated, Literal

from pydantic import Field, StrictStr

from shared.events.clients import Confirmation, FactsStated, MemberId, Relation
from shared.events.directory import OpeningHours
from shared.events.sessions import Line, Place
from shared.events.types import (
    Cents,
    ClientEvent,
    Count,
    Day,
    Fact,
    Id,
    Level,
    LinkRequest,
    Note,
    PayerId,
    Percent,
    PlanId,
    ProviderId,
    Reason,
    SessionId,
    State,
    Text,
    event,
)

BenefitStatus = Literal["active", "inactive", "unknown"]
Role = Literal["primary", "secondary", "tertiary", "not_primary"]
CoordinationClass = Literal[
    "role_stated", "role_not_stated", "no_shared_benefits", "not_subject_to_coordination", "none"
]


class CostShare(Fact):
    """What the client pays under one plan, from its 271. None: the payer did not say.

    `source` is the service type the figures are of (MH, 98, 30), or `none`; `confidence` is low where they
    were taken from a more general service type.
    """

    deductible_remaining_cents: Cents | None = None
    coinsurance_percent: Percent | None = None
    copay_cents: Cents | None = None
    out_of_pocket_remaining_cents: Cents | None = None
    source: Annotated[StrictStr, Field(max_length=20, examples=["MH"])] = "none"
    confidence: Literal["high", "low", "none"] = "none"


MedicareSecondaryReason = Literal["12", "13", "14", "15", "16", "41", "42", "43", "47"]
"""Why Medicare pays later: working aged, kidney disease, no-fault, workers' compensation, a federal agency, black lung,
Veterans' Affairs, a large employer's plan and a disability, liability (005010X222A1 SBR05, 005010X279A1 EB04)."""


class OtherPayer(Fact):
    """Another payer that a 271 names (loop 2120C/D under EB*R). `role` None: not stated.

    `medicare_secondary_reason` is Medicare's word on why this payer pays before it (EB04, the values of SBR05).
    """

    role: Role | None = None
    name: Annotated[StrictStr, Field(max_length=300, examples=["Plan Two"])] = ""
    payer_id: PayerId | None = None
    member_id: Annotated[StrictStr, Field(max_length=80, examples=["B2220001"])] | None = None
    from_day: Day | None = None
    to_day: Day | None = None
    coordination_date: Day | None = None
    medicare_secondary_reason: MedicareSecondaryReason | None = Field(default=None, examples=[None])


class Rejection(Fact):
    """An AAA segment: why the payer could not answer, and what it says to do next."""

    code: Annotated[StrictStr, Field(max_length=10, examples=["42"])]
    follow_up: Annotated[StrictStr, Field(max_length=10, examples=["R"])] = ""


@event("coverage", "benefits.reported")
class BenefitsReported(ClientEvent):
    """One plan's answer to one inquiry, for one date of service. `rejections`: the status is unknown."""

    plan_id: PlanId
    payer_id: PayerId
    trace: Id = Field(examples=["T-1"])
    date_of_service: Day
    status: BenefitStatus
    relation: Literal["self", "dependent", "unknown"] = "unknown"
    plan_from: Day | None = None
    plan_to: Day | None = None
    eligible_from: Day | None = Field(
        default=None, description="Since when the plan covers the person, as against the present plan year."
    )
    cost_share: CostShare = CostShare()
    coordination_class: CoordinationClass = "none"
    other_payers: tuple[OtherPayer, ...] = ()
    own_role: Role | None = None
    payer_phone: Annotated[StrictStr, Field(max_length=40, examples=["+1-800-555-0100"])] | None = None
    rejections: tuple[Rejection, ...] = ()
    problems: tuple[Note, ...] = ()


@event("coverage", "plans.coordinated")
class PlansCoordinated(ClientEvent):
    """Which plan pays first from `from_day` on, by which rule; `reordered`: not as the client entered them."""

    from_day: Day
    order: tuple[PlanId, ...]
    rule: Reason
    sources: tuple[Note, ...] = ()
    entered_order: tuple[PlanId, ...] = ()
    replaced: tuple[PlanId, ...] | None = None
    reordered: bool = False
    note: Note | None = None


@event("coverage", "coordination.undetermined")
class CoordinationUndetermined(ClientEvent):
    """The order cannot be told without an answer of the client; `fallback` is used meanwhile, marked.

    `about`: the plans that the question is about; none where it is about the family.
    """

    missing: Reason
    question: Note
    fallback: tuple[PlanId, ...]
    about: tuple[PlanId, ...] = ()


@event("coverage", "plan.unentered")
class PlanUnentered(ClientEvent):
    """An insurer names a plan that the client never entered: the client is asked to enter it."""

    named_by: PayerId
    name: Annotated[StrictStr, Field(max_length=300, examples=["Plan Two"])] = ""
    payer_id: PayerId | None = None
    role: Role | None = None


class ClearedPlan(Fact):
    """One plan of a session, in the order of benefits, and whether it can be billed."""

    plan_id: PlanId
    payer_id: PayerId
    level: Level
    billable: bool
    reason: Reason | None = Field(default=None, description="Why it cannot be billed.", examples=[None])
    medicare_secondary_reason: MedicareSecondaryReason | None = Field(
        default=None, description="SBR05: why Medicare does not pay first, where it is a later plan.", examples=[None]
    )


@event("coverage", "session.cleared")
class SessionCleared(ClientEvent):
    """The one decision on a session: settlement and claims act on it. A later one of higher `decision` replaces it.

    `cost_share` is the primary's; `rate_payer_id` and `provider_id` are the key of the contracted rate.
    `marked`: why the order is provisional (`order_undetermined`), or None.
    """

    session_id: SessionId
    decision: Annotated[Count, Field(ge=1)] = 1
    provider_id: ProviderId
    date_of_service: Day
    confirmed_on: Day
    state: State
    place: Place
    lines: tuple[Line, ...]
    plans: Annotated[tuple[ClearedPlan, ...], Field(min_length=1)]
    rule: Reason
    cost_share: CostShare
    secondary_cost_share: CostShare | None = None
    rate_payer_id: PayerId
    marked: Reason | None = Field(default=None, examples=[None])


@event("coverage", "session.refused")
class SessionRefused(ClientEvent):
    """The session cannot be confirmed: nobody is charged, nothing is claimed."""

    session_id: SessionId
    provider_id: ProviderId
    date_of_service: Day
    reason: Reason
    detail: Note = ""


class PayerToCall(OpeningHours):
    """One payer that reports an issue: whom the client calls about it."""

    payer_id: PayerId
    plan_id: PlanId | None = None
    payer_name: Text
    phone: Annotated[StrictStr, Field(max_length=40, examples=["+1-800-555-0100"])] | None = None
    hours: Annotated[StrictStr, Field(max_length=100, examples=["Mon-Fri 8am-8pm ET"])] | None = None
    cause: Reason
    codes: tuple[Annotated[StrictStr, Field(max_length=20, examples=["N197"])], ...] = ()
    opened_on: Day


@event("coverage", "account.paused")
class AccountPaused(ClientEvent):
    """An insurer reports an issue that only the client can settle: sessions dated after `paused_on` are refused.

    Published again, with the same `pause_id`, when a further payer reports one.
    """

    pause_id: Id = Field(examples=["pause-1"])
    paused_on: Day
    issues: Annotated[tuple[PayerToCall, ...], Field(min_length=1)]
    booked_sessions: tuple[SessionId, ...] = ()
    held_sessions: tuple[SessionId, ...] = ()
    held_charges_cents: Cents = 0
    provider_ids: tuple[ProviderId, ...] = ()


@event("coverage", "account.unpaused")
class AccountUnpaused(ClientEvent):
    """Every issue is answered and no payer states the contrary: all goes on. `watched`: on the client's word."""

    pause_id: Id = Field(examples=["pause-1"])
    unpaused_on: Day
    watched: bool
    order: tuple[PlanId, ...]


@event("coverage", "coordination.confirmation_received")
class ConfirmationReceived(Confirmation):
    """The client answered on the page behind the signed link."""


@event("coverage", "coordination.answer_received")
class AnswerReceived(FactsStated):
    """The client answered a question about the order of benefits on the page behind the signed link."""


@event("coverage", "plan.stated")
class PlanStated(ClientEvent):
    """The client answered, on the page behind the signed link, whether they have a plan that an insurer names.

    `has_plan` True: upstream enters it with the client (`plans.entered`); False: the insurer's records are wrong.
    """

    named_by: PayerId
    has_plan: bool
    payer_name: Annotated[StrictStr, Field(max_length=300, examples=["Plan Two"])] = ""
    payer_id: PayerId | None = None
    member_id: MemberId | None = None
    relation: Relation | None = None


@event("coverage", "link.requested")
class CoverageLinkRequested(LinkRequest):
    """A client asks for a new link to one of coverage's pages."""


@event("coverage", "coordination.confirmation_accepted")
class ConfirmationAccepted(ClientEvent):
    """A confirmation counts: the payer is asked again, and the yearly clock starts anew."""

    payer_id: PayerId
    confirmed_on: Day
    pause_id: Id | None = Field(default=None, examples=["pause-1"])


@event("coverage", "coordination.confirmation_refused")
class ConfirmationRefused(ClientEvent):
    """A confirmation does not count, and why: `confirmed_by_provider`, `date_in_future`, `no_reference_number` ..."""

    payer_id: PayerId
    reason: Reason
    detail: Note = ""


@event("coverage", "coordination.still_open")
class CoordinationStillOpen(ClientEvent):
    """The client confirmed, but the payer still states the contrary: looked at again on `look_again_on`."""

    pause_id: Id = Field(examples=["pause-1"])
    issue: PayerToCall
    look_again_on: Day


@event("coverage", "coordination.reminder_due")
class CoordinationReminderDue(ClientEvent):
    """The client has not answered yet: day 3, 7 or 14 after the pause."""

    pause_id: Id = Field(examples=["pause-1"])
    day: Count
    issues: Annotated[tuple[PayerToCall, ...], Field(min_length=1)]


@event("coverage", "recertification.due")
class RecertificationDue(OpeningHours, ClientEvent):
    """The yearly confirmation with this payer is due on `due_on`, in `days_before` days."""

    payer_id: PayerId
    plan_id: PlanId
    payer_name: Text
    phone: Annotated[StrictStr, Field(max_length=40, examples=["+1-800-555-0100"])] | None = None
    hours: Annotated[StrictStr, Field(max_length=100, examples=["Mon-Fri 8am-8pm ET"])] | None = None
    due_on: Day
    days_before: Count


@event("coverage", "order.corrected")
class OrderCorrected(ClientEvent):
    """The order changed for sessions already cleared; each gets a new `session.cleared` too."""

    sessions: tuple[SessionId, ...]
    order: tuple[PlanId, ...]
    rule: Reason


@event("coverage", "secondary.not_billable")
class SecondaryNotBillable(ClientEvent):
    """Told once a plan, provider and reason: care goes on with the primary, the secondary cannot be billed."""

    session_id: SessionId
    plan_id: PlanId
    payer_id: PayerId
    payer_name: Text
    primary_payer_id: PayerId
    provider_id: ProviderId
    reason: Reason
    relation: Relation | None = None


@event("coverage", "fact.refused")
class FactRefused(ClientEvent):
    """What upstream stated of a client cannot be taken. Replaced by `upstream.message.refused`; old ones stay readable.

    `fact` is the type of the refused event; its id is this event's `causationid`.
    """

    fact: Annotated[StrictStr, Field(max_length=100, examples=["clients.plans.entered.v1"])]
    reason: Reason = Field(examples=["plan_entered_twice"])
    detail: Note = ""


@event("coverage", "review.requested")
class CoverageReviewRequested(ClientEvent):
    """Something waits for a person, with the evidence (codes and ids, never names)."""

    reason: Reason
    evidence: Note
    payer_id: PayerId | None = None
    session_id: SessionId | None = None
