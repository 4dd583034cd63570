"""Mail that comes back: through the door, through the command, and what it changes."""

import pytest

from services.notification.pages.pages import pages
from services.notification.sending.bounced import Taken, take_notice
from shared.events.notification import LetterBounced, LetterSkipped, NotificationReviewRequested
from tests.services.notification.bounce_notice import notice

CHARGED = "settlement.client.charged"
PAUSED = "coverage.account.paused"
SECRET = "correct-horse-battery"


async def takes(desk, raw: bytes) -> list[Taken]:
    async with desk.sut.pool.acquire() as connection:
        taken = await take_notice(raw, connection, desk.process().transaction)
    await desk.sut.collect()
    return taken


async def test_a_bounce_is_told_and_nothing_goes_to_the_address_until_it_is_another(desk):
    await desk.knows_everybody()
    await desk.hears(CHARGED)
    (letter,) = await desk.sends()

    assert [(bounce.outcome, bounce.suppressed) for bounce in await takes(desk, notice(letter["message_id"]))] == [
        ("bounced", True)
    ]
    assert [(bounced.letter, bounced.reason) for bounced in desk.sut.all(LetterBounced)] == [
        ("session-charged", "no_such_mailbox")
    ]
    assert desk.sut.none(NotificationReviewRequested)

    await desk.hears(CHARGED, session_id="session-2")
    await desk.sends()
    assert [skipped.reason for skipped in desk.sut.all(LetterSkipped)] == ["address_suppressed"]

    await desk.sut.receives(desk.details(), desk.details(email=f"new-{desk.email}"))
    await desk.hears(CHARGED, session_id="session-3")
    await desk.sends()
    assert len(desk.inbox.to(f"new-{desk.email}")) == 1


async def test_the_same_notice_twice_changes_nothing(desk):
    await desk.knows_everybody()
    await desk.hears(CHARGED)
    (letter,) = await desk.sends()
    await takes(desk, notice(letter["message_id"]))

    assert [bounce.outcome for bounce in await takes(desk, notice(letter["message_id"]))] == ["told_before"]
    assert len(desk.sut.all(LetterBounced)) == 1


LEFT_ALONE = {
    "a full mailbox": ("5.2.2", "mailbox_full"),
    "a server that gave up": ("4.4.7", "mail_returned"),
    "a server that mistrusts us": ("5.7.1", "refused_by_policy"),
}


@pytest.mark.parametrize(("status", "reason"), LEFT_ALONE.values(), ids=LEFT_ALONE)
async def test_what_says_nothing_about_the_mailbox_suppresses_nothing(desk, status, reason):
    await desk.knows_everybody()
    await desk.hears(CHARGED)
    (letter,) = await desk.sends()

    await takes(desk, notice(letter["message_id"], status))

    assert await desk.states() == [("session-charged", "bounced", reason)]
    await desk.hears(CHARGED, session_id="session-2")
    assert len(await desk.sends()) == 2


async def test_a_late_bounce_does_not_suppress_an_address_that_came_after_the_letter(desk):
    await desk.knows_everybody()
    await desk.hears(CHARGED)
    (letter,) = await desk.sends()
    desk.later(minutes=5)
    await desk.sut.receives(desk.details(email=f"new-{desk.email}"))

    assert [(bounce.outcome, bounce.suppressed) for bounce in await takes(desk, notice(letter["message_id"]))] == [
        ("bounced", False)
    ]


async def test_a_bounce_of_the_letter_on_a_pause_goes_to_a_person_and_the_providers_address_is_suppressed_too(desk):
    await desk.knows_everybody()
    await desk.hears(PAUSED, provider_ids=["provider-1"])
    (letter,) = await desk.sends()
    (to_provider,) = desk.inbox.to(f"provider-{desk.email}")

    await takes(desk, notice(letter["message_id"]))
    await takes(desk, notice(to_provider["message_id"]))

    assert desk.sut.only(NotificationReviewRequested).evidence == "bounced: no_such_mailbox"
    assert await desk.sut.pool.fetchval("select suppressed from providers") == f"provider-{desk.email}"


IGNORED = {
    "an unknown letter": (notice("<nobody@knows.example>"), ["unknown_message"]),
    "a letter that is only late": (notice("<nobody@knows.example>", "4.4.1", "delayed"), ["delayed"]),
    "an answer from a person": (b"From: sam@example.test\nSubject: Re: your visit\n\nThanks!", []),
}


@pytest.mark.parametrize(("raw", "outcomes"), IGNORED.values(), ids=IGNORED)
async def test_other_mail_changes_nothing(desk, raw, outcomes):
    assert [bounce.outcome for bounce in await takes(desk, raw)] == outcomes


class NoPool:
    """A door that must not get as far as the database."""

    def acquire(self):
        raise AssertionError("the database was asked")


async def status_at(desk, method: str, path: str, body: bytes = b"", pool=None, **settings) -> tuple[int, bytes]:
    """What the service's pages answer: status and body, without a network."""
    secret = settings.pop("secret", "")
    process = desk.process(**settings)
    process.pool = pool or NoPool()
    app, sent = pages(process), []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80), "headers": [(b"x-bounce-secret", secret.encode())] if secret else [],
    }  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(part.get("body", b"") for part in sent[1:])


async def test_the_door_is_not_there_without_a_secret(desk):
    assert (await status_at(desk, "POST", "/bounces", b"x"))[0] == 404
    assert (await status_at(desk, "GET", "/letters"))[0] == 404, "operators look at letters on their own port"


@pytest.mark.parametrize(
    ("secret", "body", "status"),
    [("", b"x", 403), ("guess", b"x", 403), (SECRET, b"", 400), (SECRET, b"x" * 2_000_001, 413)],
    ids=["no secret", "a wrong one", "nothing in it", "too large"],
)
async def test_the_door_opens_only_to_who_knows_the_secret_and_for_mail_of_a_sensible_size(desk, secret, body, status):
    assert (await status_at(desk, "POST", "/bounces", body, secret=secret, bounce_secret=SECRET))[0] == status


async def test_mail_that_comes_through_the_door_is_taken(desk):
    await desk.knows_everybody()
    await desk.hears(CHARGED)
    (letter,) = await desk.sends()
    known = {"pool": desk.sut.pool, "secret": SECRET, "bounce_secret": SECRET}

    answers = [await status_at(desk, "POST", "/bounces", raw, **known) for raw in (notice(letter["message_id"]), b"Hi")]

    assert answers == [(200, b'{"bounced":1,"ignored":0}'), (200, b'{"bounced":0,"ignored":1}')]


async def test_a_bounce_counts_for_the_address_of_the_letter_alone(desk):
    await desk.knows_everybody()
    await desk.hears(CHARGED)
    (letter,) = await desk.sends()

    (other,) = await takes(desk, notice(letter["message_id"], to="somebody@elsewhere.example"))
    (ours,) = await takes(desk, notice(letter["message_id"], to=desk.email.upper()))

    assert (other.outcome, other.suppressed) == ("other_address", False)
    assert (ours.outcome, ours.suppressed) == ("bounced", True)
