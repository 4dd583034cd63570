"""The words that every event is made of: ids, money, dates, and the base of all events."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StrictInt,
    StrictStr,
    model_serializer,
)

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_date(value: object) -> object:
    """A date on the wire is the text YYYY-MM-DD and nothing else: no numbers, no times."""
    if isinstance(value, str) and _ISO_DATE.fullmatch(value) is None:
        raise ValueError("a date is written YYYY-MM-DD")
    if isinstance(value, int | float):
        raise ValueError("a date is written YYYY-MM-DD, not as a number")
    return value


Text = Annotated[StrictStr, Field(min_length=1, max_length=300, examples=["text"])]
Note = Annotated[StrictStr, Field(max_length=2_000, examples=["as the insurer's answer says"])]
Id = Annotated[StrictStr, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]
ClientId = Annotated[Id, Field(examples=["client-1"], description="The client; the key of the message.")]
SessionId = Annotated[Id, Field(examples=["session-1"])]
ProviderId = Annotated[Id, Field(examples=["provider-1"])]
PayerId = Annotated[Id, Field(examples=["payer-1"], description="The payer's id on X12 (NM109 of its NM1*PR).")]
PlanId = Annotated[Id, Field(examples=["plan-1"])]
Reason = Annotated[StrictStr, Field(pattern=r"^[a-z0-9_]+$", max_length=80, examples=["account_paused"])]
Cents = Annotated[
    StrictInt, Field(ge=0, le=100_000_000_000, examples=[22000], description="Integer cents, not negative.")
]
SignedCents = Annotated[StrictInt, Field(ge=-100_000_000_000, le=100_000_000_000, examples=[-2400])]
Percent = Annotated[float, Field(ge=0, le=100, examples=[20.0], description="The client's share, 0 to 100.")]
Count = Annotated[StrictInt, Field(ge=0, le=1_000_000, examples=[1])]
Day = Annotated[date, BeforeValidator(_iso_date), Field(examples=["2026-03-02"])]
State = Annotated[StrictStr, Field(pattern=r"^[A-Z]{2}$", examples=["NY"], description="Two letters.")]
Language = Literal["en", "es"]
Level = Literal["primary", "secondary", "tertiary"]


class Fact(BaseModel):
    """A part of an event. Unknown fields are ignored: a newer producer must not break an older consumer."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Stated(Fact):
    """A part where a field that is not set means "not known" and null means "known not to be": kept on the wire."""

    @model_serializer(mode="wrap")
    def _only_what_is_set(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if name in self.model_fields_set}


class Event(Fact):
    """A fact in the past tense. `topic` owns it; the wire type is made of it and `noun_verb`."""

    topic: ClassVar[str]
    noun_verb: ClassVar[str]
    major: ClassVar[int] = 1
    replaces: ClassVar[str | None] = None
    """What the event replaces as a whole under its key: of two, the one with the later `time` holds."""

    @classmethod
    def wire_type(cls) -> str:
        """The CloudEvents `type`, such as `coverage.account.paused.v1`."""
        return f"{cls.topic}.{cls.noun_verb}.v{cls.major}"

    def key(self) -> str:
        """The partition key: everything about one client stays in order."""
        raise NotImplementedError

    def effect(self) -> str | None:
        """What is to be done outside by this event, named by its business fact; None where it only tells something.

        The event's id is made of it, so that it is the same whichever message completed the facts.
        """
        return None


class ClientEvent(Event):
    """An event about one client."""

    client_id: ClientId

    def key(self) -> str:
        """Every event about a client is keyed by the client."""
        return self.client_id


class LinkRequest(ClientEvent):
    """A client asks, on a page whose link has ended, for a new one: it goes to the address on file alone.

    `about` is what the link is about beside the client: the pause, the payer, the missing fact or the session.
    """

    purpose: Literal["coordination", "question", "recertification", "plan", "statement"]
    about: Annotated[StrictStr, Field(max_length=300, examples=["session-1"])] | None = None


E = TypeVar("E", bound=type[Event])

CATALOGUE: dict[str, type[Event]] = {}
"""Wire type to model: everything that we write or read."""


def event(topic: str, noun_verb: str) -> Callable[[E], E]:
    """Enter the class under it in the catalogue, as the event `noun_verb` of `topic`."""

    def enter(model: E) -> E:
        model.topic, model.noun_verb = topic, noun_verb
        assert model.wire_type() not in CATALOGUE, model.wire_type()
        CATALOGUE[model.wire_type()] = model
        return model

    return enter
