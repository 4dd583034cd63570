"""From an event and what is known to the facts of a letter."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from services.notification.composing.composition import MAKERS, compose
from services.notification.composing.coverage_composition import reorder_reason
from services.notification.composing.known_names import MissingFactError
from services.notification.composing.letter_links import LetterLinks
from services.notification.known_store import Known
from services.notification.letters.language import telephone
from services.notification.letters.letter_kinds import LETTERS, checked_facts, letter_kind
from services.notification.store import ClientPlan, LetterRow, Pause, Payer, Provider, Recipient
from shared.events.directory import OpeningHours
from shared.pages import links
from tests.harness import MORNING, StoppedClock
from tests.services.notification.desk import an

KEY = "a-key"
LINKS = LetterLinks(
    "https://care.example", "https://money.example", (KEY,), 30, plans_url="https://care.example/me/plans"
)
SAM = Recipient("client-1", "Sam", "Doe", "sam@example.test", MORNING, "en", "email", "NY")
PLANS = {
    "own": ClientPlan("client-1", "own", "payer-1", "self", 1),
    "theirs": ClientPlan("client-1", "theirs", "payer-2", "spouse", 0),
}
PAYERS = {
    "payer-1": Payer("payer-1", "Plan One Health", "+18005550111", "Mon-Fri"),
    "payer-2": Payer("payer-2", "Plan Two Health", None, None),
}
PAUSE = Pause("client-1", "pause-1", date(2026, 1, 20), is_open=True)


def known(**changes) -> Known:
    given = {"recipient": SAM, "plans": PLANS, "payers": PAYERS, "provider": None, "corrects_letter_of": None}
    return Known(**{**given, "pause": PAUSE, **changes})


def facts_of(letter: str, kind: str, what: Known | None = None, **changes) -> dict:
    """The facts of the letter on an event; the letter's own model has taken them."""
    event = an(kind, "client-1", **changes)
    row = LetterRow(
        "client-1", "id", letter, None, False, "", event.model_dump(mode="json"), MORNING, "sending", MORNING
    )
    facts = compose(row, what or known(), LINKS, MORNING)
    checked_facts(letter_kind(letter), facts)
    return facts


def test_every_letter_has_its_maker():
    assert set(MAKERS) == set(LETTERS)


NOT_BILLABLE = [
    "secondary_out_of_network",
    "provider_not_credentialed",
    "coverage_inactive",
    "not_subject_to_cob",
    "no_shared_benefit",
    "plan_not_entered",
    "earlier_plan_not_billed",
]


@pytest.mark.parametrize(
    ("reason", "told"),
    [*((reason, reason) for reason in NOT_BILLABLE), ("primary_out_of_network", "other"), ("x", "other")],
)
def test_every_reason_not_to_bill_a_plan_gives_a_letter_with_the_search_filled_in(reason: str, told: str):
    event: dict[str, Any] = {"primary_payer_id": "payer-1", "payer_id": "payer-2", "reason": reason}

    facts = facts_of("secondary-not-billable", "coverage.secondary.not_billable", **event)

    assert facts["reason"] == told
    search = urlsplit(facts["search_url"])
    assert (search.path, parse_qs(search.query)) == (
        "/search",
        {"plan": ["payer-1", "payer-2"], "state": ["NY"], "lang": ["en"]},
    )


def test_a_session_refused_in_a_pause_leads_to_the_page_that_takes_the_answer(monkeypatch: pytest.MonkeyPatch):
    StoppedClock().install(monkeypatch)
    facts = facts_of("session-refused", "coverage.session.refused", reason="account_paused")

    token = facts["next_url"].removeprefix("https://care.example/coordination/")
    assert links.read("coordination", token, (KEY,)).subject == {"client_id": "client-1", "pause_id": "pause-1"}


CLOSED = Pause("client-1", "pause-1", date(2026, 1, 20), is_open=False)
REFUSALS = {
    "the pause is over": ("account_paused", known(pause=CLOSED), "account_paused", None),
    "the pause is not known": ("account_paused", known(pause=None), "account_paused", None),
    "no plan is active": ("no_active_plan", known(), "no_active_plan", "https://care.example/me/plans"),
    "a reason of later": ("something_new", known(), "no_active_plan", "https://care.example/me/plans"),
    "the first plan cannot be billed": (
        "primary_not_billable",
        known(),
        "primary_not_billable",
        "https://care.example/search?plan=payer-1&plan=payer-2&state=NY&lang=en",
    ),
}


@pytest.mark.parametrize(("reason", "what", "told", "url"), REFUSALS.values(), ids=REFUSALS)
def test_a_refused_session_says_what_helps(reason: str, what: Known, told: str, url: str | None):
    facts = facts_of("session-refused", "coverage.session.refused", what, reason=reason)

    assert (facts["reason"], facts.get("next_url")) == (told, url)


