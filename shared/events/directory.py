"""Owned by upstream: payers, providers, credentials and rates. Topic `directory`, compacted.

The key is the fact's identity, so that compaction keeps every fact and only replaces a corrected one.
"""

import zoneinfo
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field, StrictStr, model_validator
from pydantic.config import JsonDict

from shared.events.clients import Address, PlanKind
from shared.events.sessions import Procedure
from shared.events.types import Cents, Count, Day, Event, Fact, Id, PayerId, ProviderId, State, Text, event

CoordinationMethod = Literal[
    "lesser_of",
    "naic_standard",
    "basic",
    "non_duplication",
    "maintenance_of_benefits",
    "medicaid_lesser_of",
    "medicare_secondary",
    "supplement",
    "none",
    "unknown",
]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

PublicUrl = Annotated[
    StrictStr,
    Field(
        max_length=500,
        pattern=r"^https://([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
        r"(:[0-9]{1,5})?([/?#][\x21-\x7e]*)?$",
    ),
]
"""A page that clients are led to: https at a named host, without a user name before it."""


class Span(Fact):
    """From the first to the last day, both included; `to_day` None: still so.

    Refused where the last day is before the first.
    """

    from_day: Day
    to_day: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "Span":
        if self.to_day is not None and self.to_day < self.from_day:
            raise ValueError("to_day is before from_day")
        return self


def _known_zone(zone: str) -> str:
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone is named {zone!r}: write America/New_York, for example") from None
    return zone


ClockTime = Annotated[StrictStr, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
TimeZone = Annotated[
    StrictStr,
    Field(max_length=60, pattern=r"^(America|Pacific|Atlantic|Europe|Asia|Africa|Australia|Indian)/[A-Za-z0-9_/+-]+$"),
    AfterValidator(_known_zone),
]


class Opening(Fact):
    """Days of the week with one span of time, in local time; 24:00 is midnight at the end of the day.

    Refused where it closes before it opens: a line that is open past midnight has a second span on the next day.
    """

    days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)]
    from_time: Annotated[ClockTime, Field(examples=["08:00"])]
    to_time: Annotated[ClockTime, Field(examples=["17:00"])]

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> "Opening":
        if self.to_time <= self.from_time:
            raise ValueError("to_time is not after from_time")
        return self


class OpeningHours(Fact):
    """The hours of a line, in its own time zone. Refused where there are hours and no zone. Empty: not known."""

    opening: Annotated[tuple[Opening, ...], Field(max_length=7)] = ()
    time_zone: Annotated[TimeZone, Field(examples=["America/New_York"])] | None = None

    @model_validator(mode="after")
    def _hours_have_a_zone(self) -> "OpeningHours":
        if self.opening and self.time_zone is None:
            raise ValueError("opening needs a time_zone")
        return self


class DirectoryFact(Event):
    """A fact of the directory. One with the same key and a later `time` takes its place."""

    replaces: ClassVar[str | None] = "fact"


@event("directory", "payer.listed")
class PayerListed(OpeningHours, DirectoryFact):
    """A payer, and since when the marketplace is in network with it (`in_network` empty: not)."""

    payer_id: PayerId
    name: Text
    member_phone: Annotated[StrictStr, Field(max_length=40, examples=["+1-800-555-0100"])] | None = None
    member_hours: Annotated[StrictStr, Field(max_length=100, examples=["Mon-Fri 8am-8pm ET"])] | None = None
    in_network: tuple[Span, ...] = ()
    coordination_method: CoordinationMethod = "unknown"
    filing_indicator: Annotated[StrictStr, Field(pattern=r"^[A-Z0-9]{2}$", examples=["CI"])] = "CI"
    kind: PlanKind = "group"
    filing_limit_days: Annotated[Count, Field(ge=1)] = 180
    secondary_filing_limit_days: Annotated[Count, Field(ge=1)] = 60
    recertification_months: Annotated[Count, Field(ge=1)] = 12

    def key(self) -> str:
        """One fact a payer."""
        return f"payer:{self.payer_id}"


@event("directory", "provider.listed")
class ProviderListed(DirectoryFact):
    """A provider of care: a person with a national provider identifier."""

    provider_id: ProviderId
    first_name: Text
    last_name: Text
    npi: Annotated[StrictStr, Field(pattern=r"^[0-9]{10}$", examples=["1993999998"])]
    taxonomy: Annotated[StrictStr, Field(pattern=r"^[0-9A-Z]{10}$", examples=["103TC0700X"])]
    address: Address
    states: Annotated[tuple[State, ...], Field(min_length=1)]
    group_id: Id | None = Field(default=None, examples=["group-1"])
    email: Annotated[StrictStr, Field(max_length=254, examples=["provider@example.test"])] | None = None
    phone: Annotated[StrictStr, Field(min_length=1, max_length=40, examples=["+1-800-555-0120"])] | None = None
    profile_url: Annotated[PublicUrl, Field(examples=["https://care.example.test/providers/1"])] | None = None
    booking_url: Annotated[PublicUrl, Field(examples=["https://care.example.test/book/1"])] | None = None

    def key(self) -> str:
        """One fact a provider."""
        return f"provider:{self.provider_id}"


@event("directory", "provider.credentialed")
class ProviderCredentialed(Span, DirectoryFact):
    """A payer accepts the provider's claims for clients in `state`, from day to day."""

    provider_id: ProviderId
    payer_id: PayerId
    state: State

    def key(self) -> str:
        """One fact a provider, payer, state and first day."""
        return f"credential:{self.provider_id}:{self.payer_id}:{self.state}:{self.from_day}"


def _of(present: str, absent: str) -> JsonDict:
    """The JSON Schema of a rate that is of `present` and not of `absent`."""
    return {"required": [present], "properties": {present: {"type": "string"}, absent: {"type": "null"}}}


@event("directory", "rate.agreed")
class RateAgreed(Span, DirectoryFact):
    """What a payer allows for one unit of a procedure by a provider, or by all providers of a group."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [_of("provider_id", "group_id"), _of("group_id", "provider_id")]}
    )

    payer_id: PayerId
    provider_id: ProviderId | None = None
    group_id: Id | None = Field(default=None, examples=[None])
    procedure: Procedure
    rate_cents: Cents

    @model_validator(mode="after")
    def _is_of_someone(self) -> "RateAgreed":
        if (self.provider_id is None) == (self.group_id is None):
            raise ValueError("a rate is of a provider_id or of a group_id, one of them")
        return self

    def key(self) -> str:
        """One fact a payer, provider or group, procedure and first day."""
        return f"rate:{self.payer_id}:{self.provider_id or self.group_id}:{self.procedure}:{self.from_day}"


@event("directory", "fact.withdrawn")
class FactWithdrawn(DirectoryFact):
    """A credential or a rate never held, such as one with a mistyped first day: it is forgotten.

    Its key is the withdrawn fact's, so that it takes its place on the topic. A payer or provider is listed anew
    instead, with what holds; a span that has ended is published again with its last day.
    """

    fact: Annotated[
        StrictStr,
        Field(
            max_length=500,
            pattern=r"^(credential:[^:]+:[^:]+:[A-Z]{2}|rate:[^:]+:[^:]+:[A-Z0-9]{5}):[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            examples=["credential:provider-1:payer-1:NY:2026-03-02"],
        ),
    ]

    def key(self) -> str:
        """The key of the fact that it withdraws."""
        return self.fact
