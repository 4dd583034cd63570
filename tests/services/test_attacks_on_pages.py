"""Links and forms as an attacker sends them: nobody is let in, and nothing breaks.

Forged, altered, swapped, replayed and expired links; headers, templates and paths with code in them; forms that are too
large, too slow, or too deep.
"""

import asyncio
import base64
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from services.coverage.app import SERVICE as COVERAGE
from services.settlement.app import SERVICE as SETTLEMENT
from shared.pages import links, page_guard
from shared.process.process import Process
from tests.harness import ServiceUnderTest
from tests.services.coverage.asgi_browser import Browser
from tests.services.coverage.coverage_events import CLIENT, OWN, entered, ready

KEY = "an attacked key of thirty-two characters"
PURPOSES = ("coordination", "question", "recertification", "plan", "statement")
CODE = [
    "{{7*7}}",
    "${7*7}",
    "<script>alert(1)</script>",
    "'\";drop table client;--",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "\u202e",
    "a" * 4_000,
    "%0d%0aSet-Cookie:%20x=1",
]


def browser(sut: ServiceUnderTest, service: Any, **settings: Any) -> Browser:
    """The service's pages as a browser reaches them."""
    known = {"database_url": SecretStr(sut.dsn), "link_key": SecretStr(KEY), "kafka_bootstrap_servers": "127.0.0.1:1"}
    process = Process(service, service.settings(**{**known, **settings}))
    process.pool = sut.pool
    return Browser(service.pages(process))


def signed(sut: ServiceUnderTest, purpose: Any, key: str = KEY, days: float = 14, **subject: str) -> str:
    """A token of this purpose."""
    subject = {"client_id": "c1", "pause_id": "p", "payer_id": "P1", "missing": "x", **subject}
    return links.sign(purpose, subject, (key,), sut.clock.now + timedelta(days=days))


def altered(token: str) -> list[str]:
    """A genuine token with a part of it changed, cut off, doubled, or taken from elsewhere."""
    payload, signature = token.rsplit(".", 1)
    other = base64.urlsafe_b64encode(b'{"client_id":"c2","exp":9999999999,"v":9}').decode().rstrip("=")
    flipped = payload[:-1] + ("A" if payload[-1] != "A" else "B")
    return [
        f"{flipped}.{signature}",
        f"{other}.{signature}",
        payload,
        f"{payload}.",
        f".{signature}",
        f"{payload}.{signature[::-1]}",
        f"{payload}.{signature}{signature}",
        f"{payload}..{signature}",
        f"{payload}.{signature[:-4]}",
        "",
    ]


def of_service(service: Any) -> tuple[str, ...]:
    """The purposes whose pages the service serves."""
    return PURPOSES[:4] if service is COVERAGE else PURPOSES[4:]


@pytest.mark.parametrize("service", [COVERAGE, SETTLEMENT], ids=lambda service: service.name)
async def test_no_forged_altered_swapped_or_expired_link_lets_anybody_in(service_under_test: Any, service: Any):
    sut = await service_under_test(service)
    site = browser(sut, service)
    bad: list[tuple[str, str]] = []
    for purpose in of_service(service):
        genuine = signed(sut, purpose)
        bad += [(purpose, token) for token in altered(genuine)]
        bad += [(purpose, signed(sut, purpose, key="another key")), (purpose, signed(sut, purpose, key=KEY[:-1]))]
        bad += [(purpose, signed(sut, other)) for other in PURPOSES if other != purpose]
        bad += [(purpose, code) for code in CODE]
        bad += [(purpose, signed(sut, purpose, days=-0.001))]
    for number, ((purpose, token), method) in enumerate(itertools.product(bad, ("get", "post"))):
        site.address = f"2001:db8::{number:x}"  # else the limit on forgeries would answer in the end
        address = f"/{purpose}/{token}"
        form = {"call": "P1", "has_plan": "no", "one_plan": "yes"}
        answer = await (site.get(address) if method == "get" else site.posts(address, form))
        assert answer.status_code in (400, 403, 404, 405, 410), (purpose, method, token[:60])
        assert "set-cookie" not in answer.headers
    await sut.collect()
    assert sut.published == []


async def test_a_genuine_link_opens_with_the_former_key_and_is_answered_once_however_often_replayed(
    service_under_test: Any,
):
    sut = await ready(service_under_test, CLIENT, entered(OWN))
    site = browser(sut, COVERAGE, link_key_before=SecretStr("the former key"))
    old, foreign = signed(sut, "plan", key="the former key"), signed(sut, "plan", key="no key of ours")

    opened = [(await site.get(f"/plan/{token}")).status_code for token in (old, foreign)]
    replayed = [await site.posts(f"/plan/{old}", {"has_plan": "no"}) for _ in range(3)]
    await sut.collect()

    assert opened == [200, 403]
    assert [answer.status_code < 400 for answer in replayed] == [True] * 3
    assert sut.published == []  # no insurer has named a plan: there is nothing to answer


