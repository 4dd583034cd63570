"""What the order of benefits is decided from: one person, one date of service, and the plans that cover the person.

Absent means not known; null means known not to be. Pydantic keeps the difference in `model_fields_set`, so build these
models with only the fields that somebody has stated. Days are `datetime.date`, sizes are employees.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, PlainValidator

EARLIEST = date(1900, 1, 1)
"""No date of service is before it."""


class Kind(StrEnum):
    """What sort of coverage a plan is; `other` is a plan that is none of the rest.

    `va` is veterans' health care, `ihs` the Indian Health Service, `supplement` a policy that supplements TRICARE or
    CHAMPVA, `indemnity` cover that pays a fixed sum and doesn't coordinate (hospital indemnity, accident, one disease).
    """

    GROUP = "group"
    INDIVIDUAL = "individual"
    MARKETPLACE = "marketplace"
    STUDENT = "student"
    MEDICARE = "medicare"
    MEDICAID = "medicaid"
    CHIP = "chip"
    TRICARE = "tricare"
    CHAMPVA = "champva"
    VA = "va"
    IHS = "ihs"
    MEDIGAP = "medigap"
    SUPPLEMENT = "supplement"
    INDEMNITY = "indemnity"
    EAP = "eap"
    OTHER = "other"


class Relation(StrEnum):
    """Who the subscriber is to the patient."""

    SELF = "self"
    SPOUSE = "spouse"
    FORMER_SPOUSE = "former_spouse"
    DOMESTIC_PARTNER = "domestic_partner"
    PARENT = "parent"
    STEP_PARENT = "step_parent"
    GRANDPARENT = "grandparent"
    OTHER = "other"


class Employment(StrEnum):
    """How the subscriber holds the plan; a furlough that keeps the right to return counts as active."""

    ACTIVE = "active"
    RETIRED = "retired"
    LAID_OFF = "laid_off"
    COBRA = "cobra"


class Coordination(StrEnum):
    """What the plan's own contract says about other plans."""

    STANDARD = "standard"
    NONE = "none"
    ALWAYS_SECONDARY = "always_secondary"
    GENDER_RULE = "gender_rule"


