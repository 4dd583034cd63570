"""Every page in a real browser, in each state: axe finds nothing, on a phone in the light and a desktop in the dark."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page

from services.coverage.pages.page_words import FRAME
from services.coverage.pages.plan_page import RELATIONS
from services.coverage.settings import policy
from shared.events.types import Language
from shared.pages.page_frame import LANGUAGES, STYLE

pytestmark = pytest.mark.browser

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIEWS: list[tuple[Any, Any]] = [
    ({"width": 320, "height": 700}, "light"),
    ({"width": 1280, "height": 900}, "dark"),
]
OVER_THE_EDGE = "document.documentElement.scrollWidth > innerWidth + 1"

FIELDS = {"reference": "W" * 200, "called_on": "", "plan": "own", "representative": ""}
CALLS = [
    {
        "number": number,
        "mark": f"mark{number}",
        "payer_id": f"P{number}",
        "name": name,
        "phone": "+1-800-555-0100",
        "dial": "+18005550100",
        "hours": {"en": "Monday to Friday, 8 a.m. to 8 p.m.", "es": "de lunes a viernes, de 8:00 a. m. a 8:00 p. m."},
        "fields": FIELDS,
    }
    for number, name in ((1, "Plan One"), (2, "W" * 120))
]
PLANS = [{"id": "own", "name": "Plan One"}, {"id": "other", "name": "Plan Two"}]
ERRORS = [{"id": "reference-1", "word": "no_reference_number"}, {"id": "called_on-1", "word": "date_unreadable"}]
CALL_FACTS: dict[str, Any] = {
    "calls": CALLS,
    "plans": PLANS,
    "answered": (),
    "received": False,
    "today": "2026-03-02",
    "open_since": None,
    "ended": False,
    "step": None,
    "ended_plan": "",
    "ended_on": "",
    "form_id": "answer",
}
YEARLY = {**CALL_FACTS, "calls": CALLS[:1]}
QUESTIONS = [
    {"name": "employment-0", "fact": "employment", "kind": "choice", "label": "Plan One", "value": ""},
    {"name": "covered_from-1", "fact": "covered_from", "kind": "date", "label": "Plan Two", "value": ""},
    {"name": "employer_size-0", "fact": "employer_size", "kind": "number", "label": "Plan One", "value": "25"},
]
SEARCH: dict[str, Any] = {
    "fields": [
        {"id": f"plan-{n}", "number": n, "value": "", "choices": ["A", "B"] if n == 2 else []} for n in (1, 2, 3)
    ],
    "states": [("NY", "New York"), ("CA", "California")],
    "state": "NY",
    "on": "2026-03-02",
    "name": "",
    "known": ["Plan One"],
    "form_id": "search",
    "shown": [("provider", "d1"), ("cursor", "")],
    "errors": [{"id": "plan-2", "word": "plan_several"}, {"id": "state", "word": "state_missing"}],
    "results": {
        "plans": ["Plan One", "Plan Two"],
        "providers": [
            {
                "id": "d1",
                "name": "Ann Lee",
                "city": "Albany",
                "address": "/search?provider=d1",
                "phone": "+1-800-555-0120",
                "dial": "+18005550120",
                "profile_url": "https://care.example.test/providers/1",
                "booking_url": "https://care.example.test/book/1",
            }
        ],
        "next": "/search?cursor=x",
        "alone": [{"name": "Plan One", "in_network": True, "count": "100+", "address": "/search?plan=P1"}],
        "what_if": {
            "name": "Ann Lee",
            "steps": [
                {
                    "plans": ["Plan One", "Plan Two"],
                    "billed": ["Plan One"],
                    "unbilled": [{"name": "Plan Two", "reason": "provider_not_credentialed"}],
                    "refused": False,
                }
            ],
        },
    },
}
RESULTS = SEARCH["results"]
NAMED: dict[str, Any] = {
    "open": True,
    "received": False,
    "name": "Plan Nine",
    "relations": RELATIONS,
    "member_id": "",
    "relation": "",
}
PROBLEMS = ["bad_link", "not_found", "bad_request", "renewed", "too_slow", "too_often", "too_large", "unavailable"]
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "calls": ("coordination.html", CALL_FACTS),
    "calls with errors": ("coordination.html", {**CALL_FACTS, "errors": ERRORS}),
    "one answered": ("coordination.html", {**CALL_FACTS, "calls": CALLS[1:], "answered": ("One",), "received": True}),
    "nothing open": ("coordination.html", {**CALL_FACTS, "calls": []}),
    "used": ("coordination.html", {**CALL_FACTS, "calls": [], "open_since": date(2026, 3, 2), "form_id": None}),
    "yearly": ("recertification.html", {**YEARLY, "errors": ERRORS}),
    "yearly, which has ended": (
        "recertification.html",
        {**YEARLY, "errors": [{"id": "ended_plan-1", "word": "choice_missing"}]},
    ),
    "yearly, ended": ("recertification.html", {**YEARLY, "received": True, "ended": True}),
    "yearly, one plan": ("recertification.html", {**YEARLY, "plans": PLANS[:1]}),
    "yearly, sure": ("recertification.html", {**YEARLY, "plans": PLANS[:1], "step": "one-plan"}),
    "expired": ("problem.html", {"problem": "expired", "renew_at": "/plan/x"}),
    "question": (
        "question.html",
        {
            "open": True,
            "received": False,
            "errors": [{"id": "employment-0", "word": "choice_missing"}],
            "fields": [{**question, "choices": ("active", "retired", "cobra", "none")} for question in QUESTIONS],
        },
    ),
    "named plan": ("plan.html", {**NAMED, "errors": [{"id": "member_id", "word": "member_id_unreadable"}]}),
    "question answered": ("question.html", {"open": True, "received": True, "fields": []}),
    "question for a person": ("question.html", {"open": True, "received": False, "fields": []}),
    "question, nothing open": ("question.html", {"open": False, "received": False, "fields": []}),
    "named plan, answered": ("plan.html", {**NAMED, "received": True}),
    "named plan, nothing open": ("plan.html", {**NAMED, "open": False}),
    "search": ("search.html", SEARCH),
    "search, not asked yet": ("search.html", {**SEARCH, "errors": [], "results": None}),
    "search, nobody": ("search.html", {**SEARCH, "errors": [], "results": {**RESULTS, "providers": [], "next": None}}),
    **{word: ("problem.html", {"problem": word, "renew_at": None}) for word in PROBLEMS},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_shortcoming(page: Page, name: str, language: Language):
    template, facts = PAGES[name]
    html = FRAME.render(template, language, policy(), {"path": "/coordination/token", **facts})
    assert "<script" not in html
    assert f'<html lang="{language}">' in html
    style = STYLE.read_text()
    page.set_content(html.replace("</head>", f"<style>{style}</style></head>"))

    for size, scheme in VIEWS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        rules = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
        report: dict[str, Any] = page.evaluate("rules => axe.run(rules)", rules)
        wrong = [f"{rule['id']}: {node['html'][:120]}" for rule in report["violations"] for node in rule["nodes"]]
        assert wrong == [], (size, scheme)
        assert not page.evaluate(OVER_THE_EDGE), size
