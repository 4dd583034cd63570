"""Which plans of an order can be billed, by network and credentials on the date."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.coverage.order.exclusions import Excluded, ExclusionReason
from services.coverage.rows import Credential, NetworkSpan
from services.coverage.sessions.network import (
    Billing,
    Contracts,
    Coverage,
    NotBillable,
    PlanOnDate,
    Refusal,
    SpanProblem,
    Unbilled,
    billable_plans,
    in_network,
    is_credentialed,
    span_problem,
)

ON = date(2026, 3, 1)
DAY = timedelta(days=1)
START = date(2025, 1, 1)
NETWORKS = tuple(NetworkSpan(payer, START) for payer in ("P1", "P2", "P3"))
CREDENTIALS = tuple(Credential(payer, "NY", START) for payer in ("P1", "P2", "P3"))
A, B, C = PlanOnDate("A", "P1", Coverage.ACTIVE), PlanOnDate("B", "P2", Coverage.ACTIVE), PlanOnDate("C", "P3")


def without(payer: str, spans: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(span for span in spans if span.payer != payer)


def bill(*order: PlanOnDate, networks: Any = NETWORKS, credentials: Any = CREDENTIALS, **more: Any) -> Billing:
    return billable_plans(order, Contracts(networks, credentials, state="NY", on=ON), **more)


SPANS = [
    pytest.param(START, None, True, id="open"),
    pytest.param(ON, ON, True, id="that day only"),
    pytest.param(START, ON - DAY, False, id="until the day before"),
    pytest.param(ON + DAY, None, False, id="from the day after"),
]


@pytest.mark.parametrize(("starts", "ends", "expected"), SPANS)
def test_a_span_holds_on_its_days(starts: date, ends: date | None, expected: bool):
    assert in_network([NetworkSpan("P1", starts, ends)], "P1", ON) is expected
    assert is_credentialed([Credential("P1", "NY", starts, ends)], "P1", "NY", ON) is expected


def test_a_span_of_another_payer_or_state_does_not_count():
    assert not in_network([NetworkSpan("P2", START)], "P1", ON)
    assert not is_credentialed([Credential("P1", "NJ", START), Credential("P2", "NY", START)], "P1", "NY", ON)


PROBLEMS = [
    pytest.param(NetworkSpan("P1", ON, ON - DAY), [], SpanProblem.ENDS_BEFORE_IT_STARTS, id="ends before it starts"),
    pytest.param(
        NetworkSpan("P1", ON), [NetworkSpan("P1", START)], SpanProblem.OVERLAPS, id="starts while one is open"
    ),
    pytest.param(NetworkSpan("P1", ON), [NetworkSpan("P1", START, ON)], SpanProblem.OVERLAPS, id="shares one day"),
    pytest.param(NetworkSpan("P1", ON), [NetworkSpan("P1", START, ON - DAY)], None, id="the day after"),
    pytest.param(NetworkSpan("P1", ON), [NetworkSpan("P2", START)], None, id="another payer"),
    pytest.param(NetworkSpan("P1", START, ON), [NetworkSpan("P1", START)], None, id="the same start corrects the span"),
    pytest.param(Credential("P1", "NY", ON), [Credential("P1", "NY", START)], SpanProblem.OVERLAPS, id="credentials"),
    pytest.param(Credential("P1", "NY", ON), [Credential("P1", "NJ", START)], None, id="credentials of another state"),
]


@pytest.mark.parametrize(("span", "others", "expected"), PROBLEMS)
def test_why_a_span_is_refused(span: Any, others: Any, expected: SpanProblem | None):
    assert span_problem(span, others) is expected


BILLING = [
    pytest.param(bill(A, B), Billing(("A", "B"), ()), id="both"),
    pytest.param(bill(), Billing((), (), Refusal.NO_ACTIVE_PLAN), id="no plan"),
    pytest.param(
        bill(A, B, networks=without("P2", NETWORKS)),
        Billing(("A",), (Unbilled("B", NotBillable.SECONDARY_OUT_OF_NETWORK),)),
        id="the secondary is out of network",
    ),
    pytest.param(
        bill(A, B, credentials=without("P2", CREDENTIALS)),
        Billing(("A",), (Unbilled("B", NotBillable.PROVIDER_NOT_CREDENTIALED),)),
        id="the provider can't bill the secondary",
    ),
    pytest.param(
        bill(A, PlanOnDate("B", "P2", Coverage.INACTIVE)),
        Billing(("A",), (Unbilled("B", NotBillable.COVERAGE_INACTIVE),)),
        id="the secondary is inactive",
    ),
    pytest.param(
        bill(A, PlanOnDate("B", "P2", Coverage.ACTIVE, entered=False)),
        Billing(("A",), (Unbilled("B", NotBillable.PLAN_NOT_ENTERED),)),
        id="the client never entered the secondary",
    ),
    pytest.param(
        bill(A, B, networks=without("P1", NETWORKS)),
        Billing((), (Unbilled("A", NotBillable.PRIMARY_OUT_OF_NETWORK),), Refusal.PRIMARY_NOT_BILLABLE),
        id="the primary is out of network",
    ),
    pytest.param(
        bill(A, B, credentials=()),
        Billing(
            (),
            (
                Unbilled("A", NotBillable.PROVIDER_NOT_CREDENTIALED),
                Unbilled("B", NotBillable.PROVIDER_NOT_CREDENTIALED),
            ),
            Refusal.PRIMARY_NOT_BILLABLE,
        ),
        id="the provider can bill nobody",
    ),
    pytest.param(
        bill(A, B, networks=without("P1", NETWORKS), pays_as_primary="B"),
        Billing(("B",), (Unbilled("A", NotBillable.PRIMARY_OUT_OF_NETWORK),)),
        id="a plan stands in for a closed panel",
    ),
    pytest.param(
        bill(A, B, networks=(), pays_as_primary="B"),
        Billing(
            (),
            (Unbilled("A", NotBillable.PRIMARY_OUT_OF_NETWORK), Unbilled("B", NotBillable.SECONDARY_OUT_OF_NETWORK)),
            Refusal.PRIMARY_NOT_BILLABLE,
        ),
        id="the plan that stands in can't be billed either",
    ),
    pytest.param(
        bill(A, B, C, networks=without("P2", NETWORKS)),
        Billing(("A", "C"), (Unbilled("B", NotBillable.SECONDARY_OUT_OF_NETWORK),)),
        id="a third plan is billed past a second that can't be",
    ),
    pytest.param(
        bill(A, PlanOnDate("B", "P2", Coverage.INACTIVE), C),
        Billing(("A", "C"), (Unbilled("B", NotBillable.COVERAGE_INACTIVE),)),
        id="an inactive second plan leaves no gap",
    ),
    pytest.param(
        bill(A, excluded=(Excluded("E", ExclusionReason.EMPLOYEE_ASSISTANCE), Excluded("F", ExclusionReason.ENDED))),
        Billing(("A",), (Unbilled("E", NotBillable.NOT_SUBJECT_TO_COB), Unbilled("F", NotBillable.COVERAGE_INACTIVE))),
        id="plans that take no part keep their reason",
    ),
]


@pytest.mark.parametrize(("billing", "expected"), BILLING)
def test_who_gets_a_claim(billing: Billing, expected: Billing):
    assert billing == expected


days = st.integers(0, 40).map(lambda days: START + days * DAY)


@given(st.lists(st.tuples(days, st.none() | days), max_size=8))
def test_spans_taken_one_by_one_never_overlap(spans: list[tuple[date, date | None]]):
    taken: dict[date, NetworkSpan] = {}
    for starts, ends in spans:
        span = NetworkSpan("P1", starts, ends)
        if span_problem(span, taken.values()) is None:
            taken[starts] = span

    for day in (START + days * DAY for days in range(60)):
        assert sum(in_network([span], "P1", day) for span in taken.values()) <= 1
