"""The inbox: every letter is shown as it came, and it misbehaves on demand as mail servers do."""

import json
import smtplib
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.mailbox.inbox import MOST_LETTERS, Inbox
from deploy.embedded.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("own-inbox")]


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Stack]:
    """An inbox of this module's own, since its faults would meet other tests' letters."""
    with Stack.start(environ={}, kafka=False, postgres=False) as started:
        yield started


@pytest.fixture(autouse=True)
def empty(mailbox: Stack) -> None:
    """No letters and no faults before each test."""
    call(mailbox, "DELETE", "/letters")
    call(mailbox, "DELETE", "/faults")


def call(mailbox: Stack, method: str, path: str, body: Any = None) -> Any:
    """What the page answers; JSON is read."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{mailbox.inbox_url}{path}", data, method=method)) as answer:
        text = answer.read().decode()
        return json.loads(text) if answer.headers["content-type"] == "application/json" else text


def connection(mailbox: Stack) -> smtplib.SMTP:
    """A connection to the mail server."""
    host, _, port = mailbox.smtp_url.removeprefix("smtp://").partition(":")
    return smtplib.SMTP(host, int(port), timeout=5)


def letter(subject: str = "Costs", html: str | None = "<p>Hello <b>you</b></p>") -> EmailMessage:
    """A letter with a text and perhaps an HTML form."""
    message = EmailMessage()
    message["Subject"], message["From"], message["Message-ID"] = subject, "us@shop.example", "<fact-1@shop.example>"
    message.set_content("Hello you\n")
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def send(mailbox: Stack, to: str | list[str], message: EmailMessage | None = None) -> dict[str, tuple[int, bytes]]:
    """Send a letter; the refused recipients with the server's answer."""
    with connection(mailbox) as server:
        return server.send_message(message or letter(), "us@shop.example", to)


def subjects(mailbox: Stack, query: str = "") -> list[str]:
    """The subjects of the letters that are there, newest first."""
    return [letter["subject"] for letter in call(mailbox, "GET", f"/letters.json{query}")]


def test_a_letter_is_shown_in_every_form(mailbox: Stack):
    send(mailbox, ["ana@home.example"], letter("Kosten für März"))

    (shown,) = call(mailbox, "GET", "/letters.json")
    where = f"/letters/{shown['number']}"

    assert (shown["subject"], shown["to"], shown["from"], shown["message_id"]) == (
        "Kosten für März",
        ["ana@home.example"],
        "us@shop.example",
        "<fact-1@shop.example>",
    )
    assert "Kosten für März" in call(mailbox, "GET", "/")
    assert f'src="{where}.html"' in call(mailbox, "GET", where)
    assert "<b>you</b>" in call(mailbox, "GET", f"{where}.html")
    assert call(mailbox, "GET", f"{where}.txt").strip() == "Hello you"
    assert "Message-ID: <fact-1@shop.example>" in call(mailbox, "GET", f"{where}.eml")


def test_the_newest_letter_comes_first_and_the_list_can_be_of_one_recipient(mailbox: Stack):
    for number, to in enumerate(["ana@home.example", "Ben@home.example", "ana@home.example"]):
        send(mailbox, to, letter(f"letter {number}"))

    assert subjects(mailbox) == ["letter 2", "letter 1", "letter 0"]
    assert subjects(mailbox, "?to=ben@HOME.example") == ["letter 1"]


def test_a_letter_without_html_is_shown_as_text(mailbox: Stack):
    send(mailbox, "ana@home.example", letter(html=None))
    (shown,) = call(mailbox, "GET", "/letters.json")

    assert "<pre>Hello you" in call(mailbox, "GET", f"/letters/{shown['number']}")


