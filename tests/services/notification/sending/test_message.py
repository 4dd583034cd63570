"""A letter as a message: its headers, its two parts, and the same name for the same fact."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from services.notification.letters.address import InvalidAddressError
from services.notification.letters.branding import Branding
from services.notification.letters.language import LANGUAGES, Language
from services.notification.letters.letter_kinds import LETTERS
from services.notification.letters.render import render
from services.notification.sending.message import as_wire, build, message_id

BRAND = Branding(sender_name='Müller & "Sons", Care', from_address="letters@brand.example")
AT = datetime(2026, 1, 20, 9, 30, tzinfo=UTC)


def sent(name: str = "coordination-issue", language: Language = "en", **changes: Any) -> EmailMessage:
    letter = render(name, LETTERS[name].sample_in(language), language, BRAND)
    return build(letter, **({"to": "sam@example.org", "fact_id": "pause-1", "at": AT, "branding": BRAND} | changes))


def received(message: EmailMessage) -> EmailMessage:
    read = message_from_bytes(message.as_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def test_the_headers_are_those_of_a_transactional_letter():
    read = received(sent(language="es"))

    assert {name: str(value) for name, value in read.items() if name != "Content-Type"} == {
        "Message-ID": message_id("coordination-issue", "pause-1", BRAND),
        "Date": "Tue, 20 Jan 2026 09:30:00 +0000",
        "To": "sam@example.org",
        "From": '"Müller & \\"Sons\\", Care" <letters@brand.example>',
        "Reply-To": "support@evergreen-care.example",
        "Subject": "Necesitamos su ayuda: los datos de su seguro",
        "Content-Language": "es",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
    }
    assert read.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LETTERS)
def test_text_comes_first_html_last_and_both_arrive_unharmed(name: str, language: Language):
    letter = render(name, LETTERS[name].sample_in(language), language, BRAND)

    read = received(sent(name, language))

    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content().splitlines() for part in read.iter_parts()] == [
        letter.text.splitlines(),
        letter.html.splitlines(),
    ]


def test_a_message_is_made_of_short_ascii_lines_that_any_server_takes():
    raw = sent(language="es").as_bytes()

    assert raw.isascii()
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_the_same_fact_gives_the_same_bytes():
    assert sent().as_bytes() == sent().as_bytes()


@pytest.mark.parametrize(
    "changes", [{"fact_id": "pause-2"}, {"branding": Branding(from_address="letters@other.example")}]
)
def test_another_fact_or_brand_gives_another_message_id(changes: dict[str, Any]):
    assert sent(**changes)["Message-ID"] != sent()["Message-ID"]
    assert sent("coordination-reminder")["Message-ID"] != sent()["Message-ID"]


def test_a_message_id_holds_nothing_of_the_fact():
    assert re.fullmatch(
        r"<[0-9a-f-]{36}@brand\.example>", message_id("coordination-issue", "client-77/sam@x.org", BRAND)
    )


def test_an_address_with_a_header_in_it_is_refused():
    with pytest.raises(InvalidAddressError):
        sent(to="sam@example.org\r\nBcc: all@example.org")


def test_a_time_without_its_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        sent(at=datetime(2026, 1, 20))  # noqa: DTZ001


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize("to", ["sam@example.org", f"{'s' * 64}@{'long.' * 20}example.org"], ids=["short", "long"])
def test_what_goes_over_the_wire_is_the_message(name: str, language: Language, to: str):
    message = sent(name, language, to=to)

    assert as_wire(message) == message.as_bytes()
