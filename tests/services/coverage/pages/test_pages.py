"""The pages behind signed links: what a client sees, sends, and what nobody else can do."""

import re
from datetime import timedelta
from typing import Any

import pytest

from services.coverage.pages.page_words import FRAME, PAGES
from shared.events.clients import FactsStated, PlanFacts
from shared.events.coverage import (
    AccountUnpaused,
    AnswerReceived,
    ConfirmationAccepted,
    ConfirmationReceived,
    CoverageReviewRequested,
    PlansCoordinated,
    PlanStated,
    RecertificationDue,
)
from shared.events.directory import Opening
from shared.pages.page_frame import FRAME as FRAME_FOLDER
from tests.services.coverage.coverage_events import (
    CLIENT,
    OWN,
    SPOUSES,
    TODAY,
    WRONG_ORDER,
    confirmed,
    entered,
    other,
    payer,
    questioned,
    ready,
    reported,
)
from tests.services.coverage.pages.reader import browser, link, paused

GOOD = {"call": "P1", "reference": " ref-77 ", "called_on": "3/1/2026", "plan": "own", "representative": "Pat"}


async def test_the_page_says_whom_to_call_and_what_to_say(service_under_test: Any):
    sut, address = await paused(service_under_test)

    async with browser(sut) as page:
        answer = await page.get(address)

    assert answer.status_code == 200
    for text in ("Call Plan One", "+1-800-555-0100", "which of my plans is primary", 'for="reference-1"', 'lang="en"'):
        assert text in answer.text
    assert "Plan Two" in answer.text
    assert "A1" not in re.sub(r'"[^"]*"', "", answer.text)
    assert "script" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_page_says_when_to_call_in_the_readers_language(service_under_test: Any):
    sut, address = await paused(service_under_test)
    weekdays = Opening(days=("mon", "tue", "wed", "thu", "fri"), from_time="08:00", to_time="17:00")
    await sut.given(payer("P1", member_hours="Mon-Fri 8-5", opening=(weekdays,), time_zone="America/New_York"))

    async with browser(sut) as page:
        english, spanish = await page.get(address), await page.get(f"{address}?lang=es")

    assert "<dd>Monday to Friday, 8 a.m. to 5 p.m. Eastern Time</dd>" in english.text
    assert "<dd>de lunes a viernes, de 8:00 a. m. a 5:00 p. m., hora del este</dd>" in spanish.text
    assert "Mon-Fri" not in english.text + spanish.text


