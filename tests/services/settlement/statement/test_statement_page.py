"""The client's statement behind its signed link: what it says of each stage, in both languages, and to whom."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from services.settlement.app import SERVICE
from services.settlement.statement import page_words
from services.settlement.statement.statement import Why
from shared.events.directory import PayerListed
from shared.events.notification import LinksEnded
from shared.events.settlement import RefundRequested, SettlementLinkRequested
from shared.pages import links
from shared.pages.page_frame import FRAME
from shared.process.process import Process
from tests.harness import ServiceUnderTest
from tests.services.coverage.asgi_browser import Browser
from tests.services.settlement import asgi_reader
from tests.services.settlement.settlement_events import (
    CANCELLED,
    COMPLETED,
    PRIMARY,
    RATE,
    SECONDARY,
    answered,
    cleared,
    paid,
    rate,
    refunded,
    submitted,
    withheld,
)

KEY = "a key of the tests"
PAYERS = [
    PayerListed(payer_id="ONE", name="Plan <One> & Sons", coordination_method="lesser_of"),
    PayerListed(payer_id="TWO", name="Plan Two", coordination_method="maintenance_of_benefits"),
]


@pytest.fixture
async def settlement(service_under_test: Any) -> ServiceUnderTest:
    sut = await service_under_test(SERVICE)
    await sut.given(RATE, *PAYERS)
    return sut


def pages(sut: ServiceUnderTest, **changes: Any) -> Any:
    """The service's pages as a browser reaches them."""
    known: dict[str, Any] = {"link_key": SecretStr(KEY), "kafka_bootstrap_servers": "127.0.0.1:1", **changes}
    process = Process(SERVICE, SERVICE.settings(database_url=SecretStr(sut.dsn), **known))
    process.pool = sut.pool
    make_pages: Any = SERVICE.pages
    return make_pages(process)


def link(sut: ServiceUnderTest, client: str = "c", key: str = KEY, days: int = 30, **about: str) -> str:
    """A signed link as a letter carries it."""
    token = links.sign("statement", {"client_id": client, **about}, (key,), sut.clock.now + timedelta(days=days))
    return links.page("", "statement", token)


async def shown(sut: ServiceUnderTest, language: str = "") -> str:
    """The page's words, without its marks."""
    answer = await asgi_reader.get(pages(sut), link(sut), language)
    assert answer.status == 200
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


SECONDS_SHARE = {"deductible_remaining_cents": 0, "coinsurance_percent": 20.0, "confidence": "high"}
STAGES = [
    pytest.param(
        [cleared(), paid(3000)],
        "We expect it to be between $0.00 and $30.00. Next: the visit takes place. Today is day 0 of 90. "
        "We promise your final cost by May 31, 2026. What you paid is an estimate, from your first plan's",
        id="confirmed",
    ),
    pytest.param(
        [cleared(), COMPLETED, submitted("primary", "own", "ONE")],
        "Next: Plan <One> & Sons answers. Plans often take 30 to 45 days.",
        id="at the primary",
    ),
    pytest.param(
        [cleared(), paid(3000), COMPLETED, submitted("primary", "own", "ONE"), PRIMARY],
        "We expect it to be between $0.00 and $30.00. Next: we send the claim to Plan Two.",
        id="at the secondary, whose terms are not known",
    ),
    pytest.param(
        [rate(15000, "TWO"), cleared(secondary_cost_share=SECONDS_SHARE), paid(3000), COMPLETED, PRIMARY],
        "We expect it to be between $6.00 and $30.00.",
        id="at the secondary, whose terms are known",
    ),
    pytest.param(
        [cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY],
        "Your final cost is $6.00. $24.00 is on its way back to you. Your bank may need a few days to show it. "
        "Your other plan paid a part of what your first plan had left to you.",
        id="refund",
    ),
    pytest.param(
        [cleared(), paid(3000), COMPLETED, PRIMARY, withheld()],
        "Your final cost is $30.00. You owe nothing more, and nothing goes back. "
        "There is no refund, because we could not bill your second plan for this visit.",
        id="no refund",
    ),
    pytest.param(
        [
            cleared(),
            paid(3000),
            COMPLETED,
            withheld(),
            answered("primary", 10000, [("CO", "45", 7000), ("PR", "1", 5000)]),
        ],
        "Your final cost is $50.00. You still owe $20.00. "
        "Your plan put more of the cost on your deductible than we had estimated.",
        id="balance",
    ),
    pytest.param(
        [cleared(), paid(3000), CANCELLED],
        "This visit was cancelled. $30.00 is on its way back to you.",
        id="cancelled",
    ),
    pytest.param(
        [cleared(rate_payer_id="TWO")], "You are not charged before. Today is day 0 of 90.", id="the rate is missing"
    ),
    pytest.param(
        [
            cleared(),
            paid(3000),
            COMPLETED,
            PRIMARY,
            submitted("secondary", "spouses", "TWO"),
            answered("secondary", 0, [("CO", "29", 22000)], claim_status="4"),
        ],
        "between $0.00 and $30.00. Plan Two has answered, but has not decided yet.",
        id="the secondary's denial settles nothing",
    ),
]


