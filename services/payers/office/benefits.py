"""How an insurer answers a 270: the 271 of one member on one date of service.

Source: 005010X279A1, loops 2100C/D (dates) and 2110C/D (EB, with LS*2120 for other plans).
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.payers.book.book import Member, OtherPlan, Role
from services.payers.book.cost_share import Used
from services.payers.book.membership import Membership
from shared.x12.benefits_271.benefits import Benefit, BenefitEntity, BenefitsReport, Period, Rejection
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.syntax.parties import Party, Payer, Person, Subscriber

_RELATIONS = {"self": "18", "spouse": "01", "child": "19", "other": "G8"}
_ENTITIES: dict[Role | None, str] = {"primary": "PRP", "secondary": "SEP", "tertiary": "TTP", None: "PR"}
_YEAR, _REMAINING = "23", "29"


def unanswered(inquiry: EligibilityInquiry, payer: Payer, reason: str, follow_up: str, level: str) -> BenefitsReport:
    """The answer of an insurer that cannot answer (AAA): `reason` 75 subscriber not found, 42 unable now ..."""
    return replace(_heading(inquiry, payer), rejections=(Rejection(reason, follow_up, level),))


def report(inquiry: EligibilityInquiry, membership: Membership, used: Used, today: date) -> BenefitsReport:
    """The answer about a member who has used up `used` of the year."""
    member = membership.member
    told = _with_people(_heading(inquiry, membership.payer), inquiry, membership)
    told = replace(told, reported_on=today, periods=_periods(member, inquiry.on))
    if membership.plan.group_number:
        told = replace(told, references=(("6P", membership.plan.group_number),))
    if not member.active_on(inquiry.on):
        inactive = Benefit("6", service_types=("30",), insurance_type=membership.plan.insurance_type)
        return replace(told, benefits=(inactive,))
    return replace(told, benefits=(*_cover(membership, used), *map(_other_plan, member.other_plans)))


def _heading(inquiry: EligibilityInquiry, payer: Payer) -> BenefitsReport:
    return BenefitsReport(
        trace=inquiry.trace,
        trace_origin=inquiry.trace_origin,
        payer=payer,
        provider=inquiry.provider,
        subscriber=inquiry.subscriber,
        dependent=inquiry.dependent,
        relation=inquiry.relation,
    )


def _with_people(told: BenefitsReport, inquiry: EligibilityInquiry, membership: Membership) -> BenefitsReport:
    """Who holds the plan, as the insurer knows it: the inquiry may be wrong about that."""
    relation = membership.member.relation
    patient = inquiry.dependent or inquiry.subscriber.person
    if relation is None or (relation == "self") == (inquiry.dependent is None):
        return told if relation is None else replace(told, relation=_RELATIONS[relation])
    member_id = membership.member.member_id
    if relation == "self":
        return replace(told, subscriber=Subscriber(patient, member_id), dependent=None, relation="18")
    holder = membership.member.subscriber
    person = Person(holder.last_name, holder.first_name, birth_date=holder.birth_date) if holder else patient
    return replace(told, subscriber=Subscriber(person, member_id), dependent=patient, relation=_RELATIONS[relation])


def _periods(member: Member, on: date) -> tuple[Period, ...]:
    """Since when (and until when) the cover that holds on `on` runs, else the last one before."""
    spans = sorted(member.active, key=lambda span: span.since)
    shown = [span for span in spans if span.holds(on)] or [span for span in spans if span.since <= on] or spans
    begin = Period("356", shown[-1].since)
    end = shown[-1].to
    return (begin,) if end is None else (begin, Period("357", end))


def _cover(membership: Membership, used: Used) -> list[Benefit]:
    """Active, and what the member pays for the service types whose figures the plan tells."""
    plan, figures = membership.plan, membership.figures
    active = Benefit("1", "IND", ("30", "MH"), insurance_type=plan.insurance_type, plan=plan.name)
    types = plan.money_for
    if not types:
        return [active]
    told = [active]
    told += _yearly("C", figures.deductible_cents, used.deductible_cents, types)
    told.append(Benefit("B", "IND", types, period="27", amount_cents=figures.copay_cents, network="Y"))
    share = Decimal(figures.coinsurance_percent) / 100
    told.append(Benefit("A", "IND", types, period="27", share=share, network="Y"))
    if figures.out_of_pocket_cents is not None:
        told += _yearly("G", figures.out_of_pocket_cents, used.out_of_pocket_cents, types)
    return told


def _yearly(code: str, whole_cents: int, used_cents: int, types: tuple[str, ...]) -> list[Benefit]:
    whole = Benefit(code, "IND", types, period=_YEAR, amount_cents=whole_cents, network="Y")
    return [whole, replace(whole, period=_REMAINING, amount_cents=max(0, whole_cents - used_cents))]


def _other_plan(other: OtherPlan) -> Benefit:
    """Another plan on file (EB*R): its role is the entity's code, PR where the insurer does not say."""
    periods = (Period("290", other.since, other.to),) if other.since is not None else ()
    references = (("IG", other.member_id),) if other.member_id else ()
    entity = BenefitEntity(_ENTITIES[other.role], Party(other.name, id=other.payer_id, id_kind="PI"))
    return Benefit("R", "IND", ("30",), periods=periods, references=references, entities=(entity,))
