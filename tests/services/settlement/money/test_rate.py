"""The contracted rate of a day."""

from datetime import date
from typing import Any

import pytest

from services.settlement.money.rate import RateKey, RateMissingError, contracted_rate_cents
from shared.events.directory import RateAgreed
from shared.events.sessions import Line

DAY = date(2026, 3, 2)
KEY = RateKey("payer-1", "provider-1", "group-1")


def rate(cents: int, **facts: Any) -> RateAgreed:
    usual: dict[str, Any] = {"payer_id": "payer-1", "procedure": "90837", "from_day": date(2026, 1, 1)}
    if "group_id" not in facts:
        usual["provider_id"] = "provider-1"
    return RateAgreed(**{**usual, "rate_cents": cents, **facts})


def lines(*procedures: str, units: int = 1) -> list[Line]:
    return [Line(procedure=procedure, units=units, charge_cents=22000) for procedure in procedures]


@pytest.mark.parametrize(
    ("rates", "billed", "expected"),
    [
        pytest.param([rate(15000)], lines("90837"), 15000, id="the provider's"),
        pytest.param([rate(14000, group_id="group-1")], lines("90837"), 14000, id="the group's"),
        pytest.param([rate(14000, group_id="group-1"), rate(15000)], lines("90837"), 15000, id="the provider's first"),
        pytest.param(
            [rate(15000), rate(16000, from_day=date(2026, 3, 1))], lines("90837"), 16000, id="the one that began last"
        ),
        pytest.param(
            [rate(15000, to_day=DAY), rate(16000, from_day=date(2026, 3, 3))],
            lines("90837"),
            15000,
            id="on its last day",
        ),
        pytest.param([rate(15000)], lines("90837", units=2), 30000, id="two units"),
        pytest.param([rate(15000), rate(4000, procedure="90833")], lines("90837", "90833"), 19000, id="two procedures"),
    ],
)
def test_the_rate_in_force_on_the_day_counts(rates: list[RateAgreed], billed: list[Line], expected: int) -> None:
    assert contracted_rate_cents(rates, KEY, billed, DAY) == expected


@pytest.mark.parametrize(
    "rates",
    [
        pytest.param([], id="none"),
        pytest.param([rate(15000, to_day=date(2026, 3, 1))], id="ended the day before"),
        pytest.param([rate(15000, from_day=date(2026, 3, 3))], id="begins the day after"),
        pytest.param([rate(15000, payer_id="payer-2")], id="another payer's"),
        pytest.param([rate(15000, provider_id="provider-2")], id="another provider's"),
        pytest.param([rate(15000, group_id="group-2")], id="another group's"),
        pytest.param([rate(15000, procedure="90834")], id="another procedure's"),
    ],
)
def test_a_day_without_a_rate_is_refused_by_name(rates: list[RateAgreed]) -> None:
    with pytest.raises(RateMissingError, match="90837"):
        contracted_rate_cents(rates, KEY, lines("90837"), DAY)


def test_a_provider_without_a_group_has_no_groups_rate() -> None:
    with pytest.raises(RateMissingError):
        contracted_rate_cents([rate(15000, group_id="group-1")], RateKey("payer-1", "provider-1"), lines("90837"), DAY)
