"""Whatever stands in a fact comes out as the characters that it is: no markup, no code, no header."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notification.letters.branding import Branding
from services.notification.letters.language import LANGUAGES
from services.notification.letters.letter_kinds import LETTERS
from services.notification.letters.render import render
from services.notification.sending.message import build
from tests.services.notification.letter_cases import facts_for, shape_of, words_of_html, words_of_text

BRAND = Branding()
NASTY = {
    "html": "<script>alert(1)</script><b onclick='x'>&amp; \"q\"",
    "template": "{{ 7*7 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}{# c #}",
    "translation": "%(payer)s %s %% {payer} ${x} {{ _('x') }}",
    "header": "Sam\r\nBcc: everyone@example.org\r\n\r\nBody",
    "comment": "--> <!-- ]]> <![endif]--> </style></title>",
    "right to left": "محمد بن سلمان 12-34 (ע)",
    "turned round": "\u202egnp.exe\u2066",
    "300 characters": "W" * 300,
    "300 right to left": "ש" * 300,
    "emoji": "👩‍👩‍👧 Zoë",
    "dots": "\n.\n..\nFrom me",
}


def _with_text(value: Any, text: str, *, field: str = "") -> Any:
    """The facts with `text` in place of everything that people or payers wrote."""
    match value:
        case dict():
            return {key: _with_text(item, text, field=key) for key, item in value.items()}
        case list():
            return [_with_text(item, text, field=field) for item in value]
        case str() if field.endswith("_name") or field in {"plans", "waiting_for", "question"}:
            return text
        case str() if field == "member_hours":
            return text[:200]
        case str() if field == "member_phone":
            return text[:60]
        case str() if field == "client_initials":
            return text[:10]
        case _:
            return value


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY.keys())
def test_nasty_text_changes_words_and_nothing_else(nasty: str):
    for name in LETTERS:
        facts = facts_for(name, {})
        harmless = render(name, _with_text(facts, "000"), "en", BRAND)
        shown = render(name, _with_text(facts, nasty), "en", BRAND)

        assert shape_of(shown.html) == shape_of(harmless.html)
        assert words_of_html(shown.html) == words_of_text(shown.text)
        assert shown.subject == harmless.subject


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY.keys())
def test_nasty_text_adds_no_header_and_no_part_to_the_message(nasty: str):
    for name in LETTERS:
        shown = render(name, _with_text(facts_for(name, {}), nasty), "en", BRAND)
        sent = build(shown, to="sam@example.org", fact_id=nasty, at=datetime(2026, 1, 20, tzinfo=UTC), branding=BRAND)

        read = message_from_bytes(sent.as_bytes(), policy=default)

        assert "Bcc" not in read
        assert read.keys() == sent.keys()
        assert not read.defects
        text, html = read.iter_parts()
        assert text.get_content().splitlines() == shown.text.splitlines()
        assert html.get_content().splitlines() == shown.html.splitlines()


def test_template_code_in_a_name_stays_the_characters_that_it_is():
    shown = render("account-unpaused", facts_for("account-unpaused", {"plans": ["{{ 7*7 }}", "Two"]}), "en", BRAND)

    assert "1. {{ 7*7 }}" in shown.text
    assert "{{ 7*7 }}" in shown.html


@settings(max_examples=60, deadline=None)
@given(text=st.text(min_size=1, max_size=300).filter(lambda text: any(letter.isalnum() for letter in text)))
def test_no_text_at_all_can_change_the_shape_of_a_letter(text: str):
    for language in LANGUAGES:
        facts = facts_for("coordination-issue", {"first_name": text, "calls": [{"payer_name": text}]}, language)
        shown = render("coordination-issue", facts, language, BRAND)
        plain = render(
            "coordination-issue", facts_for("coordination-issue", {"calls": [{"payer_name": "A"}]}), language, BRAND
        )

        assert shape_of(shown.html) == shape_of(plain.html)


def test_right_to_left_names_are_kept_from_turning_the_sentence_round():
    shown = render("plan-unknown", facts_for("plan-unknown", {"payer_name": "חברה"}), "en", BRAND)

    assert "\u2068חברה\u2069 told us" in shown.text
    assert "\u2068חברה\u2069 told us" in shown.html


def test_left_to_right_names_are_written_as_they_are():
    assert "\u2068" not in render("plan-unknown", facts_for("plan-unknown", {}), "en", BRAND).text


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_fetches_nothing_and_runs_nothing(name: str):
    html = render(name, facts_for(name, {}), "en", BRAND).html

    assert not {tag for tag, _ in shape_of(html)} & {"script", "link", "iframe", "object", "form", "img"}
    assert "@import" not in html
    assert "url(" not in html


def test_a_logo_is_shown_with_the_products_name_as_its_words():
    brand = BRAND.model_copy(update={"logo_url": "https://cdn.example/logo.png"})
    shown = render("plan-unknown", facts_for("plan-unknown", {}), "en", brand)

    assert '<img src="https://cdn.example/logo.png" alt="Evergreen Care"' in shown.html
    assert words_of_html(shown.html) == words_of_text(shown.text)
