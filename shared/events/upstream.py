"""Told to systems outside ours: which of their messages was not taken, why, and what to do. Topic `upstream`."""

from typing import Annotated, Literal

from pydantic import Field, StrictStr

from shared.events.types import Event, Note, Reason, event

RefusalReason = Literal[
    "unreadable",
    "unknown_type",
    "older_than_known",
    "session_cancelled",
    "overlaps",
    "ends_before_it_starts",
    "impossible",
    "not_known",
    "client_erased",
]
"""`unreadable`: no reader can take it. `unknown_type`: no service knows its type; told once a type and source.
`older_than_known`: a later one, by `time`, was there before. `session_cancelled`: its session was cancelled.
`overlaps`: it shares days with another span. `impossible`: dates or plans that cannot be. `not_known`: it speaks of
something that is not there, such as a plan never entered. `client_erased`: its client was forgotten, or asked to be."""

Attribute = Annotated[StrictStr, Field(max_length=300)]


@event("upstream", "message.refused")
class MessageRefused(Event):
    """One message of another system has no effect: it was not taken, or is kept for what has not come yet.

    Published by one service, once; `what_to_do` says where the message is kept.

    `message_id`, `source` and `type` are the refused message's CloudEvents attributes, empty where they cannot be
    read; the event's own `causationid` is that id too. `place` is its topic, partition and offset, where it is known.
    `field` names what is wrong within it, `problem` what is impossible by a code; `what_to_do` is for the people who
    run that system.
    """

    message_id: Attribute = Field(default="", examples=["m-1"])
    source: Attribute = Field(default="", examples=["/practice-system"])
    type: Attribute = Field(default="", examples=["sessions.session.confirmed.v1"])
    place: Attribute = Field(default="", examples=["sessions/0/42"])
    about: Attribute = Field(default="", examples=["client-1"], description="The refused message's key.")
    reason: RefusalReason
    problem: Reason | None = Field(default=None, examples=["plan_entered_twice"])
    field: Attribute = Field(default="", examples=["data.lines.0.charge_cents"])
    what_to_do: Note = Field(default="", examples=["integer cents: 220.00 dollars are 22000"])

    def key(self) -> str:
        """What was refused of one system stays in order."""
        return f"refused:{self.source or self.about or self.place}"
