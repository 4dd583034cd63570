"""What holds for every order of benefits, whatever the plans."""

import copy
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.coverage.order.decision import decide
from services.coverage.order.facts import Facts
from services.coverage.order.payers_word import DisputeKind
from tests.services.coverage.situations import UNSTATED, decree, document, family, without_unstated

HOLDERS = [
    {"id": "patient", "relation": "self"},
    {"id": "spouse", "relation": "spouse", "birth_date": "1990-08-08"},
    {"id": "mother", "relation": "parent", "birth_date": "1961-04-04", "sex": "female"},
    {"id": "father", "relation": "parent", "birth_date": "1960-04-04", "sex": "male"},
    {"id": "stepfather", "relation": "step_parent", "birth_date": "1962-01-01", "spouse_of": "mother"},
]
NAMES = ["A", "B", "C", "D"]


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["group"] * 4 + ["individual", "medicare", "medicaid", "tricare", "eap"]))
    starts = st.sampled_from(["2016-01-01", "2018-01-01", "2020-01-01", UNSTATED])
    return without_unstated(
        {
            "kind": kind,
            "subscriber": draw(st.sampled_from(HOLDERS)),
            "employment": draw(st.sampled_from(["active", "retired", "cobra", None, UNSTATED])),
            "employer_size": draw(st.sampled_from([10, 50, 200, UNSTATED])),
            "covered_from": draw(starts),
            "coordination": draw(st.sampled_from(["standard"] * 4 + ["none", "gender_rule"])),
            "reported_role": draw(st.sampled_from([None] * 6 + ["primary", "secondary", "not_primary"])),
        }
    )


FAMILIES = st.sampled_from(
    [
        None,
        family(parents="together"),
        family(custodian="mother"),
        family(decree=decree("father")),
        family(decree=UNSTATED),
    ]
)


@st.composite
def situations(draw: st.DrawFn) -> dict[str, Any]:
    reason = draw(st.sampled_from(["age", "disability"]))  # of the one patient, whichever plans state it
    several = [plan | {"medicare_entitlement": {"reason": reason}} for plan in draw(st.lists(plans(), max_size=4))]
    named = [{"id": name} | plan for name, plan in zip(NAMES, several, strict=False)]
    entered = draw(st.permutations([plan["id"] for plan in named]))
    return document(
        *named, entered_order=entered, family=draw(FAMILIES), born=draw(st.sampled_from(["1985-05-05", "1950-05-05"]))
    )


