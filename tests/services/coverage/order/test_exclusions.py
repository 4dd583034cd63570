"""Plans that take no part in the order on a date, and why."""

from typing import Any

import pytest

from services.coverage.order.exclusions import ExclusionReason
from tests.services.coverage.situations import aged, decision, document, medicare, own, program, spouses, supplement

REASONS = [
    pytest.param(spouses("X", kind="eap"), ExclusionReason.EMPLOYEE_ASSISTANCE, id="employee assistance"),
    pytest.param(spouses("X", kind="medigap", employment=None), ExclusionReason.MEDICARE_SUPPLEMENT, id="Medigap"),
    pytest.param(own("X", kind="va", employment=None), ExclusionReason.VETERANS_CARE, id="veterans' health care"),
    pytest.param(
        own("X", kind="ihs", employment=None), ExclusionReason.INDIAN_HEALTH_SERVICE, id="Indian Health Service"
    ),
    pytest.param(own("X", kind="indemnity", employment=None), ExclusionReason.INDEMNITY, id="hospital indemnity"),
    pytest.param(
        own("X", kind="supplement", supplements="tricare"),
        ExclusionReason.NOTHING_TO_SUPPLEMENT,
        id="a TRICARE supplement without TRICARE",
    ),
    pytest.param(spouses("X", benefits=["dental"]), ExclusionReason.NO_SHARED_BENEFIT, id="dental only"),
    pytest.param(
        spouses("X", benefits=["vision", "pharmacy"]), ExclusionReason.NO_SHARED_BENEFIT, id="vision and pharmacy"
    ),
    pytest.param(spouses("X", benefits=[]), ExclusionReason.NO_SHARED_BENEFIT, id="no benefits"),
    pytest.param(
        medicare("age", id="X", benefits=["pharmacy"]), ExclusionReason.NO_SHARED_BENEFIT, id="Medicare Part D alone"
    ),
    pytest.param(spouses("X", covered_to="2026-02-28"), ExclusionReason.ENDED, id="ended the day before"),
    pytest.param(spouses("X", covered_from="2026-03-02"), ExclusionReason.NOT_STARTED, id="starts the day after"),
    pytest.param(
        spouses("X", kind="eap", covered_to="2020-12-31"),
        ExclusionReason.EMPLOYEE_ASSISTANCE,
        id="the kind before the period",
    ),
]


@pytest.mark.parametrize(("plan", "reason"), REASONS)
def test_why_a_plan_takes_no_part(plan: dict[str, Any], reason: ExclusionReason):
    decided = decision(document(own(), plan))

    assert decided.order == ("own",)
    assert [(exclusion.id, exclusion.reason) for exclusion in decided.excluded] == [("X", reason)]
    assert decided.excluded[0].words.startswith("X ")


SUPPLEMENTED = [
    pytest.param("tricare", {}, ("tricare", "supplement"), id="by kind"),
    pytest.param("T1", {"id": "T1"}, ("T1", "supplement"), id="by the plan's id"),
    pytest.param(None, {}, ("tricare", "supplement"), id="not said which"),
    pytest.param("champva", {}, ("tricare",), id="another program"),
    pytest.param("tricare", {"covered_to": "2026-02-01"}, (), id="a program that has ended"),
]


@pytest.mark.parametrize(("of", "stated", "order"), SUPPLEMENTED)
def test_a_supplement_pays_with_its_program_alone(of: str | None, stated: dict[str, Any], order: tuple[str, ...]):
    assert decision(document(supplement(of), program("tricare", **stated))).order == order


TAKES_PART = [
    pytest.param(spouses("X", covered_to="2026-03-01"), id="the last day counts"),
    pytest.param(spouses("X", covered_from="2026-03-01"), id="the first day counts"),
    pytest.param(spouses("X", benefits=["dental", "medical"]), id="medical among others"),
]


@pytest.mark.parametrize("plan", TAKES_PART)
def test_which_plans_take_part(plan: dict[str, Any]):
    assert decision(document(own(), plan)).order == ("own", "X")


def test_medicare_with_a_supplement_has_an_order_of_one():
    decided = decision(aged(medicare("age"), own("supplement", kind="medigap", employment=None)))

    assert (decided.order, [exclusion.id for exclusion in decided.excluded]) == (("medicare",), ["supplement"])


def test_two_dental_plans_coordinate_with_each_other():
    decided = decision(
        document(spouses(benefits=["dental"]), own(benefits=["dental"]), own("eye", benefits=["vision"]))
    )

    assert (decided.order, [exclusion.id for exclusion in decided.excluded]) == (("own", "spouses"), ["eye"])


def test_a_dental_plan_does_not_stand_in_for_a_medical_plan_that_has_ended():
    assert decision(document(own(covered_to="2026-01-31"), spouses(benefits=["dental"]))).order == ()
