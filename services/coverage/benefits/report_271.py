"""A payer's answer (271) as the one fact about a client that coverage decides from. Pure."""

from datetime import date
from typing import Literal, get_args

from services.coverage.plans.eligibility import Inquiry
from services.coverage.plans.other_payers import role_among
from shared.events.coverage import (
    BenefitsReported,
    CoordinationClass,
    CostShare,
    MedicareSecondaryReason,
    OtherPayer,
    Rejection,
    Role,
)
from shared.x12.benefits_271.benefits import BenefitsReport
from shared.x12.benefits_271.cost_share import cost_share_on
from shared.x12.benefits_271.other_coverage import (
    Coordination,
    OtherCoverage,
    coordination_on,
    coverage_on,
    other_coverages,
    own_role_on,
)

_CLASSES: dict[Coordination, CoordinationClass] = {
    Coordination.ROLE_STATED: "role_stated",
    Coordination.ROLE_NOT_STATED: "role_not_stated",
    Coordination.NO_SHARED_BENEFITS: "no_shared_benefits",
    Coordination.NOT_SUBJECT: "not_subject_to_coordination",
    Coordination.NONE: "none",
}
_ROLES: dict[str, Role] = {"primary": "primary", "secondary": "secondary", "tertiary": "tertiary"}
_SECONDARY_REASONS: dict[str, MedicareSecondaryReason] = {code: code for code in get_args(MedicareSecondaryReason)}
_PLAN_PERIODS = ("291", "307", "348", "356", "346")
_SINCE = ("356", "346")
_UNTIL = ("291", "307", "349", "357", "347")
_ENDS = ("349", "357", "347")
_MOST_PROBLEMS = 10


def reported(report: BenefitsReport, inquiry: Inquiry) -> BenefitsReported:
    """What `report` says about the plan and date that `inquiry` asked about."""
    on = inquiry.date_of_service
    others = tuple(_other(coverage) for coverage in other_coverages(report, on) if coverage.counts)
    first, last, problems = (
        _first_day(report, _PLAN_PERIODS),
        _last_day(report),
        [problem.text for problem in report.problems],
    )
    if first is not None and last is not None and last < first:
        problems.insert(0, f"the plan ends on {last}, before it starts on {first}: neither day is taken")
        first = last = None
    return BenefitsReported(
        client_id=inquiry.client_id,
        plan_id=inquiry.plan_id,
        payer_id=inquiry.payer_id,
        trace=inquiry.trace,
        date_of_service=on,
        status=coverage_on(report, on).value,
        relation=_relation(report),
        plan_from=first,
        plan_to=last,
        eligible_from=_first_day(report, _SINCE),
        cost_share=_cost_share(report, inquiry),
        coordination_class=_CLASSES[coordination_on(report, on)],
        other_payers=others,
        own_role=_ROLES.get(own_role_on(report, on) or "") or role_among([other.role for other in others]),
        rejections=tuple(
            Rejection(code=rejection.reason[:10], follow_up=rejection.follow_up[:10]) for rejection in report.rejections
        ),
        problems=tuple(problem[:2_000] for problem in problems[:_MOST_PROBLEMS]),
    )


def members(report: BenefitsReport) -> tuple[object, ...]:
    """Whom the answer is about, as the payer names them."""
    return report.subscriber, report.dependent


def _other(coverage: OtherCoverage) -> OtherPayer:
    return OtherPayer(
        role=_ROLES.get(coverage.role or ""),
        name=coverage.name[:300],
        payer_id=_id(coverage.payer_id),
        member_id=coverage.member_id[:80] or None,
        from_day=coverage.since,
        to_day=coverage.to,
        coordination_date=coverage.coordination_date,
        medicare_secondary_reason=_SECONDARY_REASONS.get(coverage.insurance_type),
    )


def _id(text: str) -> str | None:
    """An id as the catalogue takes it: printable, no blanks."""
    return text if text and len(text) <= 100 and text.isascii() and text.isprintable() and " " not in text else None


def _relation(report: BenefitsReport) -> Literal["self", "dependent", "unknown"]:
    if report.dependent is not None or report.relation not in ("", "18"):
        return "dependent"
    return "self" if report.relation == "18" else "unknown"


def _first_day(report: BenefitsReport, qualifiers: tuple[str, ...]) -> date | None:
    """The first day of the first of these periods that the answer states."""
    days = [period.since for name in qualifiers for period in report.periods if period.qualifier == name]
    return next((day for day in days if day is not None), None)


def _last_day(report: BenefitsReport) -> date | None:
    """The last day of the plan or the person's eligibility, where the answer states one."""
    for name in _UNTIL:
        for period in report.periods:
            day = period.since if name in _ENDS else period.to
            if period.qualifier == name and day is not None:
                return day
    return None


def _cost_share(report: BenefitsReport, inquiry: Inquiry) -> CostShare:
    money = cost_share_on(report, inquiry.date_of_service)
    share = money.coinsurance_share
    return CostShare(
        deductible_remaining_cents=money.deductible_remaining_cents,
        coinsurance_percent=None if share is None else float(share * 100),
        copay_cents=money.copay_cents,
        out_of_pocket_remaining_cents=money.out_of_pocket_remaining_cents,
        source=_source(money.source),
        confidence="high" if money.confidence == "high" else "none" if money.confidence == "none" else "low",
    )


def _source(sources: dict[str, str]) -> str:
    """The service type that the visit's price is of, or else that of any other figure."""
    service_type = sources.get("copay") or sources.get("coinsurance") or next(iter(sources.values()), "none")
    return service_type[:20]
