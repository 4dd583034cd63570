"""The `explain` command as operators call it: one JSON document out, or one clear line."""

import argparse
import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.coverage.__main__ import COMMANDS
from services.coverage.commands.explain import explain
from services.coverage.order.rule import Rule
from shared.commands.command import RefusedError, UnreadableInputError
from tests.services.coverage.situations import TOGETHER, child, document, fathers, mothers, own, spouses

ROOT = Path(__file__).parents[4]
TWO_PARENTS = child(fathers("B"), mothers("A"), family=TOGETHER, entered_order=["B", "A"])


def command(facts: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "services.coverage", "explain", "-"]
    return subprocess.run(words, input=facts, capture_output=True, text=True, cwd=ROOT, check=False)


def test_an_answer_names_the_order_the_rule_and_the_words():
    assert explain(TWO_PARENTS) == {
        "order": ["A", "B"],
        "rule": "birthday",
        "reordered": True,
        "excluded": [],
        "undetermined": None,
        "dispute": None,
        "note": None,
        "pays_as_primary": None,
        "rules": [
            {
                "first": "A",
                "second": "B",
                "rule": "birthday",
                "why": "The parent who holds A has the earlier birthday in the year. It pays before B.",
                "source": "NAIC Model 120 (2013) 6D(2)(a)(i)",
            }
        ],
        "explanation": [
            "A pays first, then B.",
            "The parent who holds A has the earlier birthday in the year. It pays before B.",
            "The plans were entered in another order. We corrected it; you don't need to do anything.",
        ],
    }


def test_an_open_question_is_asked_in_words():
    answer = explain(child(mothers(born=None), fathers(), family=TOGETHER))

    question = "What is the birthday (month and day) of the person who holds mothers?"
    assert (answer["order"], answer["rule"]) == (None, None)
    assert answer["undetermined"] == {
        "missing": "plans.mothers.subscriber.birth_date",
        "question": question,
        "about": ["mothers"],
    }
    assert answer["explanation"] == ["We can't tell yet which plan pays first.", question]


def test_a_dispute_names_both_sides_and_whom_to_call():
    answer = explain(document(own(reported_role="secondary"), spouses(reported_role="secondary")))

    assert answer["order"] is None
    assert answer["dispute"] == {
        "kind": "nobody_primary",
        "why": "Every insurer says that another plan pays first.",
        "statements": [{"id": "own", "says": "secondary"}, {"id": "spouses", "says": "secondary"}],
        "rules_say": None,
    }
    assert answer["explanation"][-1].startswith("Please call the number on the back of each card")


def test_a_plan_left_out_is_explained():
    answer = explain(document(own(), own("eap", kind="eap")))

    assert answer["excluded"] == [
        {
            "id": "eap",
            "reason": "employee_assistance_not_coordinated",
            "why": "eap is an employee assistance program. It is a separate, free benefit.",
        }
    ]
    assert answer["explanation"][0] == "own is the only plan that pays for this date."


def test_a_plan_behind_a_closed_panel_is_explained():
    answer = explain(document(own(panel="closed", provider_in_panel=False), spouses()))

    assert answer["pays_as_primary"] == "spouses"
    assert answer["explanation"][-1] == "own does not pay this provider, so spouses pays as if it were first."


def test_no_plan_is_explained():
    assert explain(document())["explanation"] == ["No plan pays for this date."]


def test_contradictory_facts_are_refused_with_what_to_correct():
    with pytest.raises(RefusedError) as refused:
        explain(document(own("A"), spouses("A", covered_to="2001-01-01")))

    assert refused.value.document["refused"] is True
    assert refused.value.document["reason"] == "duplicate_plan"
    assert [problem["field"] for problem in refused.value.document["problems"]] == ["plans", "plans.A.covered_to"]


def changed(*way: Any, to: Any) -> dict[str, Any]:
    facts = copy.deepcopy(TWO_PARENTS)
    here: Any = facts
    for step in way[:-1]:
        here = here[step]
    here[way[-1]] = to
    return facts


