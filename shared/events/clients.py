"""Owned by upstream: the clients, their plans, and what they tell us. Topic `clients`, keyed by client."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictStr

from shared.events.types import ClientEvent, Count, Day, Fact, Id, Language, PayerId, PlanId, State, Stated, Text, event

Relation = Literal[
    "self", "spouse", "former_spouse", "domestic_partner", "parent", "step_parent", "grandparent", "other"
]
PlanKind = Literal[
    "group",
    "individual",
    "marketplace",
    "student",
    "medicare",
    "medicaid",
    "chip",
    "tricare",
    "champva",
    "va",
    "ihs",
    "medigap",
    "supplement",
    "indemnity",
    "eap",
    "other",
]
Gender = Literal["F", "M", "U"]
Speaker = Literal["client", "staff", "provider"]
MemberId = Annotated[StrictStr, Field(min_length=1, max_length=80, examples=["A1110001"])]
Email = Annotated[StrictStr, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$", examples=["sam@example.test"])]


class Address(Fact):
    """A postal address in the United States."""

    line1: Text
    line2: Annotated[StrictStr, Field(max_length=100, examples=[""])] = ""
    city: Text
    state: State
    postal_code: Annotated[StrictStr, Field(pattern=r"^[0-9]{5}(-?[0-9]{4})?$", examples=["10001"])]


class ClientDetails(ClientEvent):
    """Who a client is and how they are reached. `email` None: no letter can be sent, a person is told."""

    replaces: ClassVar[str | None] = "details"

    first_name: Text
    last_name: Text
    email: Email | None
    language: Language = "en"
    birth_date: Day
    gender: Gender = "U"
    address: Address
    letters: Literal["email", "none"] = "email"


@event("clients", "client.registered")
class ClientRegistered(ClientDetails):
    """A client joined."""


@event("clients", "client.changed")
class ClientChanged(ClientDetails):
    """The client's details are now these, all of them."""


class Subscriber(Fact):
    """The person who holds a plan. `relation` is the subscriber's to the client; `self` needs no more than that."""

    relation: Relation
    id: Id | None = Field(default=None, examples=["person-1"])
    first_name: Text | None = None
    last_name: Text | None = None
    birth_date: Day | None = None
    gender: Gender = "U"
    address: Address | None = None


class CarePayer(Fact):
    """Who pays for mental-health care under a plan that carves it out, where that is not the payer on the card.

    The plan stays one plan, whoever pays for which part of it (28 TAC 3.3506(a)).
    """

    payer_id: PayerId
    member_id: MemberId | None = None
    from_day: Day | None = None
    to_day: Day | None = None


class EnteredPlan(Fact):
    """One plan as the client typed it in from the card."""

    plan_id: PlanId
    payer_id: PayerId
    member_id: MemberId
    group_number: Annotated[StrictStr, Field(max_length=50, examples=["GRP9"])] = ""
    kind: PlanKind | None = Field(default=None, description="None: the kind that the payer is listed with.")
    subscriber: Subscriber
    care_payers: Annotated[tuple[CarePayer, ...], Field(max_length=10)] = ()

    def for_care(self, on: date) -> CarePayer:
        """Who pays for mental-health care on a date of service, and the number that it knows the member by."""
        carved_out = (
            payer for payer in self.care_payers if (payer.from_day or date.min) <= on <= (payer.to_day or date.max)
        )
        payer = next(carved_out, None)
        return CarePayer(
            payer_id=self.payer_id if payer is None else payer.payer_id,
            member_id=self.member_id if payer is None else payer.member_id or self.member_id,
        )

    @property
    def payer_ids(self) -> tuple[str, ...]:
        """The payer on the card, then those that pay for mental-health care at any time."""
        return tuple(dict.fromkeys((self.payer_id, *(payer.payer_id for payer in self.care_payers))))


@event("clients", "plans.entered")
class PlansEntered(ClientEvent):
    """All the client's plans, in the order the client believes they pay. Replaces what was entered before."""

    replaces: ClassVar[str | None] = "plans"

    plans: Annotated[tuple[EnteredPlan, ...], Field(max_length=10)]


