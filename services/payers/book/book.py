"""The book of the stand-in: its insurers, their plans, and the people they cover. One JSON file, `PAYERS_BOOK`.

An insurer's answers follow from the book, the messages it got, and the seed; nothing is drawn by chance.
"""

from datetime import date
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError, model_validator

from shared.codes.payment_method import Method

DEMO_BOOK = Path(__file__).parent / "demo_book.json"

Word = Annotated[StrictStr, Field(min_length=1, max_length=80, pattern=r"^[ -~]+$")]
Cents = Annotated[StrictInt, Field(ge=0, le=100_000_000_00)]
Percent = Annotated[StrictInt, Field(ge=0, le=100)]
Relation = Literal["self", "spouse", "child", "other"]
Role = Literal["primary", "secondary", "tertiary"]
CardAnswer = Literal["pays", "declined", "disputed", "refund_fails"]


class Part(BaseModel):
    """A part of the book. A field it does not know is a spelling mistake, so it is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Part):
    """From the first to the last day of cover, both included; `to` None: still covered."""

    since: date
    to: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.to is not None and self.to < self.since:
            raise ValueError("`to` is before `since`")
        return self

    def holds(self, on: date) -> bool:
        """Whether `on` is covered."""
        return self.since <= on and (self.to is None or on <= self.to)


class Figures(Part):
    """What a member pays: deductible of a calendar year, then copay a visit, then coinsurance of the rest.

    `coinsurance_percent` is the member's share. `out_of_pocket_cents` None: no limit.
    """

    deductible_cents: Cents = 0
    copay_cents: Cents = 0
    coinsurance_percent: Percent = 0
    out_of_pocket_cents: Cents | None = None


class OtherPlan(Part):
    """Another plan that the insurer has on file for a member. `role` is the other plan's; None: it does not say."""

    payer_id: Word
    name: Word
    role: Role | None = None
    member_id: Word | None = None
    since: date | None = None
    to: date | None = None


class Subscriber(Part):
    """The person who holds the plan, where that is not the member."""

    last_name: Word
    first_name: Word
    birth_date: date | None = None


class Member(Part):
    """One person under one plan.

    `relation` is the person's to the subscriber; None: as the inquiry says. `own_role` is the role that the insurer
    gives itself when a claim comes; None: what follows from `other_plans`, or else what the claim says.
    `figures` replaces the plan's. The `met` amounts are used up at the beginning of every year.
    """

    member_id: Word
    relation: Relation | None = None
    birth_date: date | None = None
    subscriber: Subscriber | None = None
    active: tuple[Span, ...] = (Span(since=date(2020, 1, 1)),)
    figures: Figures | None = None
    deductible_met_cents: Cents = 0
    out_of_pocket_met_cents: Cents = 0
    own_role: Role | None = None
    other_plans: tuple[OtherPlan, ...] = ()
    characters: tuple[Word, ...] = ()

    def active_on(self, on: date) -> bool:
        """Whether the person is covered on `on`."""
        return any(span.holds(on) for span in self.active)

    def role(self) -> Role | None:
        """The insurer's own place in the order, as far as it holds an opinion."""
        if self.own_role is not None:
            return self.own_role
        others = {other.role for other in self.other_plans}
        if "primary" in others:
            return "tertiary" if "secondary" in others else "secondary"
        return "primary" if "secondary" in others else None


_ANYONE = Member(member_id="anyone")


