"""Links that have ended, were taken back or were never ours open nothing, and lead on."""

from typing import Any

import pytest

from shared.events.coverage import (
    ConfirmationReceived,
    CoverageLinkRequested,
)
from shared.events.notification import LinksEnded
from tests.services.coverage.pages.reader import browser, link, paused

GOOD = {"call": "P1", "reference": " ref-77 ", "called_on": "3/1/2026", "plan": "own", "representative": "Pat"}


@pytest.mark.parametrize(
    ("make_link", "status", "said"),
    [
        (lambda sut: link(sut, "coordination", key="another key"), 403, "This link does not work"),
        (lambda sut: link(sut, "question").replace("question", "coordination"), 403, "This link does not work"),
        (lambda sut: "/coordination/garbage", 403, "This link does not work"),
        (lambda sut: "/coordination/" + "x" * 5_000, 403, "This link does not work"),
        (lambda sut: link(sut, "coordination", days=-1), 410, "This link has expired"),
        (lambda sut: link(sut, "coordination", days=-1) + "?lang=es", 410, "Este enlace ya venció"),
    ],
    ids=["forged", "other purpose", "garbage", "too long", "expired", "expired in Spanish"],
)
async def test_a_link_that_is_not_good_any_more_says_so_and_changes_nothing(
    service_under_test: Any, make_link: Any, status: int, said: str
):
    sut, _ = await paused(service_under_test)

    async with browser(sut) as page:
        shown, sent = await page.get(make_link(sut)), await page.post(make_link(sut), data=GOOD)
    await sut.collect()

    assert (shown.status_code, sent.status_code) == (status, status)
    assert said in shown.text
    assert sut.published == []


async def test_the_link_of_an_earlier_pause_leads_to_the_calls_of_the_one_that_is_open(service_under_test: Any):
    sut, _ = await paused(service_under_test)
    address = link(sut, "coordination", pause_id="a-former-pause")

    async with browser(sut) as page:
        shown, sent = await page.get(address), await page.post(address, data=GOOD)
    await sut.collect()

    assert "Call Plan One" in shown.text
    assert "Thank you" in sent.text
    assert sut.only(ConfirmationReceived).reference_number == "ref-77"


async def test_an_ended_link_offers_a_new_one_once_a_day(service_under_test: Any):
    sut, _ = await paused(service_under_test)
    address = link(sut, "coordination", days=-1, pause_id="pause-1")

    async with browser(sut) as page:
        expired = await page.get(address)
        renewed = [await page.post(address, data={"renew": "yes"}) for _ in range(2)]
        answered = await page.post(address, data=GOOD)
    await sut.collect()

    assert (expired.status_code, answered.status_code) == (410, 410)
    assert ["A new link is on its way" in page.text for page in renewed] == [True, True]
    requests = sut.all(CoverageLinkRequested)
    assert {(request.purpose, request.about is not None) for request in requests} == {("coordination", True)}
    assert sut.none(ConfirmationReceived)


async def test_links_that_were_taken_back_do_not_open(service_under_test: Any):
    sut, address = await paused(service_under_test)
    await sut.receives(LinksEnded(client_id="c1", version=1, reason="staff"))

    async with browser(sut) as page:
        shown = await page.get(address)
        answered = await page.post(address, data=GOOD)

    assert (shown.status_code, answered.status_code) == (410, 410)
