"""What becomes of a message, for everything that a mail server can answer."""

import asyncio
import ssl
import subprocess
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from shutil import which

import pytest

from services.notification.letters.branding import Branding
from services.notification.letters.letter_kinds import LETTERS
from services.notification.letters.render import render
from services.notification.sending.delivery import Outcome, SmtpSender, Status
from services.notification.sending.message import build
from services.notification.sending.smtp_server import SmtpServer
from tests.services.notification.smtp_script import ScriptedServer, scripted

BRAND = Branding()
SENDER_REFUSED = "the server refused the sender, BRAND_FROM_ADDRESS"
LOGIN_NEEDED = "the server asks for a user and password, or for TLS, which SMTP_URL does not give"
REPEATED = "<sam@example.org> of Sam Doe"


def letter(fact_id: str = "pause-1") -> EmailMessage:
    kind = LETTERS["session-charged"]
    shown = render(kind.name, kind.sample, "es", BRAND)
    return build(shown, to="sam@example.org", fact_id=fact_id, at=datetime(2026, 1, 20, tzinfo=UTC), branding=BRAND)


def url(server: ScriptedServer, options: str = "starttls=never&timeout=2", user: str = "") -> SmtpServer:
    return SmtpServer.from_url(f"smtp://{user}127.0.0.1:{server.port}?{options}")


async def delivered(script: ScriptedServer, times: int = 1, **options: str) -> list[Outcome]:
    async with scripted(script), SmtpSender(url(script, **options)) as sender:
        return [await sender.deliver(letter(f"fact-{number}")) for number in range(times)]


async def test_a_taken_message_is_sent_as_it_was_made():
    script = ScriptedServer()

    assert await delivered(script) == [Outcome(Status.SENT, code="250 2.0.0")]

    assert script.messages[0] == letter("fact-0").as_bytes()
    assert "MAIL FROM:<letters@evergreen-care.example>" in script.commands[1]
    assert script.commands[2] == "RCPT TO:<sam@example.org>"


ANSWERED: dict[str, tuple[dict[str, list[str]], Outcome]] = {
    "no such mailbox": (
        {"RCPT": [f"550 5.1.1 {REPEATED}: unknown"]},
        Outcome(Status.REJECTED, "the recipient was refused: no such mailbox", "550 5.1.1"),
    ),
    "refused without an enhanced code": (
        {"RCPT": [f"553 {REPEATED}"]},
        Outcome(Status.REJECTED, "the recipient was refused", "553"),
    ),
    "mailbox full for now": (
        {"RCPT": [f"452 4.2.2 {REPEATED}"]},
        Outcome(Status.DEFERRED, "the recipient was refused", "452 4.2.2"),
    ),
    "greylisted": ({"RCPT": ["450 wait"]}, Outcome(Status.DEFERRED, "the recipient was refused", "450")),
    "sender refused": (
        {"MAIL": [f"550 5.7.1 {REPEATED}"]},
        Outcome(Status.DEFERRED, f"{SENDER_REFUSED}: refused by the receiver's policy", "550 5.7.1", server_away=True),
    ),
    "sender refused for now": ({"MAIL": ["451 later"]}, Outcome(Status.DEFERRED, SENDER_REFUSED, "451")),
    "asks for a password at the recipient": (
        {"RCPT": [f"530 5.7.0 {REPEATED}"]},
        Outcome(Status.DEFERRED, LOGIN_NEEDED, "530 5.7.0", server_away=True),
    ),
    "message refused before it": (
        {"DATA": ["554 5.7.1 spam"]},
        Outcome(Status.REJECTED, "the message was refused: refused by the receiver's policy", "554 5.7.1"),
    ),
    "message refused after it": (
        {".": [f"552 5.3.4 {REPEATED}"]},
        Outcome(Status.REJECTED, "the message was refused: the message is too large", "552 5.3.4"),
    ),
    "message refused for now": ({".": ["451 busy"]}, Outcome(Status.DEFERRED, "the message was refused", "451")),
    "server closing": (
        {"connect": ["421 closing"]},
        Outcome(Status.DEFERRED, "the server refused the connection", "421", server_away=True),
    ),
    "server that takes nothing": (
        {"connect": ["554 go away"]},
        Outcome(Status.DEFERRED, "the server refused the connection", "554", server_away=True),
    ),
    "hangs up at once": (
        {"connect": ["drop"]},
        Outcome(Status.DEFERRED, "no connection to the server (SMTPConnectError)", server_away=True),
    ),
    "hangs up at the recipient": (
        {"RCPT": ["drop"]},
        Outcome(Status.DEFERRED, "no connection to the server (SMTPServerDisconnected)", server_away=True),
    ),
    "says nothing at the recipient": (
        {"RCPT": ["wait"]},
        Outcome(Status.DEFERRED, "no connection to the server (SMTPReadTimeoutError)", server_away=True),
    ),
    "takes the message and hangs up": (
        {".": ["drop after taking it"]},
        Outcome(Status.UNKNOWN, "the connection was lost before the answer (SMTPServerDisconnected)"),
    ),
    "takes the message and says nothing": (
        {".": ["wait"]},
        Outcome(Status.UNKNOWN, "the connection was lost before the answer (SMTPReadTimeoutError)"),
    ),
}


