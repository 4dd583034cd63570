"""A mail server that does not let us in is said at once, also while no letter is due."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.notification.sending import mail_watch
from services.notification.sending.delivery import Outcome, SmtpSender, Status
from services.notification.sending.mail_watch import ANSWERS, MailWatch
from services.notification.sending.smtp_server import SmtpServer
from tests.services.notification.smtp_script import ScriptedServer, scripted

TAKEN, AWAY = Outcome(Status.SENT), Outcome(Status.DEFERRED, "no connection to the server (OSError)", server_away=True)
LOCKED_OUT = Outcome(Status.DEFERRED, "the server refused user and password of SMTP_URL", "535", server_away=True)
REFUSED = Outcome(Status.REJECTED, "the recipient was refused", "550 5.1.1")
FROM = "letters@example.org"
SAID_AWAY, SAID_BACK = "the mail server takes no letters: they wait", "the mail server takes letters again"


def said(*outcomes: Outcome) -> list[str]:
    watch = MailWatch()
    with capture_logs() as logged:
        for outcome in outcomes:
            watch.heard(outcome)
    return [line["event"] for line in logged]


@pytest.mark.parametrize(
    ("outcomes", "lines"),
    [
        ([TAKEN, REFUSED, TAKEN], []),
        ([AWAY, AWAY], [SAID_AWAY]),
        ([AWAY, REFUSED], [SAID_AWAY, SAID_BACK]),
        ([AWAY, TAKEN, AWAY], [SAID_AWAY, SAID_BACK, SAID_AWAY]),
        ([AWAY, LOCKED_OUT, LOCKED_OUT], [SAID_AWAY, SAID_AWAY]),
    ],
    ids=[
        "a refused recipient is none of it",
        "once",
        "a refused letter shows that it is back",
        "each time anew",
        "another reason",
    ],
)
def test_a_change_is_said_once(outcomes: list[Outcome], lines: list[str]):
    assert said(*outcomes) == lines


def test_the_metric_is_the_last_word():
    said(AWAY)
    assert ANSWERS._value.get() == 0
    said(AWAY, TAKEN)
    assert ANSWERS._value.get() == 1


async def greeted(script: ScriptedServer, user: str = "") -> Outcome:
    async with scripted(script):
        url = f"smtp://{user}127.0.0.1:{script.port}?starttls=never&timeout=2"
        async with SmtpSender(SmtpServer.from_url(url)) as sender:
            return await sender.greet(FROM)


async def test_a_greeting_names_the_sender_and_offers_no_letter():
    script = ScriptedServer()

    assert await greeted(script) == Outcome(Status.SENT)
    assert [command.split()[0] for command in script.commands] == ["EHLO", "MAIL", "QUIT"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("530 5.7.0 log in first", "the server asks for a user and password, or for TLS, which SMTP_URL does not give"),
        ("553 5.7.1 not yours", "the server refused the sender, BRAND_FROM_ADDRESS: refused by the receiver's policy"),
    ],
    ids=["no password given", "a sender that is not ours"],
)
async def test_a_server_that_would_refuse_every_letter_is_known_before_the_first(answer: str, reason: str):
    refused = await greeted(ScriptedServer({"MAIL": [answer]}))

    assert (refused.status, refused.reason, refused.server_away) == (Status.DEFERRED, reason, True)


async def test_an_absent_server_and_a_wrong_password_are_told_apart():
    absent = SmtpSender(SmtpServer.from_url("smtp://127.0.0.1:1?starttls=never&timeout=2"))

    assert (await absent.greet(FROM)).reason.startswith("no connection to the server")
    refusing = ScriptedServer({"AUTH": ["535 5.7.8 no"]}, offers=("AUTH PLAIN",))
    refused = await greeted(refusing, user="someone:wrong@")
    assert refused.server_away
    assert (refused.reason, refused.code) == ("the server refused user and password of SMTP_URL", "535 5.7.8")


async def test_the_server_is_tried_before_any_letter_is_due(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mail_watch, "_EVERY_SECONDS", 0.0)
    process: Any = SimpleNamespace(stopping=asyncio.Event(), pause=asyncio.sleep)
    watch, absent = MailWatch(), SmtpSender(SmtpServer.from_url("smtp://127.0.0.1:1?timeout=2"))
    with capture_logs() as logged:
        trying = asyncio.create_task(watch.keep_trying(process, absent, FROM))
        for _ in range(500):
            if logged:
                break
            await asyncio.sleep(0.01)
        process.stopping.set()
        await trying

    assert [line["event"] for line in logged] == [SAID_AWAY]
