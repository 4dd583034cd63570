"""The search for providers who can bill every plan: the answer, its pages, the page for people, the what-if."""

import json
import re
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from services.coverage.search import provider_search
from services.coverage.search.provider_search import BadCursorError, ProviderSearch, Wanted
from services.coverage.search.search_answer import SearchAnswer
from shared.events.directory import ProviderListed, Span
from tests.services.coverage.coverage_events import PROVIDER, TODAY, credential, payer, ready
from tests.services.coverage.pages.reader import browser, operators_browser


def provider(number: int) -> ProviderListed:
    return PROVIDER.model_copy(update={"provider_id": f"p{number:03}", "last_name": f"Name{number:03}"})


async def directory(make: Any, count: int = 50) -> Any:
    """Providers p000 ...: all with P1, every second with P2, every tenth with P3; P4 is not in network."""
    sut = await ready(make, payer("P3"), payer("P4", in_network=()))
    listed = [provider(number) for number in range(count)]
    held = [credential("P1", provider_id=listing.provider_id) for listing in listed]
    held += [credential("P2", provider_id=listing.provider_id) for listing in listed[::2]]
    held += [credential("P3", provider_id=listing.provider_id) for listing in listed[::10]]
    held += [credential("P4", provider_id=listing.provider_id) for listing in listed]
    await sut.receives(*listed, *held, together=True)
    return sut


async def test_all_pages_together_are_all_who_can_bill_every_plan(service_under_test: Any):
    sut = await directory(service_under_test)

    ids: list[str] = []
    cursor: str | None = ""
    async with browser(sut) as page:
        while cursor is not None:
            answer = json.loads((await page.get(f"/providers?plan=P1&plan=P2&state=NY&cursor={cursor}")).text)
            ids += [provider["provider_id"] for provider in answer["providers"]]
            cursor = answer["next"]

    assert ids == ["d1", *(f"p{number:03}" for number in range(0, 50, 2))]


async def test_the_answer_says_what_each_plan_alone_would_give(service_under_test: Any):
    sut = await directory(service_under_test)

    async with browser(sut) as page:
        answer = json.loads((await page.get("/providers?plan=P1&plan=P3&state=NY")).text)

    assert [(row["plan"], row["name"], row["providers"], row["more"]) for row in answer["plans"]] == [
        ("P1", "Plan One", 51, False),
        ("P3", "Plan Three", 5, False),
    ]
    assert answer["providers"][0] == {
        "provider_id": "p000",
        "first_name": "Ann",
        "last_name": "Name000",
        "npi": "1993999998",
        "taxonomy": "103TC0700X",
        "city": "Albany",
        "states": ["NY"],
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("plan=P1&plan=P2&plan=P3&state=NY", 5),
        ("plan=P1&plan=P1&state=NY", 20),
        ("plan=P1&plan=P4&state=NY", 0),
        ("plan=P1&state=CA", 0),
        ("plan=P1&state=NY&on=2019-12-31", 0),
        ("plan=P1&state=NY&q=name04", 10),
        ("plan=P1&plan=P2&state=NY&q=NAME04", 5),
        ("plan=P1&state=NY&q=%25", 0),
        ("plan=P1&state=NY&q=ann%20name04", 10),
    ],
    ids=[
        "three plans",
        "twice the same",
        "out of network",
        "other state",
        "too early",
        "name",
        "name and plans",
        "wild",
        "whole name",
    ],
)
async def test_what_is_found(service_under_test: Any, query: str, expected: int):
    sut = await directory(service_under_test)

    async with browser(sut) as page:
        answer = json.loads((await page.get(f"/providers?{query}")).text)

    assert len(answer["providers"]) == expected


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("plan=P9&state=NY", 400, "/plans?q="),
        ("state=NY", 422, "plan"),
        ("plan=P1", 422, "state"),
        ("plan=P1&state=ny", 422, "state"),
        ("plan=P1&state=NY&on=2026-02-30", 422, "on"),
        ("plan=P1&state=NY&on=1767225600", 422, "on"),
        ("plan=P1&state=NY&cursor=%F0%9F%98%80", 400, "begin without one"),
        ("plan=P1&state=NY&cursor=AA", 400, "begin without one"),
        ("plan=P1%00&state=NY", 422, "plan"),
        ("plan=P1&state=NY&q=%00", 422, "q"),
        ("&".join(f"plan=P{n}" for n in range(9)) + "&state=NY", 422, "plan"),
    ],
    ids=[
        "unknown plan",
        "no plan",
        "no state",
        "lower case",
        "30 February",
        "seconds for a date",
        "bad cursor",
        "NUL in the cursor",
        "NUL in a plan",
        "NUL in a name",
        "nine plans",
    ],
)
async def test_a_wrong_query_is_refused_with_what_is_wrong(service_under_test: Any, query: str, status: int, said: str):
    sut = await directory(service_under_test, count=1)

    async with browser(sut) as page:
        answer = await page.get(f"/providers?{query}")

    assert (answer.status_code, said in answer.text) == (status, True)


