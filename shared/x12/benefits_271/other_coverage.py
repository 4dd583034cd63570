"""Coordination of benefits in a 271: is the person covered, and does the payer name another plan.

Source of the rule: 005010X279A1, loops 2110C/D and 2120C/D. An entity labelled primary, secondary or tertiary payer has
that role; a plain payer says that another plan exists, not which is first. Only an EB*R speaks of another plan: other
entities (a carve-out vendor, a primary care provider) belong to the same plan.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from shared.x12.benefits_271.benefits import Benefit, BenefitEntity, BenefitsReport, Period
from shared.x12.syntax.parties import Party

MENTAL_HEALTH = ("MH", "A6", "CF", "A8", "A4", "CE", "A7", "CG", "CH", "AI")
_ACTIVE = frozenset("12345")
_INACTIVE = frozenset("678")
_ROLES = {"PRP": "primary", "SEP": "secondary", "TTP": "tertiary", "PR": None, "P4": None}
_MEDICARE_SECONDARY = frozenset(["12", "13", "14", "15", "16", "41", "42", "43", "47"])
_PHARMACY = frozenset(["88", "89", "90", "91", "92"])
_DENTAL = frozenset(("23", "24", "25", "26", "27", "28", "34", "35", "36", "37", "38", "39", "40", "41"))
_NOT_MEDICAL = _PHARMACY | _DENTAL | frozenset(("AL", "AM", "AN", "AO", "54", "55"))
_NOT_COORDINATED = frozenset(["SP", "LC", "LD", "LI", "LT", "DB", "AP", "FF", "MP"])
_REPLACES_MEDICARE = frozenset(["HM", "HN", "IN", "PR", "PS"])
_NOT_A_PLAN = "X3"
_MEDICARE = frozenset(("MA", "MB"))
_STARTS = frozenset(["193", "346", "348", "356", "340"])
_ENDS = frozenset(["194", "347", "349", "357", "341"])
_SPANS = frozenset(["291", "292", "307", "318", "472", "193", "346", "348", "356", "340", "290"])
_MEMBER_IDS = ("1W", "F6", "NQ", "IG")
_GROUP_NUMBERS = ("6P", "1L", "18")


class Coverage(StrEnum):
    """Whether the person is covered; a payer that could not answer (AAA) leaves it unknown, never inactive."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"


class Coordination(StrEnum):
    """The five classes of what a 271 says about other plans, the gravest first."""

    ROLE_STATED = "role_stated"
    ROLE_NOT_STATED = "role_not_stated"
    NO_SHARED_BENEFITS = "no_shared_benefits"
    NOT_SUBJECT = "not_subject"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class OtherCoverage:
    """Another plan that the payer names. `role` is primary, secondary, tertiary, or None where not stated.

    The role is the OTHER plan's. `in_effect` is False where its dates leave out the day asked about, `pharmacy_only`
    where nothing else is shared. `counts` says whether it matters for medical claims of that day.
    """

    role: str | None
    name: str
    payer_id: str
    member_id: str
    since: date | None
    to: date | None
    coordination_date: date | None
    service_types: tuple[str, ...]
    insurance_type: str
    coordination: Coordination
    in_effect: bool = True
    pharmacy_only: bool = False
    group_number: str = ""
    subscriber_name: str = ""

    @property
    def counts(self) -> bool:
        """Whether another plan pays for medical care on the day: only then is there anything to coordinate."""
        return self.in_effect and self.coordination in (Coordination.ROLE_STATED, Coordination.ROLE_NOT_STATED)


def coverage_on(report: BenefitsReport, on: date) -> Coverage:
    """Whether `report` says that the person is covered on `on`, by the plan as a whole or for medical care."""
    if any(rejection.level != "benefit" for rejection in report.rejections):
        return Coverage.UNKNOWN
    general = _stated(report, {"30"})
    stated = general or _stated(report, set(MENTAL_HEALTH)) or _stated(report, None)
    if not stated:
        return Coverage.UNKNOWN
    in_time = covers(report.periods, on)
    if in_time and any(benefit.code in _ACTIVE and covers(benefit.periods, on) for benefit in stated):
        return Coverage.ACTIVE
    return Coverage.INACTIVE


def other_coverages(report: BenefitsReport, on: date) -> tuple[OtherCoverage, ...]:
    """Every other plan that `report` names, also those that do not count on `on`.

    Some payers list themselves among the payers of an EB*R, with their role: that is no other plan (`own_role_on`).
    """
    medicare_reports = _is_medicare(report)
    return tuple(
        other
        for benefit in report.benefits
        if benefit.code == "R"
        for other in _others(_without_the_answering_payer(benefit, report), on, medicare_reports=medicare_reports)
    )


def own_role_on(report: BenefitsReport, on: date) -> str | None:
    """The role that the answering payer states for itself on `on`, where it lists itself; None where it does not."""
    roles = {
        _ROLES[entity.code]
        for benefit in report.benefits
        if benefit.code == "R" and covers(benefit.periods, on) and not set(benefit.service_types) & _NOT_MEDICAL
        for entity in benefit.entities
        if _is_the_answering_payer(entity, benefit, report)
    }
    return roles.pop() if len(roles) == 1 else None


def _without_the_answering_payer(benefit: Benefit, report: BenefitsReport) -> Benefit:
    others = tuple(entity for entity in benefit.entities if not _is_the_answering_payer(entity, benefit, report))
    if len(others) == len(benefit.entities):
        return benefit
    if any(entity.code in _ROLES for entity in others):
        return replace(benefit, entities=others)
    # An EB*R that names no other payer says nothing of another plan, so its insured does not stand for one either.
    return replace(benefit, entities=(BenefitEntity(_NOT_A_PLAN, Party(report.payer.name)),))