class Entitlement(Fact):
    """Why Medicare covers the person; for ESRD which month of entitlement it is."""

    reason: Literal["age", "disability", "esrd"]
    esrd_month: Annotated[Count, Field(ge=1)] | None = None
    esrd_month_on: Day | None = None
    alone: bool = False


class MultiEmployer(Stated):
    """A plan of several employers; the election makes Medicare pay first for people of its small employers."""

    largest_employer_size: Count | None = None
    small_employer_election: bool | None = None


class PlanFacts(Stated):
    """What the client said of one plan. A field that is not set is not known; null is known not to be."""

    employment: Literal["active", "retired", "laid_off", "cobra"] | None = None
    employer_size: Count | None = None
    covered_from: Day | None = None
    covered_to: Day | None = None
    benefits: tuple[Literal["medical", "dental", "vision", "pharmacy"], ...] = ("medical",)
    coordination: Literal["standard", "none", "always_secondary", "gender_rule"] = "standard"
    continues: PlanId | None = None
    continues_from: Day | None = None
    medicare_entitlement: Entitlement | tuple[Entitlement, ...] | None = None
    subscriber_covered_from: Day | None = None
    subscriber_birth_date: Day | None = None
    spouse_of: Id | None = Field(default=None, examples=["person-2"])
    multi_employer: MultiEmployer | None = None
    supplements: Id | None = Field(default=None, examples=["tricare"], description="The program that it supplements.")
    active_duty: bool | None = Field(default=None, description="TRICARE: the client is a member on active duty.")
    plan_year_starts: Annotated[StrictStr, Field(pattern=r"^[0-9]{2}-[0-9]{2}$", examples=["01-01"])] | None = None
    panel: Literal["open", "closed"] | None = None
    provider_in_panel: bool | None = None


class Decree(Stated):
    """A court decree on a child's health cover."""

    responsible: Id | None = Field(default=None, examples=["both"], description="A parent's id, `both`, or `silent`.")
    known_to_plan_from: Day | None = None
    until: Day | None = Field(default=None, examples=[None], description="The last day on which it holds.")


class FamilyFacts(Stated):
    """What the client said of a child's family. Not set = not known; null = known not to be."""

    parents: Literal["together", "apart", "never_together"] | None = None
    custodian: Id | None = Field(default=None, examples=["person-1"])
    joint_custody: bool = False
    decree: Decree | None = None


@event("clients", "coordination.facts_stated")
class FactsStated(ClientEvent):
    """The client answered what the order of benefits needs to know. Adds to what was stated before.

    `since` is the first day on which what is stated of jobs, custody and the parents is so. Without it, what replaces
    something else counts from the day on which it was stated; the sessions before keep what was known of them.
    """

    plans: dict[PlanId, PlanFacts] = Field(default_factory=dict)
    family: FamilyFacts | None = None
    billed_first: PlanId | None = None
    answers_question: Id | None = Field(default=None, examples=["birth_date"])
    since: Day | None = Field(default=None, examples=[None])


@event("clients", "benefits.requested")
class BenefitsRequested(ClientEvent):
    """Someone upstream wants the payers asked anew, such as a desk with the client on the phone.

    `plan_ids` none: all the client's plans. `date_of_service` None: today; a later day is asked about today, since
    payers refuse dates in the future. The answers are `benefits.reported` on `coverage`.
    """

    plan_ids: Annotated[tuple[PlanId, ...], Field(max_length=10)] = ()
    date_of_service: Day | None = None


class Confirmation(ClientEvent):
    """What the insurer told the client about the coordination of benefits, with the reference of that call.

    Only the client can confirm; staff may record what the client told them.
    """

    payer_id: PayerId
    reference_number: Annotated[StrictStr, Field(max_length=100_000, examples=["REF-20260312-77"])]
    confirmed_on: Day
    confirmed_by: Speaker
    recorded_by: Speaker
    channel: Literal["page", "phone", "chat", "email", "other"] = "other"
    primary_named: PlanId | None = None
    only_one_plan: bool = False
    representative: Annotated[StrictStr, Field(max_length=100_000, examples=["Pat"])] = ""


@event("clients", "coordination.confirmed")
class CoordinationConfirmed(Confirmation):
    """A support desk recorded the client's confirmation."""
