"""How long a plan has covered a person, across a change of plan without a gap."""

from datetime import date
from typing import Any

import pytest

from services.coverage.order.continuity import first_covered, subscriber_covered
from services.coverage.order.facts import Facts
from tests.services.coverage.situations import UNSTATED, document, mothers, order, own, spouses

SPANS = [
    pytest.param(own("new"), [], date(2018, 1, 1), id="a plan by itself"),
    pytest.param(
        own("new", continues="old", continues_from="2009-05-01"),
        [],
        date(2009, 5, 1),
        id="took over, the first date stated",
    ),
    pytest.param(
        own("new", continues="old"),
        [own("old", covered_from="2009-05-01", covered_to="2017-12-31")],
        date(2009, 5, 1),
        id="the day after",
    ),
    pytest.param(
        own("new", continues="old"),
        [own("old", covered_from="2009-05-01", covered_to="2018-01-01")],
        date(2009, 5, 1),
        id="the same day",
    ),
    pytest.param(
        own("new", continues="old"),
        [own("old", covered_from="2009-05-01", covered_to="2017-12-30")],
        date(2018, 1, 1),
        id="a day too late",
    ),
    pytest.param(
        own("new", continues="old", continues_from="2009-05-01"),
        [own("old", covered_from="2009-05-01", covered_to="2017-06-30")],
        date(2018, 1, 1),
        id="a gap counts against a stated date",
    ),
    pytest.param(
        own("new", continues="mid"),
        [
            own("mid", covered_from="2012-01-01", covered_to="2017-12-31", continues="old"),
            own("old", covered_from="2003-01-01", covered_to="2011-12-31"),
        ],
        date(2003, 1, 1),
        id="twice over",
    ),
    pytest.param(
        own("new", continues="mid"),
        [
            own("mid", covered_from="2012-01-01", covered_to="2017-12-31", continues="old"),
            own("old", covered_from="2003-01-01", covered_to="2010-12-31"),
        ],
        date(2012, 1, 1),
        id="a gap further back",
    ),
    pytest.param(own("new", continues="old"), [], None, id="took over from a plan nobody knows"),
    pytest.param(own("new", covered_from=UNSTATED), [], None, id="no first day"),
]


@pytest.mark.parametrize(("plan", "former", "expected"), SPANS)
def test_since_when_a_plan_has_covered_the_patient(
    plan: dict[str, Any], former: list[dict[str, Any]], expected: date | None
):
    plans = {entered.id: entered for entered in Facts.model_validate(document(plan, *former)).plans}

    assert first_covered(plans["new"], plans) == expected


SUBSCRIBERS = [
    pytest.param(mothers("new", holder_covered_from="2021-01-01"), [], date(2021, 1, 1), id="the day stated for them"),
    pytest.param(mothers("new"), [], date(2018, 1, 1), id="else the plan's"),
    pytest.param(
        mothers("new", holder_covered_from="2021-01-01", continues="old", continues_from="2009-05-01"),
        [],
        date(2009, 5, 1),
        id="a plan that it took over from counts",
    ),
    pytest.param(
        mothers("new", continues="old"),
        [mothers("old", holder_covered_from="2003-04-01", covered_from="2009-05-01", covered_to="2017-12-31")],
        date(2003, 4, 1),
        id="since when that plan covered them",
    ),
]


@pytest.mark.parametrize(("plan", "former", "expected"), SUBSCRIBERS)
def test_since_when_a_plan_has_covered_its_subscriber(
    plan: dict[str, Any], former: list[dict[str, Any]], expected: date
):
    plans = {entered.id: entered for entered in Facts.model_validate(document(plan, *former)).plans}

    assert subscriber_covered(plans["new"], plans) == expected


def test_the_patients_own_plan_covers_since_the_day_stated_for_the_subscriber():
    facts = document(own("A"), own("B", covered_from="2022-01-01", holder_covered_from="2010-01-01"))

    assert order(facts) == "B > A"


def test_a_dependents_start_is_not_the_subscribers():
    facts = document(spouses("A"), spouses("B", covered_from="2022-01-01", holder_covered_from="2010-01-01"))

    assert order(facts) == "A > B"


def test_a_younger_plan_that_took_over_an_old_one_comes_first():
    facts = document(own("A"), own("B", covered_from="2024-01-01", continues="old", continues_from="2011-01-01"))

    assert order(facts) == "B > A"


def test_the_start_of_a_former_plan_is_asked_for_and_the_answer_settles_it():
    facts = document(own("A"), own("B", covered_from="2024-01-01", continues="old"))
    asked = order(facts)
    facts["plans"][1]["continues_from"] = "2011-01-01"

    assert [asked, order(facts)] == ["ask: plans.B.continues_from", "B > A"]


def test_the_start_of_a_listed_former_plan_is_asked_for_by_its_own_name():
    old = own("old", covered_from=UNSTATED, covered_to="2023-12-31")
    facts = document(own("A"), own("B", covered_from="2024-01-01", continues="old"), old)

    assert order(facts) == "ask: plans.old.covered_from"


@pytest.mark.parametrize(
    ("plans", "expected"),
    [
        pytest.param([own("A"), own("B", covered_from="2017-12-31", continues="old")], "B > A", id="second"),
        pytest.param([own("A", covered_from="2017-12-31", continues="old"), own("B")], "A > B", id="first"),
        pytest.param(
            [own("A"), own("B", covered_from="2018-01-01", continues="old")],
            "ask: plans.B.continues_from",
            id="it may be the same day",
        ),
    ],
)
def test_a_former_plan_of_unknown_start_is_not_asked_for_where_the_new_one_is_the_older_already(
    plans: list[dict[str, Any]], expected: str
):
    assert order(document(*plans)) == expected
