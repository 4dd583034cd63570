"""Every letter, along each of its branches and in both languages: complete, plain, equal as text and as HTML."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from services.notification.letters.branding import Branding
from services.notification.letters.language import LANGUAGES, Language
from services.notification.letters.letter_kinds import FOLDER, LETTERS
from services.notification.letters.render import Letter, render
from tests.reading import ease, grade, words_of
from tests.services.notification.letter_cases import (
    CLIENT_LETTERS,
    IDS,
    SILENT,
    VARIANTS,
    facts_for,
    links_of,
    sentences_of,
    words_of_html,
    words_of_text,
)

BRAND = Branding()
FIELD_SENTENCE = (
    "My provider let me know there's an issue with my coordination of benefits—could you let me know which of my plans "
    "is primary?"
)
every_letter = pytest.mark.parametrize(("name", "changes"), VARIANTS, ids=IDS)
both_languages = pytest.mark.parametrize("language", LANGUAGES)


def letter(name: str, language: Language = "en", **changes: Any) -> Letter:
    return _letter(name, language, json.dumps(changes))


@cache
def _letter(name: str, language: Language, changes: str) -> Letter:
    return render(name, facts_for(name, json.loads(changes), language), language, BRAND)


def in_both_languages(name: str, changes: dict[str, Any]) -> list[tuple[Language, Letter]]:
    return [(language, letter(name, language, **changes)) for language in LANGUAGES]


def test_the_promised_letters_exist_each_with_its_three_files():
    promised = """
        coordination-issue coordination-reminder coordination-still-open account-unpaused plans-reordered
        recertification-due secondary-not-billable cost-final-refund cost-final-balance cost-final-unchanged
        cost-overdue session-charged session-cancelled session-refused coordination-question plan-unknown new-link
        provider-client-paused
    """
    assert sorted(LETTERS) == sorted(promised.split())
    for kind in LETTERS.values():
        assert {"subject.txt", "body.txt", "body.mjml"} <= {file.name for file in kind.folder.iterdir()}
    folders = {folder.name for folder in FOLDER.iterdir() if folder.is_dir()}
    assert folders == {*LETTERS, "layout"}


@every_letter
def test_text_and_html_say_the_same_in_the_same_order(name: str, changes: dict[str, Any]):
    for _, shown in in_both_languages(name, changes):
        assert words_of_html(shown.html) == words_of_text(shown.text)


@every_letter
def test_no_template_code_and_no_hole_is_left(name: str, changes: dict[str, Any]):
    for language, shown in in_both_languages(name, changes):
        for part in (shown.subject, shown.text, shown.html):
            assert not re.search(r"{{|}}|{%|%}|jinja\d|%\(|\bNone\b|\bTrue\b|Undefined", part)
            assert part.strip()
        assert f'lang="{language}"' in shown.html
        assert "\n\n\n" not in shown.text


@every_letter
def test_sentences_have_20_words_or_fewer(name: str, changes: dict[str, Any]):
    for _, shown in in_both_languages(name, changes):
        assert [sentence for sentence in sentences_of(shown.text) if len(sentence.split()) > 20] == []


@every_letter
def test_letters_are_read_at_grade_6_or_lower_and_easily_in_spanish(name: str, changes: dict[str, Any]):
    english, spanish = (
        [sentence for sentence in sentences_of(letter(name, language, **changes).text) if len(words_of([sentence])) > 4]
        for language in LANGUAGES
    )  # headings and lists alone would read as easy

    assert grade(english) <= 6
    assert ease(spanish) >= 65


@every_letter
def test_coordination_of_benefits_is_explained_once_where_it_is_named(name: str, changes: dict[str, Any]):
    for language, shown in in_both_languages(name, changes):
        text = re.sub(r"“[^”]*”", "", shown.text).lower()
        term = {"en": "coordination of benefits", "es": "coordinación de beneficios"}[language]
        how = {"en": "how insurers decide which plan pays", "es": "así deciden las aseguradoras qué plan paga"}
        explained = text.count(how[language])

        assert explained == (1 if term in text else 0)


@both_languages
@pytest.mark.parametrize("name", LETTERS)
def test_a_subject_is_short_and_neutral(name: str, language: Language):
    subject = letter(name, language).subject

    assert len(subject) <= 60
    assert not re.search(r"\d{3}|\$|Sam|Bluebird|Harbor|Rivera|therap|mental|health", subject, re.IGNORECASE)


@every_letter
def test_nothing_is_said_about_health_care_or_money_beyond_need(name: str, changes: dict[str, Any]):
    of_cost = name.startswith("cost-") or name == "session-cancelled"
    of_money = of_cost or (name == "session-charged" and "charged_cents" not in changes)
    for _, shown in in_both_languages(name, changes):
        assert not re.search(
            r"therap|mental|psych|diagnos|kidney|disab|terap|psic|riñ|discap", shown.text, re.IGNORECASE
        )
        assert ("$" in shown.text) == of_money
        assert "Rivera" not in shown.text or name == "provider-client-paused"


CALLING = ["coordination-issue", "coordination-reminder", "coordination-still-open"]


@pytest.mark.parametrize("name", CALLING)
def test_a_calling_letter_says_whom_to_call_what_to_say_what_to_note_and_how_to_answer(name: str):
    shown = letter(name, calls=[{"payer_name": "Bluebird", "member_phone": "1-800-555-0142", "member_hours": "9 to 5"}])

    assert f"“{FIELD_SENTENCE}”" in shown.text
    for needed in (
        "Call the member number on the back of your insurance card.",
        "The number we know: 1-800-555-0142",
        "Open: 9 to 5",
        "“Please update your records.”",
        "“May I have a reference number?”",
        "- The reference number of the call",
        "- The date",
        "- The name of the person you spoke with",
        "- The plan that they say is primary",
        "https://evergreen-care.example/coordination/x7Qm2nT4",
        "works until February 19, 2026",
    ):
        assert needed in shown.text
    assert "tel:+18005550142" in links_of(shown.html)
    assert "https://evergreen-care.example/coordination/x7Qm2nT4" in links_of(shown.html)


@pytest.mark.parametrize("name", ["coordination-issue", "coordination-reminder", "recertification-due", "plan-unknown"])
def test_a_letter_that_asks_for_a_call_says_that_nobody_else_can_make_it(name: str):
    assert "Neither we nor your provider can call for you." in letter(name).text


@pytest.mark.parametrize("name", [*CALLING, "recertification-due"])
def test_a_payer_without_a_number_still_gets_the_reader_to_a_phone(name: str):
    shown = letter(name, calls=[SILENT])

    assert "We do not have a number for this insurer." in shown.text
    assert "Call the member number on the back of your insurance card." in shown.text
    assert not [link for link in links_of(shown.html) if link.startswith("tel:")]


def test_two_insurers_in_dispute_are_called_in_order():
    text = letter("coordination-issue", calls=[{"payer_name": "Bluebird"}, {"payer_name": "Harbor"}]).text

    assert "Who to call, in this order" in text
    assert "Two of your insurers have a question" in text
    assert text.index("Bluebird") < text.index("Harbor") < text.index(FIELD_SENTENCE)
    assert "After the first call, also tell each insurer what the one before it said." in text


def test_the_spanish_letter_gives_the_sentence_in_both_languages():
    shown = letter("coordination-issue", "es")

    assert "“Mi proveedor me avisó que hay un problema con mi coordinación de beneficios." in shown.text
    assert f"“{FIELD_SENTENCE}”" in shown.text
    assert '<span lang="en"' in shown.html


@pytest.mark.parametrize("name", CLIENT_LETTERS)
def test_a_client_is_greeted_by_name_and_told_where_to_ask(name: str):
    text = letter(name, first_name="Noor").text

    assert "Hello Noor," in text
    assert BRAND.support_address in text


def test_the_provider_has_nothing_to_do_and_safe_pay():
    text = letter("provider-client-paused").text

    assert "There is nothing for you to do" in text
    assert "Your pay for the visits that you held before is safe." in text
    assert "S. D." in text
    assert "Sam" not in text


def test_the_version_changes_with_the_language_and_the_letter_only():
    versions = {letter(name, language).version for name in LETTERS for language in get_args(Language)}

    assert len(versions) == 2 * len(LETTERS)
    assert letter("plan-unknown").version == letter("plan-unknown", pays_first=False).version


def test_every_sentence_has_its_spanish_one_with_the_same_facts():
    with (FOLDER / "es.po").open("rb") as file:
        catalogue = read_po(file, locale="es")
    methods = [("**.txt", "jinja2"), ("**.mjml", "jinja2")]
    used = {str(message) for _, _, message, *_ in extract_from_dir(Path(FOLDER), methods)}
    translated = {
        message.id if isinstance(message.id, str) else str(tuple(message.id)) for message in catalogue if message.id
    }

    assert used == translated
    assert [str(problem) for _, problems in catalogue.check() for problem in problems] == []
    for message in catalogue:
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(words), message.id
        assert not message.fuzzy


@every_letter
def test_no_english_sentence_stays_in_a_spanish_letter(name: str, changes: dict[str, Any]):
    if name == "coordination-question":
        changes = {**changes, "question": "¿Qué tarjeta?"}
    text = re.sub(r"“[^”]*”", "", letter(name, "es", **changes).text)

    assert not re.search(r"\b(the|your|and|you|is|of)\b", text, re.IGNORECASE)
