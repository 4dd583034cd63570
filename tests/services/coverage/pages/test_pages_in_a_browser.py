"""The pages of the running service in a real browser, from state to state, as a client comes to them.

Whatever was typed or chosen survives a switch of the language, a mistake elsewhere on the page, and the Enter key.
"""

from typing import Any

import pytest

from shared.events.clients import FactsStated, PlanFacts
from shared.events.coverage import AccountPaused, AnswerReceived, ConfirmationReceived, PlanStated
from shared.events.notification import LinksEnded
from tests.services.coverage.coverage_events import (
    CLIENT,
    OWN,
    PROVIDER,
    SPOUSES,
    TODAY,
    WRONG_ORDER,
    confirmed,
    entered,
    other,
    questioned,
    ready,
    reported,
)
from tests.services.coverage.pages.reader import KEY, link
from tests.services.driven_browser import reader_of

pytestmark = pytest.mark.browser
BOTH_ASK = (
    reported(OWN, other_payers=(other("primary", "Two"),)),
    reported(SPOUSES, other_payers=(other("primary", "Plan One"),)),
)
REFERENCE, SECOND = "#reference-1", "#reference-2"


async def test_the_page_of_a_pause_from_two_calls_to_an_open_account(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, WRONG_ORDER)
    await sut.receives(*BOTH_ASK)
    address = link(sut, "coordination", pause_id=sut.all(AccountPaused)[0].pause_id)
    async with reader_of(sut, KEY) as reader:
        await reader.opens(address, "Call Plan One")
        await reader.types({REFERENCE: "REF-1", SECOND: "REF-2", "#called_on-2": TODAY.isoformat()})
        await reader.chooses("They did not say")
        await reader.switches("Llame a Plan One")
        assert await reader.typed(REFERENCE, SECOND, "#called_on-2") == ["REF-1", "REF-2", TODAY.isoformat()]
        assert await reader.chosen() == ["not-said"]
        await reader.types({"#called_on-1": TODAY.isoformat()})
        await reader.presses_enter_in(REFERENCE, "Hay un problema", 422)
        assert await reader.typed(REFERENCE, SECOND, "#called_on-1") == ["REF-1", "REF-2", TODAY.isoformat()]
        assert await reader.chosen() == ["not-said"]
        await reader.presses("Enviar mi respuesta", "Tenemos su respuesta")
        await reader.switches("There is one more call to make")
        await sut.collect()
        sent = sut.only(ConfirmationReceived)
        await sut.receives(sent)
        await reader.opens(address, "We already have your answer for")
        await reader.types({REFERENCE: "REF-1", "#called_on-1": TODAY.isoformat()})
        await reader.chooses("They did not say")
        await reader.presses("Send my answer", "We check with your insurers again")
        await reader.switches("Volvemos a consultar a sus aseguradoras")
        await sut.collect()
        await sut.receives(sut.only(ConfirmationReceived))
        await sut.receives(reported(OWN, trace="T2"), reported(SPOUSES, trace="T3"))
        await reader.opens(address, "Your account is open since March 2, 2026")
        await reader.switches("Su cuenta está abierta desde el 2 de marzo de 2026")

    assert (sent.payer_id, sent.reference_number) == ("P2", "REF-2")


async def test_the_yearly_page_of_a_client_with_one_plan_asks_once_more_in_any_language(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN), reported(OWN), questioned(), confirmed())
    await sut.given(reported(OWN, trace="T2"))
    await sut.passes(days=320)
    address = link(sut, "recertification", payer_id="P1")
    async with reader_of(sut, KEY) as reader:
        await reader.opens(address, "I have only one plan")
        await reader.types({REFERENCE: "REF-5"})
        await reader.presses("I have only one plan", "Yes, I have only this plan")
        await reader.switches("Sí, solo tengo este plan")
        assert await reader.typed(REFERENCE) == ["REF-5"]
        await reader.presses_enter_in(REFERENCE, "Sí, solo tengo este plan", 422)
        assert await reader.typed(REFERENCE) == ["REF-5"]
        await reader.presses("Sí, solo tengo este plan", "Eso es todo por este año")
        await reader.switches("That is all for this year")
        await sut.collect()
        await sut.receives(sut.only(ConfirmationReceived))
        await reader.opens(address, "Nothing is waiting for your answer")