@pytest.mark.parametrize(("answers", "outcome"), ANSWERED.values(), ids=ANSWERED.keys())
async def test_each_answer_has_its_outcome_without_personal_data(answers: dict[str, list[str]], outcome: Outcome):
    (attempt,) = await delivered(ScriptedServer(answers), options="starttls=never&timeout=0.2")

    assert attempt == outcome
    assert "sam" not in f"{attempt.reason} {attempt.code}".lower()


async def test_nobody_listening_is_a_reason_to_try_later():
    script = ScriptedServer()
    async with scripted(script):
        server = url(script)
    async with SmtpSender(server) as sender:
        outcome = await sender.deliver(letter())

    assert outcome == Outcome(Status.DEFERRED, "no connection to the server (SMTPConnectError)", server_away=True)


async def test_the_second_try_after_a_lost_answer_carries_the_same_message():
    script = ScriptedServer({".": ["drop after taking it"]})
    async with scripted(script), SmtpSender(url(script)) as sender:
        outcomes = [await sender.deliver(letter()) for _ in range(2)]

    assert [outcome.status for outcome in outcomes] == [Status.UNKNOWN, Status.SENT]
    assert script.messages[0] == script.messages[1]


async def test_letters_share_a_connection():
    script = ScriptedServer()

    outcomes = await delivered(script, times=20)

    assert {outcome.status for outcome in outcomes} == {Status.SENT}
    assert script.connections == 1
    assert script.commands[-1] == "QUIT"


async def test_a_refused_letter_does_not_spoil_the_connection_for_the_next():
    script = ScriptedServer({"RCPT": ["550 5.1.1 no"], ".": ["451 busy"]})

    outcomes = await delivered(script, times=3)

    assert [outcome.status for outcome in outcomes] == [Status.REJECTED, Status.DEFERRED, Status.SENT]
    assert script.connections == 1


async def test_a_connection_is_closed_after_as_many_letters_as_it_may_carry():
    script = ScriptedServer()

    await delivered(script, times=5, options="starttls=never&letters_per_connection=2")

    assert script.connections == 3


async def test_a_connection_that_went_stale_is_replaced_before_anything_is_offered():
    script = ScriptedServer({"MAIL": ["250 ok", "drop", "250 ok"]})

    outcomes = await delivered(script, times=2)

    assert [outcome.status for outcome in outcomes] == [Status.SENT, Status.SENT]
    assert (script.connections, len(script.messages)) == (2, 2)


async def test_no_more_connections_are_open_than_allowed():
    script = ScriptedServer()
    async with scripted(script), SmtpSender(url(script, "starttls=never&connections=3")) as sender:
        outcomes = await asyncio.gather(*(sender.deliver(letter(str(number))) for number in range(30)))

    assert {outcome.status for outcome in outcomes} == {Status.SENT}
    assert script.connections == 3
    assert len(script.messages) == 30


async def test_a_sender_that_is_cancelled_leaves_no_half_made_message_behind():
    script = ScriptedServer({"RCPT": ["wait"]})
    async with scripted(script), SmtpSender(url(script, "starttls=never&connections=1")) as sender:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(sender.deliver(letter("a")), 0.1)
        assert (await sender.deliver(letter("b"))).status is Status.SENT

    assert script.connections == 2


async def test_the_password_is_shown_to_the_server_only_after_tls():
    script = ScriptedServer(offers=("AUTH PLAIN",))

    (outcome,) = await delivered(script, options="timeout=2", user="us%40er:p%3Ass@")

    assert outcome.status is Status.DEFERRED
    assert not [command for command in script.commands if command.startswith("AUTH")]


async def test_a_wrong_password_is_about_us_and_not_about_the_letter():
    script = ScriptedServer({"AUTH": ["535 5.7.8 no"]}, offers=("AUTH PLAIN",))

    (outcome,) = await delivered(script, options="starttls=never", user="user:secret@")

    refused = "the server refused user and password of SMTP_URL"
    assert outcome == Outcome(Status.DEFERRED, refused, "535 5.7.8", server_away=True)
    assert "AUTH PLAIN AHVzZXIAc2VjcmV0" in script.commands


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 in one file."""
    if which("openssl") is None:
        pytest.skip("needs the openssl command to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1 "
        "-addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder


def tls_of(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


async def test_tls_begins_before_the_password_and_the_letter(certificate: Path):
    script = ScriptedServer(offers=("STARTTLS", "AUTH PLAIN"), tls=tls_of(certificate))

    (outcome,) = await delivered(script, options=f"ca={certificate / 'cert.pem'}", user="user:secret@")

    assert outcome.status is Status.SENT
    assert script.secured == 1
    verbs = [command.split()[0] for command in script.commands]
    assert verbs[:5] == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL"]


async def test_a_certificate_that_nobody_vouches_for_gets_no_letter(certificate: Path):
    script = ScriptedServer(offers=("STARTTLS",), tls=tls_of(certificate))

    (outcome,) = await delivered(script, options="starttls=always&timeout=2")

    assert outcome.status is Status.DEFERRED
    assert script.messages == []