async def test_an_answer_is_published_once_however_often_it_is_sent(service_under_test: Any):
    sut, address = await paused(service_under_test)

    async with browser(sut) as page:
        first, second = await page.post(address, data=GOOD), await page.post(address, data=GOOD)
    assert (first.status_code, second.status_code) == (200, 200)
    assert "Thank you" in first.text
    ids = {row["value"] for row in await sut.pool.fetch("select value from outbox")}
    await sut.collect()

    assert len({re.search(rb'"id":"([^"]+)"', body)[1] for body in ids}) == 1  # type: ignore[index]
    received = sut.all(ConfirmationReceived)[0]
    assert received == ConfirmationReceived(
        client_id="c1",
        payer_id="P1",
        reference_number="ref-77",
        confirmed_on=TODAY - timedelta(days=1),
        confirmed_by="client",
        recorded_by="client",
        channel="page",
        primary_named="own",
        representative="Pat",
    )
    await sut.receives(received)
    assert sut.only(ConfirmationAccepted).payer_id == "P1"
    await sut.receives(reported(OWN, trace="T2"), reported(SPOUSES, trace="T3"))
    assert sut.only(AccountUnpaused).watched

    async with browser(sut) as page:
        later = await page.get(address)
    assert "Your account is open since March 2, 2026" in later.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"reference": ""}, "Enter the reference number of the call"),
        ({"reference": "😀😀😀"}, "letters, numbers and plain marks"),
        ({"reference": "7" * 10_000}, "too long"),
        ({"reference": "<script>alert(1)</script>"}, "letters, numbers and plain marks"),
        ({"called_on": "2026-03-03"}, "cannot be in the future"),
        ({"called_on": "2/30/2026"}, "Enter a real date"),
        ({"called_on": "2019-01-01"}, "more than a year ago"),
        ({"plan": ""}, "Choose the plan"),
        ({"plan": "somebody-elses"}, "Choose the plan"),
        ({"representative": "<img src=x>"}, "with letters only"),
        ({"reference": "", "called_on": "", "plan": ""}, "Enter a real date"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
async def test_bad_input_gives_the_form_again_with_what_to_correct(
    service_under_test: Any, typed: dict[str, str], said: str
):
    sut, address = await paused(service_under_test)

    async with browser(sut) as page:
        answer = await page.post(address, data={**GOOD, **typed})
    await sut.collect()

    assert (answer.status_code, said in answer.text, sut.published) == (422, True, [])
    assert "There is a problem" in answer.text
    assert "<title>Error: " in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "<script" not in answer.text
    assert "<img src=x" not in answer.text
    assert len(answer.text) < 20_000


async def test_a_form_beyond_all_measure_is_refused(service_under_test: Any):
    sut, address = await paused(service_under_test)

    async with browser(sut) as page:
        answer = await page.post(address, content=b"reference=" + b"x" * 5_000_000)

    assert (answer.status_code, "too much text" in answer.text) == (413, True)


async def test_a_client_reads_the_page_in_their_language_and_may_change_it(service_under_test: Any):
    spanish = CLIENT.model_copy(update={"language": "es"})
    sut = await ready(service_under_test, spanish, WRONG_ORDER, reported(OWN), reported(SPOUSES), questioned())
    address = link(sut, "coordination")

    async with browser(sut) as page:
        theirs, english = await page.get(address), await page.get(address + "?lang=en")

    assert ('<html lang="es">' in theirs.text, "Llame a Plan One" in theirs.text) == (True, True)
    assert '<html lang="en">' in english.text


async def test_two_insurers_are_answered_one_after_the_other(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, WRONG_ORDER, reported(OWN, other_payers=(other("primary", "Two"),)))
    await sut.given(reported(SPOUSES, other_payers=(other("primary", "Plan One"),)))
    address = link(sut, "coordination")

    async with browser(sut) as page:
        both = await page.get(address)
        first = await page.post(address, data={**GOOD, "call": "P2"})
        await sut.collect()
        await sut.receives(*sut.all(ConfirmationReceived))
        again = await page.post(address, data={**GOOD, "call": "P2"})

    assert ("Call Plan One" in both.text, "Call Plan Two" in both.text) == (True, True)
    assert ("one more call" in first.text, "Call Plan Two" in first.text) == (True, False)
    assert "We already have your answer for" in again.text
    await sut.collect()
    assert sut.none(ConfirmationReceived)


async def test_two_steps_say_that_there_is_one_plan_only(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN), reported(OWN), questioned(), confirmed())
    await sut.given(reported(OWN, trace="T2"))
    await sut.passes(days=320)
    due = sut.only(RecertificationDue)
    address = link(sut, "recertification", payer_id="P1")

    async with browser(sut) as page:
        shown = await page.get(address)
        asked = await page.get(f"{address}?step=one-plan")
        assert (await sut.pool.fetchval("select count(*) from outbox")) == 0
        sent = await page.post(address, data={"call": "P1", "one_plan": "yes"})
    await sut.collect()

    assert due.days_before == 60
    assert ('name="one_plan"' in shown.text, 'name="one_plan"' in asked.text) == (False, True)
    assert "That is all for this year" in sent.text
    received = sut.only(ConfirmationReceived)
    assert (received.only_one_plan, received.reference_number) == (True, "")
    await sut.receives(received)
    assert [type(event) for event in sut.published] == [ConfirmationAccepted]
    await sut.passes(days=60)
    assert sut.none(RecertificationDue)


async def test_the_question_page_asks_the_one_fact_and_its_answer_decides(service_under_test: Any):
    second = OWN.model_copy(update={"plan_id": "second", "payer_id": "P2", "member_id": "Z"})
    stated = FactsStated(client_id="c1", plans={"own": PlanFacts(employment="active")})
    sut = await ready(service_under_test, CLIENT, entered(second, OWN), stated, reported(OWN), reported(second))
    address = link(sut, "question", missing="employment")

    async with browser(sut) as page:
        shown = await page.get(address)
        empty = await page.post(address, data={})
        sent = await page.post(address, data={"employment-0": "cobra"})
    await sut.collect()

    assert "Where does this plan come from? (Plan Two)" in shown.text
    assert (empty.status_code, "Choose one of the answers" in empty.text) == (422, True)
    assert "Thank you" in sent.text
    answer = sut.only(AnswerReceived)
    assert (answer.plans, answer.answers_question) == ({"second": PlanFacts(employment="cobra")}, "employment")
    await sut.receives(answer)
    assert sut.only(PlansCoordinated).order == ("own", "second")


