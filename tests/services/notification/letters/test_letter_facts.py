"""A letter is told everything it needs, or it is not made."""

from typing import Any

import pytest

from services.notification.letters.coverage_facts import PlanUnknown, question_topic
from services.notification.letters.letter_kinds import (
    LETTERS,
    FactsError,
    UnknownLetterError,
    checked_facts,
    letter_kind,
)
from tests.services.notification.letter_cases import CLIENT_LETTERS, facts_for


@pytest.mark.parametrize("name", LETTERS)
def test_each_missing_fact_is_named(name: str):
    kind = LETTERS[name]
    for field, definition in kind.facts.model_fields.items():
        if definition.is_required():
            with pytest.raises(FactsError) as refusal:
                checked_facts(kind, {key: value for key, value in kind.sample.items() if key != field})
            assert refusal.value.missing == [field]
            assert field in str(refusal.value)


@pytest.mark.parametrize("name", LETTERS)
def test_an_unknown_fact_is_refused_because_it_may_be_a_misspelt_one(name: str):
    with pytest.raises(FactsError) as refusal:
        checked_facts(LETTERS[name], {**LETTERS[name].sample, "frist_name": "Sam"})

    assert refusal.value.invalid == {"frist_name": "Extra inputs are not permitted"}


def test_a_field_name_that_cannot_be_printed_is_cleaned():
    with pytest.raises(FactsError) as refusal:
        checked_facts(LETTERS["plan-unknown"], {**LETTERS["plan-unknown"].sample, "a\r\nb": 1})

    assert list(refusal.value.invalid) == ["a b"]


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("cost-final-refund", {"paid_cents": "3000"}, "paid_cents"),
    ("cost-final-refund", {"paid_cents": 30.0}, "paid_cents"),
    ("cost-final-refund", {"paid_cents": -1}, "paid_cents"),
    ("cost-final-refund", {"paid_cents": True}, "paid_cents"),
    ("cost-final-refund", {"paid_cents": 10**12}, "paid_cents"),
    ("cost-final-refund", {"refund_cents": 0}, "refund_cents"),
    ("cost-final-refund", {"refund_cents": 2500}, "facts"),
    ("cost-final-balance", {"balance_cents": 1}, "facts"),
    ("cost-final-unchanged", {"final_cost_cents": 3001}, "facts"),
    ("cost-final-unchanged", {"reason": "balance_forgiven"}, "facts"),
    ("cost-final-unchanged", {"reason": "because"}, "reason"),
    ("cost-overdue", {"visit_on": "2026-02-30"}, "visit_on"),
    ("cost-overdue", {"visit_on": "01/05/2026"}, "visit_on"),
    ("cost-overdue", {"visit_on": 20260105}, "visit_on"),
    ("cost-overdue", {"statement_url": "javascript:alert(1)"}, "statement_url"),
    ("cost-overdue", {"statement_url": "https://"}, "statement_url"),
    ("cost-overdue", {"statement_url": "https://a.example/\ud800"}, "statement_url"),
    ("cost-overdue", {"statement_url": "https://bücher.example/"}, "statement_url"),
    ("cost-overdue", {"statement_url": 'https://a.example/"onclick='}, "statement_url"),
    ("cost-overdue", {"statement_url": "https://a.example/\nBcc: x"}, "statement_url"),
    ("coordination-issue", {"calls": []}, "calls"),
    ("coordination-issue", {"calls": [{"payer_name": "A"}] * 11}, "calls"),
    ("coordination-issue", {"calls": [{"payer_name": " \u202e\n "}]}, "calls.0.payer_name"),
    ("coordination-issue", {"first_name": None}, "first_name"),
    ("plans-reordered", {"plans": ["only one"]}, "plans"),
    ("recertification-due", {"calls": [{"payer_name": "A"}] * 2}, "calls"),
    ("secondary-not-billable", {"search_url": None}, "facts"),
    ("coordination-question", {"plans": []}, "facts"),
    ("provider-client-paused", {"client_initials": "Sam Doe, 1990"}, "client_initials"),
]


@pytest.mark.parametrize(
    ("name", "changes", "field"), WRONG, ids=[f"{name}-{changes}"[:80] for name, changes, _ in WRONG]
)
def test_a_wrong_fact_is_refused_by_name_without_repeating_it(name: str, changes: dict[str, Any], field: str):
    with pytest.raises(FactsError) as refusal:
        checked_facts(LETTERS[name], facts_for(name, changes))

    assert field in refusal.value.invalid
    assert refusal.value.missing == []
    assert "1990" not in str(refusal.value)


@pytest.mark.parametrize("facts", [[], "facts", None, 3])
def test_facts_that_are_no_object_are_refused(facts: object):
    with pytest.raises(FactsError, match="must be an object"):
        checked_facts(LETTERS["plan-unknown"], facts)


def test_the_model_of_another_letter_is_a_mistake_in_the_code():
    with pytest.raises(TypeError, match="account-unpaused takes AccountUnpaused"):
        checked_facts(LETTERS["account-unpaused"], PlanUnknown.model_validate(LETTERS["plan-unknown"].sample))


@pytest.mark.parametrize("name", CLIENT_LETTERS)
def test_a_name_is_cleaned_to_one_line_and_may_be_300_characters_long(name: str):
    facts = checked_facts(LETTERS[name], facts_for(name, {"first_name": " \u202eAnne\r\nMarie\x00\ud800\t "}))
    assert facts.model_dump()["first_name"] == "Anne Marie"


def test_an_unknown_letter_is_answered_with_the_ones_that_come_close():
    with pytest.raises(UnknownLetterError, match="did you mean coordination-issue"):
        letter_kind("coordination-isue")
    with pytest.raises(UnknownLetterError, match="there are coordination-issue, "):
        letter_kind("x")


@pytest.mark.parametrize(
    ("missing", "topic"),
    [
        ("plans.A.subscriber.birth_date, plans.B.subscriber.birth_date", "birthday"),
        ("plans.family.decree.covered_from", "covered_from"),
        ("plans.A.subscriber.covered_from", "holder_covered_from"),
        ("subscriber_covered_from", "holder_covered_from"),
        ("plans.A.medicare_entitlement.esrd_month", "medicare"),
        ("plans.A.medicare_entitlement", "medicare"),
        ("plans.A.employer_size", "employer_size"),
        ("family.decree", "court_order"),
        ("family.decree.known_to_plan_from", "court_order_known"),
        ("family.parents", "parents"),
        ("plans.reported_role", "insurers_say"),
        ("plans.kind", "card_in_use"),
        ("something.new", "other"),
        ("", "other"),
    ],
)
def test_the_topic_of_a_question_is_found_by_the_missing_fact(missing: str, topic: str):
    assert question_topic(missing) == topic


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Anne-Marie O'Neil", "Anne-Marie O'Neil"),
        ("Nguyễn", "Nguyễn"),
        ("J.R.", "J.R."),
        ("n" * 40, "n" * 40),
        ("n" * 41, ""),
        ("Sam2", ""),
        ("www.win.example", ""),
        ("win.example", ""),
        ("https://x", ""),
        ("a@b", ""),
        ("<b>Sam</b>", ""),
        ("{{ 7 }}", ""),
    ],
)
def test_a_greeting_carries_names_alone(name: str, greeted: str):
    facts = checked_facts(LETTERS["coordination-issue"], facts_for("coordination-issue", {"first_name": name}))

    assert facts.model_dump()["first_name"] == greeted
