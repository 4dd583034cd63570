"""Which plans of an order can be billed for a session, by network and by the provider's credentials on the date.

A network span says when a payer is in the marketplace's network; a credential says when, and in which state, a provider
may bill that payer. Spans include their last day. The spans given are those of one session's provider.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.coverage.order.exclusions import Excluded, ExclusionReason
from services.coverage.rows import Credential, NetworkSpan


class SpanProblem(StrEnum):
    """Why a span is refused; what is stored stays as it is."""

    ENDS_BEFORE_IT_STARTS = "ends_before_it_starts"
    OVERLAPS = "overlaps"


class Coverage(StrEnum):
    """What the payer said about the date; silence is not inactive."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"


class NotBillable(StrEnum):
    """Why a plan can't be billed for the session."""

    PRIMARY_OUT_OF_NETWORK = "primary_out_of_network"
    SECONDARY_OUT_OF_NETWORK = "secondary_out_of_network"
    PROVIDER_NOT_CREDENTIALED = "provider_not_credentialed"
    COVERAGE_INACTIVE = "coverage_inactive"
    NOT_SUBJECT_TO_COB = "not_subject_to_cob"
    NO_SHARED_BENEFIT = "no_shared_benefit"
    PLAN_NOT_ENTERED = "plan_not_entered"
    PAYER_NOT_LISTED = "payer_not_listed"


class Refusal(StrEnum):
    """Why a session can't go on."""

    PRIMARY_NOT_BILLABLE = "primary_not_billable"
    NO_ACTIVE_PLAN = "no_active_plan"


@dataclass(frozen=True, slots=True)
class Contracts:
    """What holds for one session: the marketplace's networks and the provider's credentials, in `state` on the date."""

    networks: Sequence[NetworkSpan]
    credentials: Sequence[Credential]
    state: str
    on: date


@dataclass(frozen=True, slots=True)
class PlanOnDate:
    """A plan in its place of the order: its payer, and what is known of the coverage on the date of service.

    `entered` is false for a plan that only an insurer named: it gets no claim until the client has entered it. `listed`
    is false where the directory lacks the payer: nothing is known of networks then.
    """

    id: str
    payer: str
    coverage: Coverage = Coverage.UNKNOWN
    entered: bool = True
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Unbilled:
    """A plan that gets no claim, and why."""

    id: str
    reason: NotBillable


@dataclass(frozen=True, slots=True)
class Billing:
    """Who gets a claim, first to last, and why the others get none. With `refusal` nobody does: there is no session."""

    billed: tuple[str, ...]
    unbilled: tuple[Unbilled, ...]
    refusal: Refusal | None = None


def span_problem(
    span: NetworkSpan | Credential, others: Iterable[NetworkSpan] | Iterable[Credential]
) -> SpanProblem | None:
    """Why `span` can't be taken beside `others`: it ends before it starts, or shares days with one of them.

    Only spans of the same payer (and state) can overlap; a span with the start of a stored one corrects it instead.
    """
    if span.ends is not None and span.ends < span.starts:
        return SpanProblem.ENDS_BEFORE_IT_STARTS
    for other in others:
        if _scope(other) == _scope(span) and other.starts != span.starts and _share_a_day(span, other):
            return SpanProblem.OVERLAPS
    return None


def _scope(span: NetworkSpan | Credential) -> tuple[str, str]:
    return span.payer, span.state if isinstance(span, Credential) else ""


def _share_a_day(span: NetworkSpan | Credential, other: NetworkSpan | Credential) -> bool:
    return span.starts <= (other.ends or date.max) and other.starts <= (span.ends or date.max)


def in_network(spans: Iterable[NetworkSpan], payer: str, on: date) -> bool:
    """Whether the marketplace is in network with `payer` on the date."""
    return any(span.payer == payer and _holds(span, on) for span in spans)


def is_credentialed(credentials: Iterable[Credential], payer: str, state: str, on: date) -> bool:
    """Whether the provider may bill `payer` for a client in `state` on the date."""
    return any(
        credential.payer == payer and credential.state == state and _holds(credential, on) for credential in credentials
    )


def _holds(span: NetworkSpan | Credential, on: date) -> bool:
    return span.starts <= on and (span.ends is None or on <= span.ends)


def billable_plans(
    order: Sequence[PlanOnDate],
    contracts: Contracts,
    *,
    excluded: Sequence[Excluded] = (),
    pays_as_primary: str | None = None,
) -> Billing:
    """Which plans of the order get a claim for a session, by the `contracts` that hold for it.

    A primary that can't be billed refuses the session, unless its closed panel doesn't pay this provider and
    `pays_as_primary` names a billable plan that pays in its place. A later plan that can't be billed is left out: care
    goes on, and the plans after it get their claims, which name it as passed over. `excluded` are the plans that the
    order of benefits left out: they keep their reason.
    """
    left_out = tuple(Unbilled(exclusion.id, EXCLUDED[exclusion.reason]) for exclusion in excluded)
    if not order:
        return Billing((), left_out, Refusal.NO_ACTIVE_PLAN)
    reasons = [_why_not(plan, place, contracts) for place, plan in enumerate(order)]
    stands_in = [plan.id for plan in order].index(pays_as_primary) if pays_as_primary is not None else 0
    if reasons[0] is not None and reasons[stands_in] is not None:
        unbilled = [Unbilled(plan.id, reason) for plan, reason in zip(order, reasons, strict=True) if reason]
        return Billing((), (*unbilled, *left_out), Refusal.PRIMARY_NOT_BILLABLE)
    billed = tuple(plan.id for plan, reason in zip(order, reasons, strict=True) if reason is None)
    unbilled = [Unbilled(plan.id, reason) for plan, reason in zip(order, reasons, strict=True) if reason]
    return Billing(billed, (*unbilled, *left_out))


EXCLUDED = {
    ExclusionReason.EMPLOYEE_ASSISTANCE: NotBillable.NOT_SUBJECT_TO_COB,
    ExclusionReason.MEDICARE_SUPPLEMENT: NotBillable.NOT_SUBJECT_TO_COB,
    ExclusionReason.VETERANS_CARE: NotBillable.NOT_SUBJECT_TO_COB,
    ExclusionReason.INDIAN_HEALTH_SERVICE: NotBillable.NOT_SUBJECT_TO_COB,
    ExclusionReason.INDEMNITY: NotBillable.NOT_SUBJECT_TO_COB,
    ExclusionReason.NOTHING_TO_SUPPLEMENT: NotBillable.NOT_SUBJECT_TO_COB,
    ExclusionReason.NO_SHARED_BENEFIT: NotBillable.NO_SHARED_BENEFIT,
    ExclusionReason.NOT_STARTED: NotBillable.COVERAGE_INACTIVE,
    ExclusionReason.ENDED: NotBillable.COVERAGE_INACTIVE,
}


def _why_not(plan: PlanOnDate, place: int, contracts: Contracts) -> NotBillable | None:
    """The first reason that holds, in the order in which a biller would look."""
    if plan.coverage is Coverage.INACTIVE:
        return NotBillable.COVERAGE_INACTIVE
    if not plan.entered:
        return NotBillable.PLAN_NOT_ENTERED
    if not plan.listed:
        return NotBillable.PAYER_NOT_LISTED
    if not in_network(contracts.networks, plan.payer, contracts.on):
        return NotBillable.SECONDARY_OUT_OF_NETWORK if place else NotBillable.PRIMARY_OUT_OF_NETWORK
    if not is_credentialed(contracts.credentials, plan.payer, contracts.state, contracts.on):
        return NotBillable.PROVIDER_NOT_CREDENTIALED
    return None
