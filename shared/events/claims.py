"""Owned by claims: claims sent, what payers answered, what was withheld. Keyed by client."""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictStr

from shared.events.types import (
    Cents,
    ClientEvent,
    Count,
    Day,
    Event,
    Fact,
    Id,
    Level,
    Note,
    PayerId,
    PlanId,
    Reason,
    SessionId,
    SignedCents,
    event,
)

Control = Annotated[StrictStr, Field(max_length=50, examples=["C7Q2M4K9P-P"], description="CLM01 / CLP01.")]
Code = Annotated[StrictStr, Field(max_length=20, examples=["45"])]
AnswerClass = Literal[
    "client_must_call",
    "other_plan_first",
    "fix_and_resend",
    "duplicate",
    "not_covered",
    "too_late",
    "forwarded",
    "ordinary",
    "review",
]


class Adjustment(Fact):
    """One CAS triplet: group (CO, PR, OA, PI), reason code, cents that reduce the payment."""

    group: Code
    reason: Code
    amount_cents: SignedCents


class AdjudicatedLine(Fact):
    """One service line as the payer adjudicated it."""

    control: Annotated[StrictStr, Field(max_length=50, examples=["1"])] = ""
    procedure: Annotated[StrictStr, Field(max_length=20, examples=["90837"])] = ""
    modifiers: tuple[Code, ...] = ()
    charge_cents: SignedCents
    paid_cents: SignedCents
    allowed_cents: SignedCents | None = None
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[Code, ...] = ()


MatchedBy = Literal["control", "mangled_control", "payer_claim_id", "patient_date_charge", "person"]
"""The sign that led from a remitted claim to ours."""


@event("claims", "remittance.received")
class RemittanceReceived(ClientEvent):
    """One claim of an 835, matched to the client whose claim it answers. Large 835s are posted without.

    `claim` and `header` are the reader's records of the claim and of its payment; `occurrence` counts equal claims
    within one payment from 0. `match` is the sign that led to our claim, `confidence` its percent. `corrected`: it
    takes back, and the same payment states the claim anew. `plan_id` is the plan of our claim: the order of plans, and
    with it the claim's level, may have been corrected by the time it is posted.
    """

    session_id: SessionId
    level: Level
    plan_id: PlanId | None = None
    match: MatchedBy
    confidence: Annotated[Count, Field(le=100)] = 100
    payer_id: PayerId
    occurrence: Count = 0
    received_on: Day
    claim: dict[str, Any]
    header: dict[str, Any]
    corrected: StrictBool = False


@event("claims", "interchange.continued")
class InterchangeContinued(Event):
    """The rest of a large interchange, from set `set` and claim `claim` of it on (both from 0).

    It comes behind the piece before, so that no 835, however large, holds up the messages of others.
    `matched_cents` is what of that set was matched before.
    """

    interchange_key: Annotated[StrictStr, Field(max_length=300, examples=["payer-1-000000001"])]
    interchange_id: Annotated[StrictStr, Field(min_length=1, max_length=300, examples=["payer-1-000000001-0a1b"])]
    set: Count = 0
    claim: Count = 0
    matched_cents: SignedCents = 0

    def key(self) -> str:
        """The pieces of an interchange stay in order."""
        return self.interchange_key


@event("claims", "acknowledgment.received")
class AcknowledgmentReceived(ClientEvent):
    """What a 999, 277CA or 277 says of one claim of ours. `report` is the reader's record; None for a 999."""

    session_id: SessionId
    level: Level
    control: Control
    set: Literal["999", "277CA", "277"]
    accepted: StrictBool | None
    report: dict[str, Any] | None = None
    received_on: Day


class ClaimEvent(ClientEvent):
    """An event about one claim at one payer level of a session."""

    session_id: SessionId
    control: Control
    level: Level
    plan_id: PlanId
    payer_id: PayerId


@event("claims", "claim.submitted")
class ClaimSubmitted(ClaimEvent):
    """The claim went out: frequency 1 original, 7 replacement, 8 void."""

    frequency: Literal["1", "7", "8"] = "1"
    charge_cents: Cents
    date_of_service: Day
    submitted_on: Day


@event("claims", "claim.rejected")
class ClaimRejected(ClaimEvent):
    """The claim was never adjudicated: a 999 or 277CA rejected it."""

    answer: AnswerClass
    codes: tuple[Code, ...] = ()
    detail: Note = ""