@given(situations(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_does_not_depend_on_how_the_plans_are_listed(facts: dict[str, Any], random: Any):
    shuffled = facts | {"plans": random.sample(facts["plans"], len(facts["plans"]))}
    decided, other = decide(Facts.model_validate(facts)), decide(Facts.model_validate(shuffled))

    assert (decided.order, decided.rule, decided.dispute, decided.pairs) == (
        other.order,
        other.rule,
        other.dispute,
        other.pairs,
    )
    assert (decided.undetermined is None) == (other.undetermined is None)


@given(situations())
@settings(max_examples=60, deadline=None)
def test_a_plan_that_takes_no_part_changes_nothing_else(facts: dict[str, Any]):
    without = decide(Facts.model_validate(facts))
    extra = [{"id": "X", "kind": "eap"}, {"id": "Y", "kind": "group", "covered_to": "2026-02-28"}]
    beside = decide(Facts.model_validate(facts | {"plans": [*facts["plans"], *extra]}))

    assert (beside.order, beside.rule, beside.dispute) == (without.order, without.rule, without.dispute)
    assert beside.reordered == without.reordered


@given(situations())
@settings(max_examples=60, deadline=None)
def test_an_order_an_open_question_and_a_dispute_shut_each_other_out(facts: dict[str, Any]):
    decided = decide(Facts.model_validate(facts))
    answers = [decided.order is not None, decided.undetermined is not None, decided.dispute is not None]

    assert answers.count(True) == 1
    assert (decided.rule is not None) == (decided.order is not None)
    if decided.order is not None:
        taking_part = {plan["id"] for plan in facts["plans"]} - {exclusion.id for exclusion in decided.excluded}
        assert sorted(decided.order) == sorted(taking_part)
        assert [(pair.first, pair.second) for pair in decided.pairs] == [
            (first, second) for place, first in enumerate(decided.order) for second in decided.order[place + 1 :]
        ]


@given(situations())
@settings(max_examples=60, deadline=None)
def test_medicaid_is_last_unless_payers_say_otherwise(facts: dict[str, Any]):
    silent = facts | {"plans": [plan | {"reported_role": None} for plan in facts["plans"]]}
    order = decide(Facts.model_validate(silent)).order or ()
    medicaid = {plan["id"] for plan in facts["plans"] if plan["kind"] == "medicaid"}

    assert all(plan not in medicaid for plan in order[:-1])


@given(situations())
@settings(max_examples=60, deadline=None)
def test_what_a_question_asks_for_is_missing_from_the_facts(facts: dict[str, Any]):
    question = decide(Facts.model_validate(facts)).undetermined
    if question is None or question.missing in ("plans.kind", "plans.reported_role"):
        return
    for path in question.missing.split(", "):
        here: Any = facts | {"plans": {plan["id"]: plan for plan in facts["plans"]}}
        *way, last = path.split(".")
        for step in way:
            here = (here or {}).get(step) or {}
        # what is stated of Medicare may not be all: by age below 65, or kidney disease alone from 65 on, is asked about
        assert last not in here or last == "medicare_entitlement"


FORGETTABLE = ("employment", "employer_size", "covered_from", "medicare_entitlement", "subscriber")


@given(situations(), st.data())
@settings(max_examples=60, deadline=None)
def test_forgetting_a_fact_gives_the_same_answer_or_a_question_never_another_answer(facts: dict[str, Any], data: Any):
    full = decide(Facts.model_validate(facts))
    forgetful = copy.deepcopy(facts)
    for plan in forgetful["plans"]:
        for fact in data.draw(st.sets(st.sampled_from(FORGETTABLE), max_size=2)):
            plan.pop(fact, None)
        plan["subscriber"] = plan.get("subscriber", {})
        plan["subscriber"].pop(data.draw(st.sampled_from(["birth_date", "spouse_of", "relation", "nothing"])), None)
    if forgetful["family"]:
        forgetful["family"].pop(data.draw(st.sampled_from(["parents", "custodian", "decree", "nothing"])), None)

    partial = decide(Facts.model_validate(forgetful))

    if full.undetermined is None and partial.undetermined is None and not _needs_who_is_who(facts, forgetful):
        assert partial.order == full.order
        assert (partial.dispute and partial.dispute.kind) == (full.dispute and full.dispute.kind)


def _needs_who_is_who(facts: dict[str, Any], forgetful: dict[str, Any]) -> bool:
    """Whether a subscriber's id was forgotten: then two plans of one person are taken for two people's."""
    ids = [
        (plan["subscriber"].get("id"), other["subscriber"].get("id"))
        for plan, other in zip(facts["plans"], forgetful["plans"], strict=True)
    ]
    return any(first != other for first, other in ids)


@pytest.mark.parametrize("listed", list(itertools.permutations("ABCD")), ids="".join)
def test_a_word_against_the_law_is_one_whatever_else_it_contradicts(listed: tuple[str, ...]):
    own = {"subscriber": {"id": "patient", "relation": "self"}, "employment": "active"}
    plans = {
        "A": {"kind": "group", "covered_from": "2016-01-01"},
        "B": {"kind": "group", "covered_from": "2016-01-01"},
        "C": {"kind": "group", "covered_from": "2018-01-01", "reported_role": "secondary"},
        "D": {"kind": "medicaid", "covered_from": "2016-01-01", "reported_role": "primary"},
    }
    facts = document(*({"id": plan, **own, **plans[plan]} for plan in listed), entered_order=list("ABCD"))

    dispute = decide(Facts.model_validate(facts)).dispute

    assert dispute is not None
    assert dispute.kind is DisputeKind.AGAINST_THE_LAW