@pytest.mark.parametrize(("events", "said"), STAGES)
async def test_the_page_says_how_a_session_stands(settlement: ServiceUnderTest, events: list[Any], said: str):
    await settlement.given(*events)

    words = await shown(settlement)
    assert said in words, words[150:700]


async def test_the_page_shows_each_plans_figures_reasons_and_the_sum(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)

    words = await shown(settlement)

    for part in (
        "Plan <One> & Sons (pays first) What Amount Full charge for the visit $220.00 The plan paid $120.00 "
        "A discount agreed with the plan. Nobody bills you. $70.00 "
        "Your coinsurance: your share of the cost. This part is yours. $30.00 The plan leaves to you $30.00",
        "Plan Two (pays second) What Amount Full charge for the visit $220.00 The plan paid $24.00 "
        "Another plan has taken care of this part. $190.00",
        "Your payments What Amount You paid $30.00 On its way back to you -$24.00 Your final cost $6.00",
        "Your provider confirmed the visit. March 2, 2026",
    ):
        assert part in words


async def test_money_that_went_back_is_told_with_its_day_and_money_on_its_way_as_that(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY)
    await settlement.receives(SECONDARY)
    key = settlement.only(RefundRequested).idempotency_key
    before = await shown(settlement)
    settlement.clock.now += timedelta(days=1)
    await settlement.given(refunded(2400, key))
    settlement.clock.now += timedelta(days=5)
    after, spanish = await shown(settlement), await shown(settlement, "es")

    assert "$24.00 is on its way back to you." in before
    assert "Your final cost is $6.00. $24.00 went back to you on March 3, 2026. Your other plan" in after
    assert "Went back to you -$24.00 Your final cost $6.00" in after
    assert "El 3 de marzo de 2026 le devolvimos $24.00." in spanish


async def test_two_visits_of_one_day_can_be_told_apart(settlement: ServiceUnderTest):
    second = cleared(session_id="another")
    await settlement.given(cleared(), second)

    words = await shown(settlement)
    alone = await asgi_reader.get(pages(settlement), link(settlement, session_id="another"), "es")

    assert "Visit of March 2, 2026 (1 of 2 on that day)" in words
    assert "Visit of March 2, 2026 (2 of 2 on that day)" in words
    assert re.search(r"Cita del 2 de marzo de 2026 \([12] de 2 de ese día\)", alone.text)


async def test_day_90_is_told_and_an_answer_afterwards_too(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY)
    await settlement.passes(days=91)
    assert "After 90 days the cost is still open." in await shown(settlement)

    await settlement.given(SECONDARY)
    assert "$24.00 is on its way back to you." in await shown(settlement)


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "es-MX,es;q=0.9,en;q=0.8", "es"),
        ("", "fr,es", "es"),
        ("?lang=en", "es", "en"),
        ("?lang=xx", "", "en"),
    ],
    ids=["nothing", "browser", "browser's second", "chosen", "unknown"],
)
async def test_the_reader_has_their_language(settlement: ServiceUnderTest, asked: str, accepted: str, language: str):
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)

    answer = await asgi_reader.get(pages(settlement), link(settlement) + asked, accepted)

    assert f'<html lang="{language}">' in answer.text
    assert ("Cita del 2 de marzo de 2026" in answer.text) == (language == "es")