UNREADABLE = [
    pytest.param([], "the document", id="a list"),
    pytest.param({}, "on: ", id="nothing stated"),
    pytest.param(changed("on", to="2026-02-30"), "on: ", id="30 February"),
    pytest.param(changed("on", to=20260301), "on: ", id="a date as a number"),
    pytest.param(changed("on", to="0001-01-01"), "on: ", id="a date before there was insurance"),
    pytest.param(changed("plans", to={}), "plans: ", id="plans that are no list"),
    pytest.param(changed("plans", 1, "kind", to="grup"), "plans.1.kind: ", id="an unknown kind"),
    pytest.param(changed("plans", 1, "id", to=""), "plans.1.id: ", id="an empty id"),
    pytest.param(changed("plans", 1, "id", to=7), "plans.1.id: ", id="an id that is a number"),
    pytest.param(changed("plans", 0, "employer_size", to=-1), "plans.0.employer_size: ", id="fewer than no employees"),
    pytest.param(changed("plans", 0, "employer_size", to="250"), "plans.0.employer_size: ", id="a size in quotes"),
    pytest.param(changed("plans", 0, "employer_size", to=True), "plans.0.employer_size: ", id="a size that is true"),
    pytest.param(
        changed("plans", 0, "subscriber", "relation", to="mum"), "plans.0.subscriber.relation: ", id="a relation"
    ),
    pytest.param(changed("plans", 0, "benefits", to=["spa"]), "plans.0.benefits.0: ", id="a benefit"),
    pytest.param(changed("plans", 0, "reported_role", to="first"), "plans.0.reported_role: ", id="a role"),
    pytest.param(changed("plans", 0, "plan_year_starts", to="02-30"), "plans.0.plan_year_starts: ", id="a plan year"),
    pytest.param(
        changed("plans", 0, "medicare_entitlement", to={"reason": "luck"}),
        "plans.0.medicare_entitlement: ",
        id="a reason",
    ),
    pytest.param(
        changed("plans", 0, "medicare_entitlement", to={"reason": "esrd", "esrd_month": 0}),
        "plans.0.medicare_entitlement: ",
        id="month 0",
    ),
    pytest.param(changed("plans", 0, "medicare_entitlement", to=5), "plans.0.medicare_entitlement: ", id="a number"),
    pytest.param(changed("family", "parents", to="maybe"), "family.parents: ", id="parents"),
    pytest.param(changed("family", "joint_custody", to="yes"), "family.joint_custody: ", id="custody in words"),
    pytest.param(changed("entered_order", to="AB"), "entered_order: ", id="an order that is no list"),
    pytest.param(changed("plans", to=[{"id": str(n), "kind": "group"} for n in range(13)]), "plans: ", id="13 plans"),
]


@pytest.mark.parametrize(("facts", "names"), UNREADABLE)
def test_what_cannot_be_read_is_named(facts: Any, names: str):
    with pytest.raises(UnreadableInputError, match=f"^{names}"):
        explain(facts)


def test_a_line_about_wrong_input_repeats_none_of_its_values():
    with pytest.raises(UnreadableInputError) as unreadable:
        explain(changed("plans", 0, "subscriber", "birth_date", to="1985-13-77"))

    assert "1985" not in str(unreadable.value)


def test_fields_that_nothing_reads_are_named_and_change_nothing():
    mistyped: dict[str, Any] = copy.deepcopy(TWO_PARENTS) | {"remark": "from a newer system"}
    mistyped["plans"][0]["covered_form"] = "2020-01-01"
    assert explain(mistyped) == explain(TWO_PARENTS) | {
        "unread": [
            {"field": "plans.0.covered_form", "hint": "did you mean covered_from?"},
            {"field": "remark", "hint": ""},
        ]
    }


def test_the_command_answers_with_exit_code_0():
    done = command(json.dumps(TWO_PARENTS))

    assert (done.returncode, done.stderr, json.loads(done.stdout)) == (0, "", explain(TWO_PARENTS))


@pytest.mark.parametrize("text", ["[1,", '{"on": "2026-03-01"}'], ids=["not JSON", "incomplete"])
def test_the_command_says_in_one_line_what_it_cannot_read(text: str):
    done = command(text)

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


def test_the_command_refuses_with_exit_code_1():
    done = command(json.dumps(document(own(covered_to="2001-01-01"))))

    assert (done.returncode, json.loads(done.stdout)["reason"]) == (1, "ends_before_it_starts")


def test_every_rule_is_listed_once_with_its_words_and_source():
    listed = COMMANDS["rules"].run(argparse.Namespace())

    assert [entry["rule"] for entry in listed] == [rule.value for rule in Rule]
    assert len({entry["says"] for entry in listed}) == len(listed)
    assert all(entry["source"] for entry in listed)


@pytest.mark.parametrize("rule", list(Rule), ids=str)
def test_the_words_of_a_rule_are_short_and_name_the_plans(rule: Rule):
    words = rule.words("PLAN1", "PLAN2")

    assert all(len(sentence.split()) <= 20 for sentence in re.split(r"[.:;] ", words))
    assert "{" not in words
    if "{second}" in rule.sentence:
        assert words.count("PLAN1") >= 1 <= words.count("PLAN2")
