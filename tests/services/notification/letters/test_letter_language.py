"""How each language writes a date, a sum and a telephone number, and which one a client gets."""

from datetime import date

import pytest

from services.notification.letters.language import Language, closest_language, day, dialled, in_words, money


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("es", "es"),
        ("es-MX", "es"),
        ("ES_us", "es"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_client_gets_the_closest_language(tag: str | None, language: Language):
    assert closest_language(tag) == language


@pytest.mark.parametrize(
    ("cents", "english", "spanish"),
    [
        (0, "$0.00", "$0.00"),
        (5, "$0.05", "$0.05"),
        (123450, "$1,234.50", "$1,234.50"),
        (99999999, "$999,999.99", "$999,999.99"),
    ],
)
def test_money_is_written_to_the_cent(cents: int, english: str, spanish: str):
    assert (money(cents, "en"), money(cents, "es")) == (english, spanish)


def test_a_date_is_written_in_full_in_each_language():
    assert day(date(2026, 1, 5), "en") == "January 5, 2026"
    assert day(date(2026, 1, 5), "es") == "5 de enero de 2026"


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("1-800-555-0142", "+18005550142"),
        ("(800) 555-0142", "+18005550142"),
        ("800.555.0142 ext. 5", "+18005550142"),
        ("800-555-0142 (TTY 711)", "+18005550142"),
        ("1-800-MEDICARE", "+18006334227"),
        ("+44 20 7946 0958", "+442079460958"),
        ("+1 (800) 555-0142", "+18005550142"),
        ("711", ""),
        ("see your card", ""),
        ("", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_a_written_number_becomes_one_that_a_phone_can_dial(written: str, called: str):
    assert dialled(written) == called


def test_words_are_put_into_a_template_with_its_facts_still_open():
    source = '{{ _("Open: %(hours)s", hours=call.member_hours) }} {{ _("Why") }} {{ other }}'

    assert in_words(source, "es") == "Horario: {{ call.member_hours }} Por qué {{ other }}"
    assert in_words(source, "en") == "Open: {{ call.member_hours }} Why {{ other }}"


@pytest.mark.parametrize(
    "source", ['{{ _("Open: %(hours)s") }}', '{{ _("Why", hours=1) }}', '{{ _("Why {{ brand }}") }}']
)
def test_words_that_do_not_fit_their_facts_stop_the_template(source: str):
    with pytest.raises(ValueError, match="does not fit its facts"):
        in_words(source, "en")