@pytest.mark.parametrize("sample", [10, 500], ids=["the few are looked up among very many", "side by side"])
async def test_a_rare_plan_and_a_common_one_share_the_same_providers_either_way(
    service_under_test: Any, monkeypatch: pytest.MonkeyPatch, sample: int
):
    sut = await directory(service_under_test)
    monkeypatch.setattr(provider_search, "_SAMPLE", sample)
    wanted = Wanted((payer("P1"), payer("P2"), payer("P3")), "NY", TODAY)
    ids: list[str] = []
    cursor: str | None = ""
    async with sut.pool.acquire() as connection:
        while cursor is not None:
            page = await ProviderSearch().search(connection, wanted, cursor, 2)
            ids += [json.loads(card)["provider_id"] for card in page.cards]
            cursor = page.following

    assert ids == [f"p{number:03}" for number in range(0, 50, 10)]


async def test_the_answer_is_what_openapi_says_of_it(service_under_test: Any):
    sut = await directory(service_under_test)

    async with browser(sut) as page:
        answer = (await page.get("/providers?plan=P1&plan=P2&state=NY")).text
        empty = (await page.get("/providers?plan=P1&state=CA")).text
    async with operators_browser(sut) as page:
        described = json.loads((await page.get("/openapi.json")).text)["paths"]["/providers"]["get"]

    assert json.loads(
        SearchAnswer.model_validate_json(answer, strict=True).model_dump_json(exclude_unset=True)
    ) == json.loads(answer)
    assert SearchAnswer.model_validate_json(empty).providers == []
    assert [parameter["name"] for parameter in described["parameters"]] == ["plan", "state", "on", "q", "cursor"]
    schema = described["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/SearchAnswer"}


def test_a_cursor_comes_back_as_it_was_and_a_forged_one_is_refused():
    assert provider_search.read_cursor(provider_search.make_cursor("p~1")) == "p~1"
    with pytest.raises(BadCursorError):
        provider_search.read_cursor("***")


async def test_plans_are_looked_up_by_typing(service_under_test: Any):
    sut = await directory(service_under_test, count=1)

    async with browser(sut) as page:
        answer = json.loads((await page.get("/plans?q=plan%20t")).text)

    assert answer == [
        {"plan": "P3", "name": "Plan Three", "in_network": True},
        {"plan": "P2", "name": "Plan Two", "in_network": True},
    ]