QUESTIONS = {
    "birth_date": "birthday",
    "relation": "whose_plan",
    "employment": "employment",
    "employer_size": "employer_size",
    "medicare_entitlement": "medicare",
    "esrd_month": "medicare",
    "covered_from": "covered_from",
    "continues_from": "covered_from",
    "parents": "parents",
    "custodian": "custody",
    "decree": "court_order",
    "known_to_plan_from": "court_order_known",
    "spouse_of": "step_parent",
    "sex": "mother_or_father",
    "something_new": "other",
}


@pytest.mark.parametrize(("missing", "topic"), QUESTIONS.items())
def test_a_question_is_asked_in_the_letters_own_words_never_in_the_events(missing: str, topic: str):
    facts = facts_of(
        "coordination-question",
        "coverage.coordination.undetermined",
        missing=missing,
        question="Does the kidney disease of patient-1 count for plan own?",
        about=[],
        fallback=["theirs", "own"],
    )

    assert facts["asks_about"] == topic
    assert facts["plans"] == ["Plan Two Health", "Plan One Health"]
    assert "kidney" not in str(facts)


RULES = {
    "payers_agree": "payers_say",
    "no_cob_clause": "rules",
    "nonconforming_clause": "rules",
    "non_dependent_first": "own_plan_first",
    "medicare_reversal": "public_program",
    "court_decree": "court_decree",
    "court_decree_spouse": "court_decree",
    "birthday": "birthday",
    "birthday_both_responsible": "birthday",
    "birthday_joint_custody": "birthday",
    "same_birthday_longer": "longer_coverage_first",
    "gender_rule": "rules",
    "parent_before_step_parent": "custody",
    "custody": "custody",
    "child_and_spouse_longer": "longer_coverage_first",
    "child_and_spouse_birthday": "birthday",
    "active_first": "current_job_first",
    "continuation_last": "continued_coverage_last",
    "longer_coverage": "longer_coverage_first",
    "equal_share": "rules",
    "medicare_working_aged": "public_program",
    "medicare_not_group": "public_program",
    "tricare_after_others": "public_program",
    "champva_after_others": "public_program",
    "medicaid_last": "public_program",
}


@pytest.mark.parametrize(("rule", "reason"), RULES.items())
def test_every_rule_has_its_word_in_the_letter_on_a_corrected_order(rule: str, reason: str):
    assert reorder_reason(rule) == reason


SAME_PAYER = {plan_id: ClientPlan("client-1", plan_id, "payer-1", r, at) for plan_id, r, at in (
    ("a", "self", 1), ("b", "spouse", 0), ("c", "parent", 0), ("d", "parent", 1))}  # fmt: skip
NAMES = {
    "two payers": (PLANS, ["own", "theirs"], ["Plan One Health", "Plan Two Health"]),
    "one payer, two people": (
        SAME_PAYER,
        ["a", "b"],
        ["Plan One Health (your own plan)", "Plan One Health (your spouse's plan)"],
    ),
    "one payer, both parents": (
        SAME_PAYER,
        ["d", "c"],
        ["Plan One Health (a parent's plan) 2", "Plan One Health (a parent's plan) 1"],
    ),
}


@pytest.mark.parametrize(("plans", "order", "names"), NAMES.values(), ids=NAMES)
def test_plans_are_told_apart_by_name(plans: dict[str, ClientPlan], order: list[str], names: list[str]):
    facts = facts_of("plans-reordered", "coverage.plans.coordinated", known(plans=plans), order=order, rule="custody")

    assert facts["plans"] == names


def test_the_call_names_the_line_we_know_as_it_stands_on_a_card():
    issue = {"payer_id": "payer-1", "payer_name": "payer-1", "phone": None, "cause": "x", "opened_on": "2026-02-01"}

    facts = facts_of("coordination-issue", "coverage.account.paused", issues=[issue])

    call = {"payer_name": "Plan One Health", "member_phone": "1-800-555-0111", "member_hours": "Mon-Fri"}
    assert facts["calls"] == [call]
    assert facts["paused_on"] == date(2026, 1, 20)


WEEKDAYS = {"days": ["mon", "tue", "wed", "thu", "fri"], "from_time": "08:00", "to_time": "17:00"}
HOURS: dict[str, Any] = {"opening": [WEEKDAYS], "time_zone": "America/New_York"}
IN_ENGLISH = "Monday to Friday, 8 a.m. to 5 p.m. Eastern Time"
IN_SPANISH = "de lunes a viernes, de 8:00 a. m. a 5:00 p. m., hora del este"


