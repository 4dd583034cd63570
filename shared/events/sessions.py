"""Owned by upstream: what happens to a session. Topic `sessions`, keyed by client."""

from typing import Annotated

from pydantic import Field, StrictStr

from shared.events.types import Cents, ClientEvent, Count, Day, Fact, Note, ProviderId, SessionId, State, event

Procedure = Annotated[StrictStr, Field(pattern=r"^[A-Z0-9]{5}$", examples=["90837"], description="CPT or HCPCS code.")]
Modifier = Annotated[StrictStr, Field(pattern=r"^[A-Z0-9]{2}$", examples=["95"])]
Diagnosis = Annotated[
    StrictStr, Field(pattern=r"^[A-Z][0-9A-Z]{2,6}$", examples=["F411"], description="ICD-10, no dot.")
]
Place = Annotated[StrictStr, Field(pattern=r"^[0-9]{2}$", examples=["10"], description="Place of service code.")]


class Line(Fact):
    """One service of a session, as SV1 of an 837P bills it. `charge_cents` is for all `units` together."""

    procedure: Procedure
    modifiers: Annotated[tuple[Modifier, ...], Field(max_length=4)] = ()
    units: Annotated[Count, Field(ge=1)] = 1
    charge_cents: Cents


@event("sessions", "session.confirmed")
class SessionConfirmed(ClientEvent):
    """The provider confirmed the details: the client is to be charged.

    `state` is where the client was; without it the provider's first state counts.
    """

    session_id: SessionId
    provider_id: ProviderId
    date_of_service: Day
    state: State | None = None
    place: Place = "10"
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=50)]
    diagnoses: Annotated[tuple[Diagnosis, ...], Field(min_length=1, max_length=12)]


@event("sessions", "session.completed")
class SessionCompleted(ClientEvent):
    """The session took place: claims may go. May come before its confirmation."""

    session_id: SessionId
    date_of_service: Day


@event("sessions", "session.cancelled")
class SessionCancelled(ClientEvent):
    """Undoes what was done so far: claims voided, the charge and the unpaid payout reversed."""

    session_id: SessionId
    reason: Note = ""