async def test_the_yearly_page_of_a_client_with_two_plans_takes_the_one_that_has_ended(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN, SPOUSES), reported(OWN), questioned(), confirmed())
    await sut.passes(days=320)
    async with reader_of(sut, KEY) as reader:
        await reader.opens(f"{link(sut, 'recertification', payer_id='P1')}?lang=es", "Plan Two")
        await reader.types({REFERENCE: "REF-5", "#ended_on-1": "2026-12-31"})
        await reader.presses("Este plan terminó", "Hay un problema", 422)
        assert await reader.typed(REFERENCE, "#ended_on-1") == ["REF-5", "2026-12-31"]
        await reader.switches("Call Plan One")
        await reader.page.locator("input[name=ended_plan][value=spouses]").check()
        await reader.switches("Llame a Plan One")
        assert await reader.typed(REFERENCE, "#ended_on-1") == ["REF-5", "2026-12-31"]
        assert await reader.chosen() == ["spouses"]
        await reader.presses("Este plan terminó", "Tenemos su respuesta")
        await reader.switches("We have your answer")
    await sut.collect()

    assert sut.only(AnswerReceived).plans["spouses"].covered_to.isoformat() == "2026-12-31"


async def test_the_question_and_the_plan_that_an_insurer_names(service_under_test: Any):
    second = OWN.model_copy(update={"plan_id": "second", "payer_id": "P2", "member_id": "Z"})
    stated = FactsStated(client_id="c1", plans={"own": PlanFacts(employment="active")})
    unknown = other("primary", "Plan Nine", payer_id="P9")
    told = (reported(OWN, other_payers=(unknown,)), reported(second))
    sut = await ready(service_under_test, CLIENT, entered(second, OWN), stated, *told)
    question, plan = link(sut, "question", missing="employment"), link(sut, "plan", payer_id="P1")
    async with reader_of(sut, KEY) as reader:
        await reader.opens(plan, "Plan Nine")
        await reader.types({"#member_id": "N😀"})
        await reader.page.locator("input[value=spouse]").check()
        await reader.presses_enter_in("#member_id", "There is a problem", 422)
        await reader.switches("Plan Nine")
        assert (await reader.typed("#member_id"), await reader.chosen()) == (["N😀"], ["spouse"])
        await reader.types({"#member_id": "N9"})
        await reader.presses_enter_in("#member_id", "Tenemos su respuesta")
        await reader.switches("We have your answer")
        await sut.collect()
        await sut.receives(sut.only(PlanStated))
        await reader.opens(plan, "Nothing is waiting for your answer")
        await reader.opens(question, "Where does this plan come from? (Plan Two)")
        await reader.presses("Send my answer", "There is a problem", 422)
        await reader.page.locator("input[value=cobra]").check()
        await reader.switches("COBRA")
        assert await reader.chosen() == ["cobra"]
        await reader.presses("Enviar mi respuesta", "Tenemos su respuesta")
        await sut.collect()
        await sut.receives(sut.only(AnswerReceived))
        await reader.opens(question, "Nothing is waiting for your answer")


async def test_the_search_keeps_what_was_typed_and_leads_on(service_under_test: Any):
    sut = await ready(service_under_test, PROVIDER.model_copy(update={"phone": "+1-800-555-0120"}))
    async with reader_of(sut, KEY) as reader:
        await reader.opens("/search", "Your plan")
        await reader.types({"#plan-1": "Plan One", "#q": "Lee"})
        await reader.switches("Su plan")
        assert await reader.typed("#plan-1", "#q") == ["Plan One", "Lee"]
        await reader.page.select_option("#state", "NY")
        await reader.presses_enter_in("#q", "Ann Lee")
        await reader.page.get_by_role("link", name="Ann Lee").first.click()
        assert "provider=d1" in reader.page.url
        await reader.switches("Which plans would get a claim?")
        await reader.types({"#q": "Nobody"})
        await reader.presses("Search", "Nobody can bill")
        await reader.switches("Nadie puede cobrar")


async def test_links_that_do_not_open_say_so_in_both_languages(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN))
    expired, wrong = link(sut, "plan", days=-1, payer_id="P1"), link(sut, "plan", key="another", payer_id="P1")
    async with reader_of(sut, KEY) as reader:
        await reader.opens(wrong, "This link does not work", 403)
        await reader.switches("Este enlace no funciona", 403)
        await reader.opens("/nowhere", "There is no such page", 404)
        await reader.switches("Esta página no existe", 404)
        await reader.opens(expired, "This link has expired", 410)
        await reader.switches("Este enlace ya venció", 410)
        await reader.presses("Envíenme un enlace nuevo", "Le enviamos un enlace nuevo")
        await reader.switches("A new link is on its way")
        good = link(sut, "plan", payer_id="P1")
        await reader.opens(good, "Nothing is waiting for your answer")
        await sut.receives(LinksEnded(client_id="c1", version=1, reason="staff"))
        await reader.opens(good, "This link has expired", 410)