@pytest.mark.parametrize(
    ("told", "listed", "language", "said"),
    [
        (HOURS, {}, "en", IN_ENGLISH),
        (HOURS, {}, "es", IN_SPANISH),
        ({}, HOURS, "es", IN_SPANISH),
        ({"hours": "Mon-Fri 8-5 ET"}, HOURS, "es", IN_SPANISH),
        ({"hours": "Mon-Fri 8-5 ET", "opening": [], "time_zone": None}, {}, "es", "Mon-Fri 8-5 ET"),
    ],
    ids=["told", "told in Spanish", "listed", "words from before the hours were listed", "words alone"],
)
def test_hours_given_as_facts_go_before_the_directorys_words(told: dict, listed: dict, language: str, said: str):
    issue = {"payer_id": "payer-1", "payer_name": "P", "cause": "x", "opened_on": "2026-02-01", **told}
    payer = replace(PAYERS["payer-1"], opening=OpeningHours(**listed))
    what = known(recipient=replace(SAM, language=language), payers={"payer-1": payer})

    facts = facts_of("coordination-issue", "coverage.account.paused", what, issues=[issue])

    assert [call["member_hours"] for call in facts["calls"]] == [said]


def test_nobody_is_asked_to_call_an_id():
    issue = {"payer_id": "P9", "payer_name": "P9", "cause": "x", "opened_on": "2026-02-01"}

    with pytest.raises(MissingFactError, match="payer_unknown"):
        facts_of("coordination-issue", "coverage.account.paused", issues=[issue])


def test_a_person_takes_over_thirty_days_after_the_answer():
    facts = facts_of(
        "coordination-still-open",
        "coverage.coordination.still_open",
        known(confirmed={"payer-1": date(2026, 2, 10)}),
        look_again_on="2026-02-17",
    )

    assert (facts["confirmed_on"], facts["person_from"]) == (date(2026, 2, 10), date(2026, 3, 12))


def test_the_yearly_letter_knows_if_there_are_several_plans():
    facts = facts_of("recertification-due", "coverage.recertification.due")

    assert facts["several_plans"] is (sum(plan.place >= 0 for plan in known().plans.values()) > 1)


def test_a_cost_that_waits_for_nobody_known_is_told_all_the_same():
    facts = facts_of("cost-overdue", "settlement.cost.overdue", awaited_payer_id=None)

    assert facts["waiting_for"] is None


@pytest.mark.parametrize(
    "figures",
    [{"paid_cents": 600, "charged_cents": 3000}, {"paid_cents": None, "charged_cents": 3000, "given_back_cents": 2400}],
    ids=["as settlement says", "as older versions said"],
)
def test_a_later_letter_on_a_cost_counts_what_went_back_already(figures: dict[str, int | None]):
    cost = {"final_cost_cents": 300, "refund_cents": 300, "reason": "payer_corrected"}

    facts = facts_of("cost-final-refund", "settlement.cost.finalized", **figures, **cost)

    assert (facts["paid_cents"], facts["final_cost_cents"], facts["refund_cents"]) == (600, 300, 300)
    assert facts["given_back_cents"] == 2400


def test_the_reason_of_an_open_cost_is_the_true_one():
    facts = facts_of("cost-overdue", "settlement.cost.overdue", reason="claim_not_sent")

    assert facts["reason"] == "claim_not_sent"


def test_the_provider_is_told_initials_only():
    event = an("coverage.account.paused", "client-1")
    what = known(provider=Provider("provider-1", "Kim Rivera", "kim@example.test", datetime(2026, 1, 1, tzinfo=UTC)))
    row = LetterRow(
        "client-1", "id", "provider-client-paused", "provider-1", False, "", event.model_dump(mode="json"),
        MORNING, "sending", MORNING,
    )  # fmt: skip

    facts = compose(row, what, LINKS, MORNING)

    assert facts == {"provider_name": "Kim Rivera", "client_initials": "S. D.", "paused_on": "2026-03-02"}


PHONES = {
    "+18005550142": "1-800-555-0142",
    "+1-800-555-0142": "1-800-555-0142",
    "8005550142": "1-800-555-0142",
    "(800) 555-0142": "1-800-555-0142",
    "1.800.555.0142": "1-800-555-0142",
    "1-800-MEDICARE": "1-800-MEDICARE",
    "800-555-0142 ext. 3": "800-555-0142 ext. 3",
    "+44 20 7946 0018": "+44 20 7946 0018",
    "123": "123",
}


@pytest.mark.parametrize(("stored", "written"), PHONES.items())
def test_a_phone_number_is_written_as_people_read_it(stored: str, written: str):
    assert telephone(stored) == written
