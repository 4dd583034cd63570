"""What stands before every signed page, seen by a reader, by one who knocks too often, and by a forger."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from shared.pages import links
from shared.pages.page_guard import MOST_FORM_BYTES, FormTooLargeError, Guard, Limiter, TooOftenError, form_of

KEY = ("a key of the tests",)
LATER = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
async def now(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The seconds on the clock of the limiters, to be moved by the test."""
    now = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now.seconds)
    return now


async def take(limiter: Limiter, name: str, times: int) -> int:
    """How many of so many requests get through."""
    through = 0
    for _ in range(times):
        try:
            await limiter.take(name)
            through += 1
        except TooOftenError:
            pass
    return through


async def test_a_limiter_lets_a_burst_through_and_fills_up_again_with_time(now: SimpleNamespace):
    limiter = Limiter(60)

    burst, other = await take(limiter, "one", 70), await take(limiter, "another", 1)
    now.seconds = 2.0
    later = await take(limiter, "one", 10)

    assert (burst, other, later) == (60, 1, 2)


async def test_one_who_keeps_knocking_gets_through_as_often_as_one_who_waits(now: SimpleNamespace):
    limiter = Limiter(60)
    await take(limiter, "knocks", 60)
    through = 0
    for tenth in range(1, 101):
        now.seconds = tenth / 10
        through += await take(limiter, "knocks", 1)

    assert through in (9, 10)  # one a second, whatever was refused between


async def test_a_limiter_forgets_names_that_it_has_not_seen_for_longest(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shared.pages.page_guard._MOST_NAMES", 2)
    limiter = Limiter(1)

    assert [await take(limiter, name, 1) for name in ("a", "a", "b", "c", "a")] == [1, 0, 1, 1, 1]


async def test_forgeries_are_limited_apart_so_that_good_links_of_the_same_address_still_open():
    guard = Guard(KEY, Limiter(100), Limiter(2))
    good = links.sign("statement", {"client_id": "client-1"}, KEY, LATER)
    nobodys = links.sign("statement", {"payer_id": "P1"}, KEY, LATER)
    other_purpose = links.sign("coordination", {"client_id": "client-1"}, KEY, LATER)
    outcomes: list[str] = []
    for token in (other_purpose, nobodys, "forged", good):
        try:
            outcomes.append((await guard.open("203.0.113.5", "statement", token)).client_id)
        except (links.BadLinkError, TooOftenError) as error:
            outcomes.append(type(error).__name__)

    assert outcomes == ["BadLinkError", "BadLinkError", "TooOftenError", "client-1"]


async def sent(*chunks: bytes) -> AsyncIterator[bytes]:
    """A form as it comes over the network."""
    for chunk in chunks:
        yield chunk


@pytest.mark.parametrize(
    ("chunks", "fields"),
    [
        pytest.param((b"a=1&b", b"=2&a=3"), {"a": "3", "b": "2"}, id="in pieces, the last value counts"),
        pytest.param((b"",), {}, id="empty"),
        pytest.param((b"a=%ff%00x&b=\xff",), {"a": "\ufffdx", "b": "\ufffd"}, id="not UTF-8, and a NUL"),
    ],
)
async def test_a_form_is_read_whatever_its_bytes(chunks: tuple[bytes, ...], fields: dict[str, str]):
    assert await form_of(sent(*chunks)) == fields


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param((b"a=", b"x" * MOST_FORM_BYTES), id="too many bytes"),
        pytest.param((b"&".join(b"f%d=1" % n for n in range(61)),), id="too many fields"),
    ],
)
async def test_a_form_larger_than_any_answer_is_refused(chunks: tuple[bytes, ...]):
    with pytest.raises(FormTooLargeError):
        await form_of(sent(*chunks))