def _is_the_answering_payer(entity: BenefitEntity, benefit: Benefit, report: BenefitsReport) -> bool:
    """Whether a payer of a stated role is the one that answers; a member number of its own makes it another plan."""
    if _ROLES.get(entity.code) is None:
        return False
    numbers = [number for qualifier, number in benefit.references if qualifier in _MEMBER_IDS]
    numbers += [named.party.id for named in benefit.entities if named.code == "IL" and named.party.id]
    if any(number != report.subscriber.member_id for number in numbers):
        return False
    payer = report.payer
    if entity.party.id and payer.id:
        return entity.party.id.strip().upper() == payer.id.strip().upper()
    return bool(payer.name) and entity.party.name.strip().casefold() == payer.name.strip().casefold()


def coordination_on(report: BenefitsReport, on: date) -> Coordination:
    """The gravest class among the entries of `report` that are in effect on `on`."""
    kinds = {other.coordination for other in other_coverages(report, on) if other.in_effect}
    return next((kind for kind in Coordination if kind in kinds), Coordination.NONE)


def covers(periods: Iterable[Period], on: date) -> bool:
    """Whether none of `periods` leaves `on` out: begun, and not ended. No dates leave nothing out."""
    for period in periods:
        if period.qualifier in _SPANS and period.since is not None and period.since > on:
            return False
        if period.qualifier in _SPANS and period.to is not None and period.to < on:
            return False
        if period.qualifier in _ENDS and period.since is not None and period.since < on:
            return False
    return True


def _stated(report: BenefitsReport, service_types: set[str] | None) -> list[Benefit]:
    """The entries that state active or inactive for one of `service_types` (None: for any medical one)."""
    entries: list[Benefit] = []
    for benefit in report.benefits:
        if benefit.code not in _ACTIVE | _INACTIVE:
            continue
        own = set(benefit.service_types)
        if service_types is None:
            fits = not own <= _NOT_MEDICAL
        else:
            fits = bool(own & service_types) or (not own and "30" in service_types)
        if fits:
            entries.append(benefit)
    return entries


def _is_medicare(report: BenefitsReport) -> bool:
    name = report.payer.name.upper()
    own = any(stated.code in _ACTIVE and stated.insurance_type in _MEDICARE for stated in report.benefits)
    return own or name in ("CMS", "MEDICARE") or name.startswith(("CMS ", "MEDICARE "))


def _others(benefit: Benefit, on: date, *, medicare_reports: bool) -> list[OtherCoverage]:
    """The plans that an EB*R names: one for each payer entity, or one without a name where there is no entity."""
    payers = [entity for entity in benefit.entities if entity.code in _ROLES]
    if payers:
        return [_other(benefit, payer, on, medicare_reports=medicare_reports) for payer in payers]
    if all(entity.code == "IL" for entity in benefit.entities):
        return [_other(benefit, None, on, medicare_reports=medicare_reports)]
    return []


def _other(benefit: Benefit, payer: BenefitEntity | None, on: date, *, medicare_reports: bool) -> OtherCoverage:
    role = _ROLES[payer.code] if payer else None
    if role is None and benefit.insurance_type in _MEDICARE_SECONDARY:
        role = "primary"
    insured = next((entity.party for entity in benefit.entities if entity.code == "IL"), None)
    references = dict(reversed(benefit.references))
    numbers = [references[qualifier] for qualifier in _MEMBER_IDS if references.get(qualifier)]
    since, to = _span(benefit.periods)
    coordinated = next((period.since for period in benefit.periods if period.qualifier == "290"), None)
    types = set(benefit.service_types)
    return OtherCoverage(
        role=role,
        name=payer.party.name if payer else "",
        payer_id=payer.party.id if payer else "",
        member_id=(insured.id if insured else "") or next(iter(numbers), ""),
        since=since,
        to=to,
        coordination_date=coordinated,
        service_types=benefit.service_types,
        insurance_type=benefit.insurance_type,
        coordination=_class(benefit, role, medicare_reports=medicare_reports),
        in_effect=covers(benefit.periods, on),
        pharmacy_only=bool(types) and types <= _PHARMACY,
        group_number=next((references[qualifier] for qualifier in _GROUP_NUMBERS if references.get(qualifier)), ""),
        subscriber_name=f"{insured.first_name} {insured.name}".strip() if insured else "",
    )


def _class(benefit: Benefit, role: str | None, *, medicare_reports: bool) -> Coordination:
    if benefit.service_types and set(benefit.service_types) <= _NOT_MEDICAL:
        return Coordination.NO_SHARED_BENEFITS
    if benefit.insurance_type in _NOT_COORDINATED:
        return Coordination.NOT_SUBJECT
    if medicare_reports and benefit.insurance_type in _REPLACES_MEDICARE:
        return Coordination.NOT_SUBJECT
    return Coordination.ROLE_NOT_STATED if role is None else Coordination.ROLE_STATED


def _span(periods: tuple[Period, ...]) -> tuple[date | None, date | None]:
    """From when to when the other plan covers, as far as its dates say."""
    since = next((period.since for period in periods if period.qualifier in _STARTS and period.since), None)
    to = next((period.since for period in periods if period.qualifier in _ENDS and period.since), None)
    for period in periods:
        if period.qualifier in ("291", "292", "307", "290", "193", "346", "348", "356"):
            since = since or (period.since if period.qualifier != "290" or period.to else None)
            to = to or period.to
    return since, to