class Role(StrEnum):
    """The place that a payer gives itself in its own 271 or 835."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    TERTIARY = "tertiary"
    NOT_PRIMARY = "not_primary"


class Reason(StrEnum):
    """Why the patient has Medicare."""

    AGE = "age"
    DISABILITY = "disability"
    ESRD = "esrd"


class Sex(StrEnum):
    """Asked for only where a plan still has the old gender rule."""

    FEMALE = "female"
    MALE = "male"


Benefit = Literal["medical", "dental", "vision", "pharmacy"]
Id = Annotated[str, Field(min_length=1, max_length=200)]


class Entitlement(NamedTuple):
    """One reason for Medicare; `esrd_month` is the month of the 30-month coordination period, from 1.

    `alone`: kidney disease is the only reason, although the person is 65 or over.
    """

    reason: Reason
    esrd_month: int | None = None
    alone: bool = False


def _entitlement(stated: Any) -> Entitlement:
    """Raises ValueError: the text says which of its parts is wrong."""
    if isinstance(stated, Entitlement):
        return stated
    if isinstance(stated, str):
        stated = {"reason": stated}
    parts = cast(dict[str, Any], stated) if isinstance(stated, dict) else {}
    if parts.get("reason") not in {reason.value for reason in Reason}:
        raise ValueError("the reason must be age, disability or esrd")
    month = parts.get("esrd_month")
    if month is not None and (type(month) is not int or not 1 <= month <= 1200):
        raise ValueError("esrd_month must be a whole number from 1")
    return Entitlement(Reason(parts["reason"]), month, parts.get("alone") is True)


def _entitlements(stated: Any) -> tuple[Entitlement, ...] | None:
    """One reason or several, the earliest first. Raises ValueError as `_entitlement` does."""
    if stated is None:
        return None
    several = isinstance(stated, list | tuple) and not isinstance(stated, Entitlement)
    return tuple(_entitlement(entitlement) for entitlement in cast(list[Any], stated if several else [stated]))


def _as_stated(entitlements: tuple[Entitlement, ...] | None) -> list[dict[str, Any]] | None:
    """As `_entitlements` reads them back."""
    if entitlements is None:
        return None
    return [
        {"reason": entitlement.reason.value, "esrd_month": entitlement.esrd_month}
        | ({"alone": True} if entitlement.alone else {})
        for entitlement in entitlements
    ]


def _sex(stated: Any) -> Any:
    letters = {"f": "female", "m": "male", "u": None, "x": None, "unknown": None, "other": None}
    return letters.get(stated.lower(), stated.lower()) if isinstance(stated, str) else stated


def _month_and_day(stated: str) -> str:
    try:
        date.fromisoformat(f"2000-{stated}")  # a leap year: 29 February is a day on which a plan year may start
    except ValueError:
        raise ValueError("must be a month and day such as 01-01") from None
    return stated


MonthAndDay = Annotated[str, AfterValidator(_month_and_day)]


Entitlements = Annotated[
    tuple[Entitlement, ...] | None, PlainValidator(_entitlements), PlainSerializer(_as_stated, when_used="json")
]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Subscriber(_Model):
    """The person who holds the plan. `covered_from` is since when the plan covers that person."""

    id: Id | None = None
    relation: Relation | None = None
    birth_date: date | None = None
    sex: Annotated[Sex | None, BeforeValidator(_sex)] = None
    spouse_of: Id | None = None
    covered_from: date | None = None


class MultiEmployer(_Model):
    """A plan of several employers.

    `small_employer_election`: Medicare has agreed that the plan pays second for people whose own employer has fewer
    than 20 employees (42 CFR 411.172(b)).
    """

    largest_employer_size: Annotated[int, Field(ge=0)] | None = None
    small_employer_election: bool | None = None


class FormerJob(_Model):
    """How the subscriber held the plan until the day `until`, the last day on which that was so."""

    employment: Employment | None = None
    until: date


class Plan(_Model):
    """One plan of the patient; `covered_to` is the last day it covers.

    `former_jobs` say how the subscriber held it before, the latest first. `supplements` is the id or the kind of the
    program that a supplement goes with; `active_duty` is true for a member of the forces on active duty (TRICARE).
    """

    id: Id
    kind: Kind
    subscriber: Subscriber | None = None
    employment: Employment | None = None
    employer_size: Annotated[int, Field(ge=0)] | None = None
    covered_from: date | None = None
    covered_to: date | None = None
    benefits: tuple[Benefit, ...] | None = None
    coordination: Coordination | None = None
    continues: Id | None = None
    continues_from: date | None = None
    medicare_entitlement: Entitlements = None
    reported_role: Role | None = None
    plan_year_starts: MonthAndDay | None = None
    panel: Literal["open", "closed"] | None = None
    provider_in_panel: bool | None = None
    multi_employer: MultiEmployer | None = None
    former_jobs: tuple[FormerJob, ...] = ()
    supplements: Id | None = None
    active_duty: bool | None = None


class Decree(_Model):
    """A court's decree: who must provide the child's cover (a person's id, `both`, `silent`, null for no decree).

    `until` is its last day; null: it has no end.
    """

    responsible: Id | None = None
    known_to_plan_from: date | None = None
    until: date | None = None


class Family(_Model):
    """How a child's parents live, who has custody, and what a court has said."""

    parents: Literal["together", "apart", "never_together"] | None = None
    custodian: Id | None = None
    joint_custody: bool | None = None
    decree: Decree | None = None


class Patient(_Model):
    """The person who is treated."""

    id: Id | None = None
    birth_date: date | None = None


class Facts(_Model):
    """Everything known about one patient's plans on one date of service."""

    on: Annotated[date, Field(ge=EARLIEST)]
    patient: Patient
    plans: Annotated[tuple[Plan, ...], Field(max_length=12)]
    entered_order: tuple[Id, ...] | None = None
    family: Family | None = None
    plan_year_starts: MonthAndDay | None = None
