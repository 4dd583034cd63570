"""Owned by claims: whose answers to a session are still to come. Keyed by client."""

from typing import Annotated, Literal

from pydantic import Field

from shared.events.types import (
    ClientEvent,
    Count,
    Day,
    Fact,
    Id,
    Level,
    PayerId,
    PlanId,
    Reason,
    SessionId,
    event,
)

AwaitedBecause = Literal[
    "to_be_filed",
    "held",
    "sent",
    "forwarded",
    "rejected",
    "refused",
    "incomplete",
    "reversed",
    "being_replaced",
]
"""Why a payer's answer is still to come.

| why | the claim |
|---|---|
| to_be_filed | goes by itself: after the session, or after the payer before |
| held | waits for something else, named by `reason` (`account_paused`, `order_in_question` ...) |
| sent | is with the payer |
| forwarded | was passed on by another payer; this one's answer is awaited |
| rejected | was never adjudicated (999, 277CA); it is put right and sent again |
| refused | was denied for a reason that says nothing about benefits; it is put right, or a person has it |
| incomplete | was decided in part |
| reversed | was taken back by the payer; the correction is awaited |
| being_replaced | was decided on figures or in a place that no longer hold; a replacement went, or goes |
"""


NotAwaitedBecause = Literal["answered", "withheld", "written_off", "voided"]


class AwaitedAnswer(Fact):
    """A plan whose answer is still to come. `reason` is what a held claim waits for, or a code for people."""

    plan_id: PlanId
    payer_id: PayerId
    level: Level
    why: AwaitedBecause
    reason: Reason | None = Field(default=None, examples=[None])
    since: Day


class OtherAnswer(Fact):
    """A plan whose answer is not awaited: it has decided, or gets no claim (`reason`), or its claim is given up."""

    plan_id: PlanId
    payer_id: PayerId
    level: Level
    why: NotAwaitedBecause
    reason: Reason | None = Field(default=None, examples=[None])


@event("claims", "session.answers_awaited")
class AnswersAwaited(ClientEvent):
    """Which payers' answers are still to come for a session, and why: published whenever that, or an answer, changes.

    Nobody else infers it. `version` counts a session's editions from 1, and the highest one counts. It follows from
    coverage's decision number `decision`; it says nothing about plans of a later one.
    `awaited` and `not_awaited` hold each plan of that decision once, in the order of payers. While `awaited` is not
    empty the cost is not final. `posted` are all adjudications and reversals published so far, in their order: who
    has not read all of them, or has read others, waits for the rest. `current` are those decisions on benefits that
    settle the cost: not taken back, not being replaced, and built on figures of the payers before that still hold.
    """

    session_id: SessionId
    version: Annotated[Count, Field(ge=1)]
    decision: Count
    awaited: tuple[AwaitedAnswer, ...] = ()
    not_awaited: tuple[OtherAnswer, ...] = ()
    posted: tuple[Id, ...] = Field(default=(), examples=[["adj-1", "adj-2"]])
    current: tuple[Id, ...] = Field(default=(), examples=[["adj-2"]])