FIELDS = ("call", "reference", "plan", "representative", "has_plan", "member_id", "switch")


@pytest.mark.parametrize("text", CODE, ids=lambda text: text[:20])
async def test_code_in_a_form_or_an_address_stays_text(service_under_test: Any, text: str):
    sut = await ready(service_under_test, CLIENT, entered(OWN))
    site = browser(sut, COVERAGE)
    for purpose in of_service(COVERAGE):
        address = f"/{purpose}/{signed(sut, purpose)}"
        form: dict[str, str] = dict.fromkeys(FIELDS, text)
        for answer in (
            await site.posts(address, form),
            await site.get(f"{address}?lang={text}&done={text}&step={text}"),
        ):
            assert answer.status_code < 500
            assert "<script>" not in answer.text
            assert "49" not in answer.text
            assert "\n" not in answer.headers.get("location", "")


async def test_a_redirect_names_a_path_whatever_host_is_claimed(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN))
    site = browser(sut, COVERAGE)

    answer = await site.posts(f"/coordination/{signed(sut, 'coordination', days=-1)}", {"renew": "yes"})

    assert (answer.status_code, answer.headers["location"].startswith("/coordination/")) == (303, True)


@pytest.mark.parametrize("service", [COVERAGE, SETTLEMENT], ids=lambda service: service.name)
@pytest.mark.parametrize("language", ["en", "es"])
async def test_whoever_loses_the_way_is_told_so_in_words(service_under_test: Any, service: Any, language: str):
    sut = await service_under_test(service)
    site = browser(sut, service)
    purpose = of_service(service)[0]
    token = signed(sut, purpose)
    lost = [f"/nowhere?lang={language}", f"/{purpose}?lang={language}", f"/{purpose}/{token}/more?lang={language}"]
    lost += [f"{path}?lang={language}" for path in ("/metrics", "/docs", "/openapi.json", "/")]

    unknown = [await site.get(path) for path in lost]
    wrong = [await site.method(method, f"/{purpose}/{token}?lang={language}") for method in ("PUT", "DELETE", "PATCH")]

    title = {"en": "There is no such page", "es": "Esta página no existe"}[language]
    assert [(answer.status_code, f"<h1>{title}</h1>" in answer.text) for answer in unknown] == [(404, True)] * 7
    assert [(answer.status_code, f'<html lang="{language}">' in answer.text) for answer in wrong] == [(405, True)] * 3


@pytest.mark.parametrize("service", [COVERAGE, SETTLEMENT], ids=lambda service: service.name)
async def test_head_is_answered_as_get_without_a_body(service_under_test: Any, service: Any):
    sut = await service_under_test(service)
    site = browser(sut, service)
    paths = [f"/{purpose}/{signed(sut, purpose)}" for purpose in of_service(service)]
    paths += [f"/{of_service(service)[0]}/forged", "/nowhere"]
    paths += ["/search", "/plans?q=a", "/pages/style.css"] if service is COVERAGE else ["/statement/style.css"]

    for path in paths:
        got, head = await site.get(path), await site.head(path)
        assert (head.status_code, head.headers, head.content) == (got.status_code, got.headers, b""), path


async def test_forged_links_do_not_use_up_what_good_ones_may(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN))
    site = browser(sut, COVERAGE)
    forged = [(await site.get(f"/plan/forged{n}")).status_code for n in range(500)]

    good = await site.get(f"/plan/{signed(sut, 'plan')}")

    assert set(forged) == {403, 429}
    assert good.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"a=" + b"x" * 1_000_000, id="a megabyte"),
        pytest.param(b"&".join(b"f%d=1" % n for n in range(10_000)), id="ten thousand fields"),
        pytest.param(b"a" + b"[a]" * 5_000 + b"=1", id="deep names"),
        pytest.param(b"\xff\x00" * 20_000, id="no text"),
        pytest.param(b"%" * 60_000, id="broken escapes"),
    ],
)
async def test_large_deep_and_odd_forms_are_refused_in_words(service_under_test: Any, body: bytes):
    sut = await ready(service_under_test, CLIENT, entered(OWN))

    answer = await browser(sut, COVERAGE).post(f"/plan/{signed(sut, 'plan')}", content=body)

    assert answer.status_code in (200, 413)
    assert "<h1" in answer.text


async def test_a_form_that_does_not_come_is_cut_off(service_under_test: Any, monkeypatch: pytest.MonkeyPatch):
    async def trickle() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.01)
            yield b"a"

    monkeypatch.setattr(page_guard, "FORM_SECONDS", 0.05)

    with pytest.raises(page_guard.FormTooSlowError):
        await page_guard.form_of(trickle())