class Plan(Part):
    """One plan of an insurer.

    `allowed_cents` is the negotiated fee of one unit of a procedure; `otherwise_allowed_percent` of the charge is
    allowed for the rest, and None there means that the plan does not cover them. `coordination` is how it pays as a
    secondary; `writes_off_above_own_fee` whether its contract then caps what the member owes at its own fee.
    `anyone` covers every member id that fits the pattern (`ONE*`) and is not listed. `money_for` are the service
    types for which a 271 tells the figures; it always tells the status of 30 and MH.
    """

    name: Word
    group_number: Word | None = None
    filing_indicator: Annotated[StrictStr, Field(pattern=r"^[A-Z0-9]{2}$")] = "12"
    insurance_type: Annotated[StrictStr, Field(pattern=r"^[A-Z0-9]{1,3}$")] = "PR"
    allowed_cents: dict[Word, Cents]
    otherwise_allowed_percent: Percent | None = None
    figures: Figures = Figures()
    coordination: Method = Method.LESSER_OF
    writes_off_above_own_fee: StrictBool = False
    money_for: tuple[Word, ...] = ("MH",)
    anyone: Word | None = None
    members: tuple[Member, ...] = ()

    @cached_property
    def listed(self) -> dict[str, Member]:
        """The members by member id."""
        return {member.member_id: member for member in self.members}

    def member(self, member_id: str) -> Member | None:
        """The member of this id: listed (also with characters behind a dot), or anyone whose id fits."""
        member = self.listed.get(member_id) or self.listed.get(member_id.partition(".")[0])
        if member is None and self.anyone is not None and fnmatchcase(member_id, self.anyone):
            member = _ANYONE
        return member and member.model_copy(update={"member_id": member_id})


class Insurer(Part):
    """A payer: its id on X12, its name, and what it is like. `characters` hold for all its members.

    `pays` says whether each claim has an 835 of its own, or a day's claims of a payee share one at the day's end.
    """

    payer_id: Word
    name: Word
    tax_id: Annotated[StrictStr, Field(pattern=r"^[0-9]{9}$")] = "990000001"
    phone: Annotated[StrictStr, Field(pattern=r"^[0-9]{10}$")] = "8005550100"
    filing_limit_days: Annotated[StrictInt, Field(ge=1)] = 365
    secondary_filing_limit_days: Annotated[StrictInt, Field(ge=1)] = 365
    pays: Literal["by_claim", "daily"] = "by_claim"
    characters: tuple[Word, ...] = ()
    plans: Annotated[tuple[Plan, ...], Field(min_length=1)]


class Card(Part):
    """How the payment system treats the clients whose id fits the pattern."""

    clients: Word
    answer: CardAnswer


class Book(Part):
    """Everything the stand-in knows before the first message.

    `any_other` is what every insurer is like that the book lacks, whatever its id; None: nobody answers for those.
    """

    insurers: tuple[Insurer, ...]
    cards: tuple[Card, ...] = ()
    any_other: Insurer | None = None

    @model_validator(mode="after")
    def _names_each_insurer_once(self) -> Self:
        ids = [insurer.payer_id for insurer in self.insurers]
        twice = sorted({payer_id for payer_id in ids if ids.count(payer_id) > 1})
        if twice:
            raise ValueError(f"payer_id {twice[0]} is there twice")
        return self

    def insurer(self, payer_id: str) -> Insurer | None:
        """The insurer of this id, or the one that stands for all others; None where there is neither."""
        for insurer in self.insurers:
            if insurer.payer_id == payer_id:
                return insurer
        return self.any_other and self.any_other.model_copy(update={"payer_id": payer_id, "name": payer_id})

    def card(self, client_id: str) -> CardAnswer:
        """How the payment system answers for this client."""
        answers: list[CardAnswer] = [card.answer for card in self.cards if fnmatchcase(client_id, card.clients)]
        return answers[0] if answers else "pays"


class BookError(Exception):
    """The book cannot be used; the text says in one line which field of it is wrong."""


def read_book(text: str | bytes) -> Book:
    """The book of this JSON text. Raises BookError."""
    return _read(Book, text)


def read_insurer(text: str | bytes) -> Insurer:
    """The one insurer of this JSON text. Raises BookError."""
    return _read(Insurer, text)


_P = TypeVar("_P", bound=Part)


def _read(kind: type[_P], text: str | bytes) -> _P:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        errors: list[Any] = list(error.errors(include_input=False, include_url=False, include_context=False))
        where = ".".join(str(part) for part in errors[0]["loc"])
        raise BookError(f"{where or 'the book'}: {errors[0]['msg']}") from None