async def test_a_plan_that_an_insurer_names_is_taken_or_denied(service_under_test: Any):
    unknown = other("primary", "Plan Nine", payer_id="P9")
    sut = await ready(service_under_test, CLIENT, entered(OWN), reported(OWN, other_payers=(unknown,)))
    address = link(sut, "plan", payer_id="P1")

    async with browser(sut) as page:
        shown = await page.get(address)
        wrong = await page.post(address, data={"has_plan": "yes", "member_id": "😀", "relation": "mine"})
        await page.post(address, data={"has_plan": "yes", "member_id": "N 9-1", "relation": "spouse"})
        await sut.collect()
        taken = sut.only(PlanStated)
        await page.post(address, data={"has_plan": "no"})
        await sut.collect()
        denied = sut.all(PlanStated)[1]
        await sut.receives(denied)
        later = await page.get(address)

    assert "Plan Nine" in shown.text
    assert (wrong.status_code, "as on the card, with letters" in wrong.text) == (422, True)
    assert (taken.payer_id, taken.member_id, taken.relation, taken.named_by) == ("P9", "N 9-1", "spouse", "P1")
    assert (denied.has_plan, sut.only(CoverageReviewRequested).reason) == (False, "named_plan_denied")
    assert "Nothing is waiting" in later.text


def test_both_languages_have_the_same_texts_and_no_empty_ones():
    english, spanish = FRAME.words["en"], FRAME.words["es"]

    assert english.keys() == spanish.keys()
    assert [name for name, text in spanish.items() if not text] == []


def test_every_text_that_templates_name_exists():
    templates = [*PAGES.glob("*.html"), *FRAME_FOLDER.glob("*.html")]
    named = {name for page in templates for name in re.findall(r"\bt\.([a-z_]+)", page.read_text())}

    assert named - FRAME.words["en"].keys() == set()


async def test_a_client_of_two_plans_says_which_has_ended_not_by_one_tap_that_there_is_one(
    service_under_test: Any,
):
    sut = await ready(service_under_test, CLIENT, entered(OWN, SPOUSES), reported(OWN), questioned(), confirmed())
    await sut.passes(days=320)
    address = link(sut, "recertification", payer_id="P1")

    async with browser(sut) as page:
        refused = await page.post(address, data={"call": "P1", "one_plan": "yes"})
        vague = await page.post(address, data={"ended": "yes", "ended_plan": "spouses", "ended_on": "?"})
        ended = await page.post(address, data={"ended_plan": "spouses", "ended_on": "2026-12-31"})
    await sut.collect()

    assert (refused.status_code, vague.status_code, ended.status_code) == (422, 422, 200)
    assert "please call" in ended.text
    assert sut.none(ConfirmationReceived)
    stated = sut.only(AnswerReceived)
    assert {plan: facts.covered_to.isoformat() for plan, facts in stated.plans.items()} == {"spouses": "2026-12-31"}


async def test_an_answer_leads_on_so_that_reload_and_back_send_nothing_twice(service_under_test: Any):
    sut, address = await paused(service_under_test)

    async with browser(sut) as page:
        answer = await page.posts(f"{address}?lang=es", GOOD)
        thanks = await page.get(answer.headers["location"])
        head = await page.head(address)
    await sut.collect()
    await sut.receives(sut.only(ConfirmationReceived))

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/coordination/")
    assert "lang=es" in answer.headers["location"]
    assert "Tenemos su respuesta" in thanks.text
    assert 'name="reference"' not in thanks.text
    assert head.status_code == 200


async def test_another_language_keeps_what_was_typed(service_under_test: Any):
    sut, address = await paused(service_under_test)

    async with browser(sut) as page:
        spanish = await page.post(address, data={**GOOD, "reference": "REF-9", "switch": "es"})
    await sut.collect()

    assert ('lang="es"' in spanish.text, 'value="REF-9"' in spanish.text) == (True, True)
    assert sut.none(ConfirmationReceived)