class Adjudicated(ClaimEvent):
    """What one posted claim of an 835 states, as it states it; a reversal has the opposite amounts (CLP02 22).

    `adjustments` and `remarks` are those of the claim as a whole, the lines have their own. `number` counts the
    postings to this claim from 1, in the order in which they were posted. `level` is the plan's place now, `sent_level`
    the place in which the claim was sent that is answered: the order may have been corrected since (None: not known).
    """

    adjudication_id: Id = Field(examples=["adj-1"])
    number: Annotated[Count, Field(ge=1)] = 1
    sent_level: Level | None = None
    payer_claim_id: Annotated[StrictStr, Field(max_length=80, examples=["2026P1ICN"])] = ""
    trace: Annotated[StrictStr, Field(max_length=80, examples=["TRN-1"])] = ""
    claim_status: Code
    adjudicated_on: Day
    charge_cents: SignedCents
    paid_cents: SignedCents
    patient_responsibility_cents: SignedCents
    lines: tuple[AdjudicatedLine, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[Code, ...] = ()


class PriorDecision(Fact):
    """What a payer before had decided when a claim was built: the adjudications, and what they came to."""

    plan_id: PlanId
    level: Level
    adjudication_ids: tuple[Id, ...] = Field(default=(), examples=[["adj-1"]])
    paid_cents: SignedCents
    patient_responsibility_cents: SignedCents


@event("claims", "claim.adjudicated")
class ClaimAdjudicated(Adjudicated):
    """A payer's decision on this claim was posted.

    `decides_benefits` False: a denial that says nothing about benefits (missing information, coordination,
    eligibility, wrong payer); it does not settle the cost. `complete`: every line of ours is answered.
    `built_on` are the decisions that the answered submission carried, the first payer's first; None: not known.
    Whether they still hold is said by `session.answers_awaited`, which follows.
    """

    answer: AnswerClass = "ordinary"
    decides_benefits: StrictBool = True
    complete: StrictBool = True
    forwarded: StrictBool = False
    built_on: tuple[PriorDecision, ...] | None = None


@event("claims", "claim.reversed")
class ClaimReversed(Adjudicated):
    """A payer took an adjudication back; its correction may follow.

    `also_reverses` are the other pieces of an answer that came in pieces and is taken back as a whole.
    """

    reverses: Id | None = Field(default=None, examples=["adj-1"])
    also_reverses: tuple[Id, ...] = ()


class ProviderAdjustment(Fact):
    """One PLB amount: money of the payment that belongs to no claim of it; positive takes off the payment."""

    reason: Code = Field(examples=["WO"])
    reference: Annotated[StrictStr, Field(max_length=80, examples=["2026P1ICN"])] = ""
    amount_cents: SignedCents


@event("claims", "payment.remitted")
class PaymentRemitted(Event):
    """A payment that an 835 announces: BPR02, TRN02, PLB, and what its claims come to. Keyed by payer and trace.

    It adds up where `claims_cents` less the provider adjustments is `payment_cents`. `matched_cents` is the part of
    `claims_cents` that is of claims matched to ours; the rest waits in the work queue. `method` is BPR04.
    """

    payer_id: PayerId
    trace: Annotated[StrictStr, Field(max_length=80, examples=["TRN-1"])]
    payment_cents: SignedCents
    method: Code = Field(default="", examples=["ACH"])
    paid_on: Day | None = None
    claims_cents: SignedCents
    matched_cents: SignedCents
    claims: Count = 0
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()

    def key(self) -> str:
        """One fact a payment."""
        return f"payment:{self.payer_id}:{self.trace}"


@event("claims", "secondary.withheld")
class SecondaryWithheld(ClientEvent):
    """No claim goes to this plan for this session, and why; the cost settles without it."""

    session_id: SessionId
    level: Level
    plan_id: PlanId
    payer_id: PayerId
    reason: Reason


@event("claims", "claim.held")
class ClaimHeld(ClaimEvent):
    """The claim waits: `account_paused`, `order_undetermined`, `filing_window_near` ..."""

    reason: Reason


@event("claims", "claim.written_off")
class ClaimWrittenOff(ClaimEvent):
    """The claim is given up (filed too late, for one); the marketplace bears it, never the client."""

    reason: Reason


@event("claims", "claim.cancelled")
class ClaimCancelled(ClaimEvent):
    """The session was cancelled: the claim was dropped, or a void was sent."""

    voided: StrictBool


@event("claims", "coordination.questioned")
class CoordinationQuestioned(ClientEvent):
    """A payer's answer is about the coordination of benefits; coverage decides between re-order, pause and person."""

    session_id: SessionId
    control: Control
    level: Level
    plan_id: PlanId
    payer_id: PayerId
    answer: AnswerClass
    codes: tuple[Code, ...]
    evidence: Note
    date_of_service: Day
    claim_sent_on: Day
    reported_on: Day
    payer_says: Literal["primary", "not_primary"] | None = Field(default=None, examples=[None])


@event("claims", "deadline.near")
class DeadlineNear(ClaimEvent):
    """The payer's filing limit for this claim ends on `due_on`."""

    due_on: Day
    days_left: Count


@event("claims", "review.requested")
class ClaimsReviewRequested(ClientEvent):
    """Something waits for a person, in the work queue, with the evidence."""

    item_id: Id = Field(examples=["item-1"])
    session_id: SessionId | None = None
    reason: Reason
    suggestion: Note = ""