def test_what_a_letter_contains_cannot_act_on_the_page(mailbox: Stack):
    send(mailbox, "ana@home.example", letter("<script>alert(1)</script>", "<script>alert(2)</script>"))
    (shown,) = call(mailbox, "GET", "/letters.json")
    where = f"{mailbox.inbox_url}/letters/{shown['number']}"

    assert "<script>" not in call(mailbox, "GET", "/") + call(mailbox, "GET", f"/letters/{shown['number']}")
    with urllib.request.urlopen(f"{where}.html") as answer:
        policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


def test_a_page_under_another_name_cannot_read_the_letters(mailbox: Stack):
    request = urllib.request.Request(f"{mailbox.inbox_url}/letters.json", headers={"host": "evil.example"})

    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(request)


def test_a_login_is_accepted_and_not_needed(mailbox: Stack):
    with connection(mailbox) as server:
        server.login("any", "thing")
        server.send_message(letter("with"), "us@shop.example", "ana@home.example")
    send(mailbox, "ana@home.example", letter("without"))

    assert subjects(mailbox) == ["without", "with"]


@pytest.mark.parametrize("reply", ["450 4.2.1 mailbox busy", "550 5.1.1 no such mailbox"])
def test_a_recipient_can_be_refused_beside_one_that_is_not(mailbox: Stack, reply: str):
    call(mailbox, "POST", "/faults", {"to": "*@Bad.example", "reply": reply})

    refused = send(mailbox, ["x@bad.example", "ana@home.example"])

    assert refused == {"x@bad.example": (int(reply[:3]), reply[4:].encode())}
    assert [letter["to"] for letter in call(mailbox, "GET", "/letters.json")] == [["ana@home.example"]]


def test_a_letter_can_be_refused_after_its_text(mailbox: Stack):
    call(mailbox, "POST", "/faults", {"to": "ana@*", "at": "data", "reply": "554 5.7.1 looks like spam", "times": 1})

    with pytest.raises(smtplib.SMTPDataError) as refusal:
        send(mailbox, "ana@home.example")

    assert refusal.value.smtp_code == 554
    assert subjects(mailbox) == []
    assert send(mailbox, "ana@home.example") == {}, "the fault was for one time"


@pytest.mark.parametrize(("kept", "arrived"), [(True, ["Costs"]), (False, [])], ids=["kept", "lost"])
def test_the_connection_can_drop_before_the_answer(mailbox: Stack, kept: bool, arrived: list[str]):
    call(mailbox, "POST", "/faults", {"at": "answer", "kept": kept, "times": 1})

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(mailbox, "ana@home.example")

    assert subjects(mailbox) == arrived
    assert call(mailbox, "GET", "/faults") == []


@pytest.mark.parametrize(
    "fault", [{"reply": "200 fine"}, {"at": "noon"}, {"times": 0}, {"colour": "red"}, {"reply": "550 two\r\nlines"}]
)
def test_a_fault_that_makes_no_sense_is_refused(mailbox: Stack, fault: dict[str, Any]):
    with pytest.raises(urllib.error.HTTPError, match="422"):
        call(mailbox, "POST", "/faults", fault)

    assert call(mailbox, "GET", "/faults") == []


def test_letters_are_there_again_after_a_restart(tmp_path: Path):
    before = Inbox(tmp_path)
    before.load()
    before.keep("us@shop.example", ["ana@home.example"], letter().as_bytes())

    after = Inbox(tmp_path)
    after.load()
    after.keep("us@shop.example", ["ben@home.example"], letter().as_bytes())

    assert [(letter.number, letter.recipients) for letter in after.letters] == [
        (1, ["ana@home.example"]),
        (2, ["ben@home.example"]),
    ]
    assert after.letters[0] == before.letters[0]


def test_the_oldest_letter_goes_when_there_are_too_many(tmp_path: Path):
    inbox = Inbox(tmp_path)
    inbox.load()
    for number in range(MOST_LETTERS + 1):
        inbox.keep("us@shop.example", [f"{number}@home.example"], b"\r\n")

    assert len(inbox.letters) == MOST_LETTERS
    assert inbox.letters[0].number == 2
    assert len(list(tmp_path.glob("*.eml"))) == MOST_LETTERS