async def test_a_page_is_one_clients_and_says_nothing_to_caches_or_other_sites(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), cleared(client_id="another", session_id="theirs"))

    answer = await asgi_reader.get(pages(settlement), link(settlement))
    nobody = await asgi_reader.get(pages(settlement), link(settlement, client="nobody"))

    assert ("visit-s" in answer.text, "theirs" in answer.text, "<script" in answer.text) == (True, False, False)
    assert "There is no visit to show yet." in nobody.text
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert await settlement.pool.fetchval("select count(*) from outbox") == 0


@pytest.mark.parametrize(
    ("make", "status", "said"),
    [
        (lambda sut: link(sut, key="another key"), 403, "This link does not work"),
        (lambda sut: link(sut)[:-3], 403, "This link does not work"),
        (lambda sut: "/statement/" + "x" * 5_000, 403, "This link does not work"),
        (lambda sut: link(sut, days=-1), 410, "This link has expired"),
        (lambda sut: link(sut, days=-1) + "?lang=es", 410, "Este enlace ya venció"),
    ],
    ids=["forged", "cut short", "too long", "expired", "expired in Spanish"],
)
async def test_a_link_that_is_not_good_says_so(settlement: ServiceUnderTest, make: Any, status: int, said: str):
    answer = await asgi_reader.get(pages(settlement), make(settlement))

    assert (answer.status, said in answer.text) == (status, True)


async def test_who_asks_too_often_waits_and_sees_no_traceback(settlement: ServiceUnderTest):
    site = pages(settlement, address_per_minute=2)
    answers = [await asgi_reader.get(site, link(settlement)) for _ in range(3)]
    await settlement.pool.execute("alter table sessions rename to gone")
    broken = await asgi_reader.get(pages(settlement), link(settlement))

    assert ([answer.status for answer in answers], answers[2].headers["retry-after"]) == ([200, 200, 429], "60")
    assert (broken.status, "Traceback" in broken.text) == (503, False)


def test_both_languages_have_the_same_texts_and_the_same_blanks():
    english, spanish = page_words.words("en"), page_words.words("es")

    def blanks(texts: dict[str, str]) -> dict[str, list[str]]:
        return {name: sorted(re.findall(r"{(\w+)}", text)) for name, text in texts.items()}

    assert blanks(english) == blanks(spanish)
    assert all([*english.values(), *spanish.values()])
    assert {f"why_{why}" for why in Why} <= english.keys()


def test_every_text_that_templates_name_exists():
    templates = [*page_words.PAGES.glob("*.html"), *FRAME.glob("*.html")]
    named = {name for page in templates for name in re.findall(r"\bt\.([a-z_]+)", page.read_text())}

    assert named - page_words.words("en").keys() == set()


async def test_a_letters_link_shows_its_visit_alone_and_asks_for_the_others_by_mail(settlement: ServiceUnderTest):
    await settlement.given(cleared(), cleared(session_id="another"))
    browser = Browser(pages(settlement))

    single = await browser.get(link(settlement, session_id="another"))
    everything = await browser.get(link(settlement))
    asked = await browser.post(link(settlement, session_id="another"), {"renew": "yes"})
    await settlement.collect()

    assert [page.text.count('class="visit"') for page in (single, everything)] == [1, 2]
    assert "A new link is on its way" in asked.text
    request = settlement.only(SettlementLinkRequested)
    assert (request.purpose, request.about) == ("statement", None)


async def test_the_link_carries_the_clients_language(settlement: ServiceUnderTest):
    answer = await asgi_reader.get(pages(settlement), link(settlement, lang="es"), "en")

    assert 'lang="es"' in answer.text


async def test_a_link_that_was_taken_back_does_not_open(settlement: ServiceUnderTest):
    await settlement.given(LinksEnded(client_id="c", version=1, reason="address_changed"))

    assert (await asgi_reader.get(pages(settlement), link(settlement))).status == 410
