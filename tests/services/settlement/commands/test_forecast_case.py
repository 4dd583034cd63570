"""The form of a forecast's case: what is wrong is named, what contradicts itself is refused."""

import copy
import subprocess
import sys
from typing import Any

import pytest

from services.settlement.commands import forecast_case
from shared.commands.command import RefusedError, UnreadableInputError

CASE: dict[str, Any] = {
    "charge_cents": 20000,
    "primary": {
        "allowed_cents": 12000,
        "deductible_cents": 12000,
        "coinsurance_cents": 0,
        "copay_cents": 0,
        "paid_cents": 0,
        "denied": False,
    },
    "secondary": {
        "method": "lesser_of",
        "allowed_cents": 11000,
        "deductible_remaining_cents": 0,
        "coinsurance_percent": 0,
        "copay_cents": 2000,
    },
    "charged_cents": 12000,
}
REMOVED = object()


def changed(path: str, value: object) -> dict[str, Any]:
    case = copy.deepcopy(CASE)
    *folders, name = path.split(".")
    part = case
    for folder in folders:
        part = part[folder]
    if value is REMOVED:
        del part[name]
    else:
        part[name] = value
    return case


def test_the_answer_has_the_three_figures_under_their_names() -> None:
    answer = forecast_case.answer(CASE)

    assert answer["secondary_pays_cents"] == 9000
    assert answer["client_owes_cents"] == 3000
    assert answer["refund_cents"] == 9000


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("charge_cents", -1, "charge_cents: input should be greater than or equal to 0"),
        ("charge_cents", 200.5, "charge_cents: must be a whole number of cents"),
        ("charge_cents", 200.0, "charge_cents: must be a whole number of cents"),
        ("charge_cents", "200", "charge_cents: must be a whole number of cents"),
        ("charge_cents", True, "charge_cents: must be a whole number of cents"),
        ("charged_cents", REMOVED, "charged_cents: is missing"),
        ("primary", [], "primary: must be a JSON object"),
        ("primary.paid_cents", REMOVED, "primary.paid_cents: is missing"),
        ("primary.denied", "no", "primary.denied: input should be a valid boolean"),
        ("secondary.coinsurance_percent", 100.5, "secondary.coinsurance_percent: input should be less than"),
        ("secondary.coinsurance_percent", "20", "secondary.coinsurance_percent: must be a number"),
        ("secondary.coinsurance_percent", float("nan"), "secondary.coinsurance_percent: input should be a finite"),
        ("secondary.allowed_cents", REMOVED, "secondary.allowed_cents: is missing"),
        ("secondary.method", "guess", "secondary.method: must be one of lesser_of, naic_standard"),
    ],
)
def test_what_cannot_be_read_is_named(path: str, value: object, message: str) -> None:
    with pytest.raises(UnreadableInputError) as caught:
        forecast_case.answer(changed(path, value))

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("primary.paid_cents", 1, "more_than_allowed"),
        ("primary.allowed_cents", 11999, "more_than_allowed"),
        ("charge_cents", 10**12, "amount_too_large"),
        ("secondary.copay_cents", 10**12, "amount_too_large"),
    ],
)
def test_figures_that_contradict_each_other_are_refused(path: str, value: int, reason: str) -> None:
    with pytest.raises(RefusedError) as caught:
        forecast_case.answer(changed(path, value))

    assert caught.value.document["reason"] == reason


def test_a_denial_that_paid_is_refused() -> None:
    case = changed("primary.denied", True)
    case["primary"] |= {"paid_cents": 100, "deductible_cents": 0}

    with pytest.raises(RefusedError) as caught:
        forecast_case.answer(case)

    assert caught.value.document["reason"] == "denied_but_paid"


def test_a_plan_that_is_not_billed_needs_no_terms() -> None:
    answer = forecast_case.answer(changed("secondary", {"method": "none", "allowed_cents": None}))

    assert answer["client_owes_cents"] == 12000


def test_the_command_prints_one_line_and_no_traceback_for_what_it_cannot_read() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "services.settlement", "forecast", "-"],
        input='{"charge_cents": 1}',
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "python -m services.settlement forecast: primary: is missing (and 2 more)\n"