async def test_the_what_if_says_what_each_further_plan_changes(service_under_test: Any):
    sut = await directory(service_under_test)

    async with browser(sut) as page:
        answer = json.loads((await page.get("/providers/p001/billing?plan=P1&plan=P2&state=NY")).text)
        nobody = await page.get("/providers/nobody/billing?plan=P1&state=NY")

    assert answer == [
        {"plans": ["P1"], "billed": ["P1"], "unbilled": [], "refusal": None},
        {
            "plans": ["P1", "P2"],
            "billed": ["P1"],
            "unbilled": [{"plan": "P2", "reason": "provider_not_credentialed"}],
            "refusal": None,
        },
    ]
    assert nobody.status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/plans?q=%00", 422),
        ("/providers/\x00/billing?plan=P1&state=NY", 422),
        ("/providers/p000/billing?plan=P1&state=NY&on=1767225600", 422),
        ("/search?plan=%00&state=NY", 200),
        ("/search?plan=P1&state=NY&q=%00", 200),
        ("/search?plan=P1&state=NY&provider=%00", 200),
        ("/search?plan=P1&state=NY&cursor=%00", 200),
        ("/search?lang=spanish", 200),
    ],
    ids=[
        "NUL in a plan's name",
        "NUL in a provider's id",
        "seconds for a date",
        "NUL in a plan on the page",
        "NUL in a name on the page",
        "NUL in a provider on the page",
        "NUL in a cursor on the page",
        "a language we do not have",
    ],
)
async def test_odd_addresses_are_refused_in_words_and_never_break_a_page(
    service_under_test: Any, path: str, status: int
):
    sut = await directory(service_under_test, count=1)

    async with browser(sut) as page:
        answer = await page.get(path)

    assert answer.status_code == status


async def test_the_page_for_people_takes_names_and_says_what_is_unclear(service_under_test: Any):
    sut = await directory(service_under_test)

    async with browser(sut) as page:
        empty = await page.get("/search")
        letter = await page.get("/search?plan=P1&plan=P3")
        unclear = await page.get("/search?plan=plan%20t&state=NY")
        unknown = await page.get("/search?plan=%3Cscript%3E&state=NY")
        matched = await page.get("/search?plan=Plan%20One&plan=plan%20three&state=NY")
        chosen = await page.get("/search?plan=P1&plan=P2&state=NY&provider=p001")
        spanish = await page.get("/search?lang=es")

    assert {response.status_code for response in (empty, letter, unclear, unknown, matched, chosen, spanish)} == {200}
    assert "There is a problem" not in empty.text
    assert ("Choose the state" in letter.text, 'value="Plan Three"' in letter.text) == (True, True)
    assert "Several plans have that name" in unclear.text
    assert ("do not know a plan" in unknown.text, "<script" in unknown.text) == (True, False)
    assert ("Ann Name010" in matched.text, "Ann Name011" in matched.text) == (True, False)
    assert "With each plan alone" in matched.text
    assert "this provider cannot bill it" in chosen.text
    assert '<html lang="es">' in spanish.text


async def test_the_pages_links_lead_to_what_they_promise(service_under_test: Any):
    sut = await directory(service_under_test, count=0)
    await sut.receives(credential("P3"))

    async with browser(sut) as page:
        text = (await page.get("/search?plan=P1&plan=P3&state=NY&on=2026-03-02")).text

    asked = "state=NY&amp;on=2026-03-02"
    assert re.findall(r'href="(/search[^"]*)"', text) == [
        f"/search?plan=P1&amp;plan=P3&amp;{asked}&amp;provider=d1&amp;lang=en#what-if",
        f"/search?plan=P1&amp;{asked}&amp;lang=en#found",
        f"/search?plan=P3&amp;{asked}&amp;lang=en#found",
    ]


async def test_a_span_that_overlaps_another_is_refused_until_that_one_is_corrected(service_under_test: Any):
    sut = await ready(service_under_test)

    await sut.receives(credential("P1", from_day=date(2026, 1, 1)))
    assert await sut.pool.fetchval("select reason from refused_fact") == "overlaps"
    assert await sut.pool.fetchval("select count(*) from credential where payer_id = 'P1'") == 1

    await sut.receives(credential("P1", to_day=date(2025, 12, 31)))
    assert await sut.pool.fetchval("select count(*) from refused_fact") == 0
    assert await sut.pool.fetchval("select count(*) from credential where payer_id = 'P1'") == 2


async def test_a_payer_whose_network_spans_overlap_keeps_its_former_listing(service_under_test: Any):
    sut = await ready(service_under_test)
    spans = (Span(from_day=date(2020, 1, 1)), Span(from_day=date(2021, 1, 1)))

    await sut.receives(payer("P1", in_network=spans, name="New name"))

    assert await sut.pool.fetchval("select listed->>'name' from payer where payer_id = 'P1'") == "Plan One"
    assert await sut.pool.fetchval("select reason from refused_fact") == "overlaps"


async def test_the_search_is_described_in_openapi(service_under_test: Any):
    sut = await ready(service_under_test)

    async with operators_browser(sut) as page:
        described = json.loads((await page.get("/openapi.json")).text)["paths"]

    assert {"/providers", "/plans", "/providers/{provider_id}/billing"} <= described.keys()
    assert not [path for path in described if "token" in path]
    assert [*described["/providers"]["get"]["responses"]] == ["200", "400", "422"]
    assert [*described["/providers/{provider_id}/billing"]["get"]["responses"]] == ["200", "400", "404", "422"]


async def test_the_page_keeps_its_language_and_what_was_typed_and_names_the_states(service_under_test: Any):
    sut = await directory(service_under_test)

    async with browser(sut) as page:
        spanish = await page.get("/search?plan=P1&plan=P2&state=NY&on=2026-03-02&q=pro&lang=es")
        english = await page.get("/search?lang=es&plan=P1&plan=P2&state=NY&on=2026-03-02&q=pro&switch=en")

    assert '<option value="NY" selected>Nueva York</option>' in spanish.text
    assert '<option value="NY" selected>New York</option>' in english.text
    assert 'name="q" value="pro"' in english.text
    assert english.text.count('value="Plan One"') == spanish.text.count('value="Plan One"') > 0
    leading_on = re.findall(r'href="(/search[^"]+)"', spanish.text.split('id="found"')[1])
    assert leading_on
    assert all("lang=es" in address for address in leading_on)


LEADS_ON = {
    "phone": "+1-800-555-0120",
    "profile_url": "https://care.example.test/a?b=1&c=2",
    "booking_url": "https://book.example.test/1",
}


async def test_a_result_leads_on_to_the_providers_number_page_and_bookings(service_under_test: Any):
    sut = await ready(service_under_test, PROVIDER.model_copy(update=LEADS_ON), credential("P1"))

    async with browser(sut) as page:
        found = json.loads((await page.get("/providers?plan=P1&state=NY")).text)["providers"]
        english = (await page.get("/search?plan=P1&state=NY")).text
        spanish = (await page.get("/search?plan=P1&state=NY&lang=es")).text

    assert [{name: provider[name] for name in LEADS_ON} for provider in found] == [LEADS_ON]
    for shown, call, book, about in (
        (english, "Call", "Book a visit", "About this provider"),
        (spanish, "Llame al", "Reserve una cita", "Sobre este proveedor"),
    ):
        assert f'{call} <a href="tel:+18005550120">+1-800-555-0120</a>' in shown
        assert f'<a href="https://book.example.test/1" rel="external noreferrer">{book}<' in shown
        assert f'<a href="https://care.example.test/a?b=1&amp;c=2" rel="external noreferrer">{about}<' in shown


async def test_a_result_leads_nowhere_that_is_not_listed(service_under_test: Any):
    sut = await ready(service_under_test, PROVIDER, credential("P1"))

    async with browser(sut) as page:
        found = json.loads((await page.get("/providers?plan=P1&state=NY")).text)["providers"]
        shown = (await page.get("/search?plan=P1&state=NY")).text

    assert [set(provider) & set(LEADS_ON) for provider in found] == [set()]
    assert "tel:" not in shown
    assert "external" not in shown


@pytest.mark.parametrize(
    "url",
    [
        "http://care.example.test/1",
        "javascript:alert(1)",
        "https://user:word@care.example.test/",
        "https://care.example.test@evil.test/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://care.example.test/a b",
        "https://care.example.test/\n",
        "https://",
        "//care.example.test/",
    ],
)
@pytest.mark.parametrize("field", ["profile_url", "booking_url"])
def test_a_link_that_clients_should_not_follow_is_refused(field: str, url: str):
    with pytest.raises(ValidationError, match=field):
        ProviderListed.model_validate({**PROVIDER.model_dump(mode="json"), field: url})
