"""The question page: since when a changed fact is so, and kidney disease as the only reason for Medicare."""

from datetime import date, timedelta
from typing import Any

from shared.events.clients import EnteredPlan, Entitlement, FactsStated, PlanFacts, Subscriber
from shared.events.coverage import AnswerReceived, CoordinationUndetermined, PlansCoordinated, SessionCleared
from tests.harness import ServiceUnderTest
from tests.services.coverage.coverage_events import CLIENT, OWN, TODAY, entered, payer, ready, reported, session
from tests.services.coverage.pages.reader import browser, link

CARD = EnteredPlan(
    plan_id="medicare", payer_id="P2", member_id="M1", kind="medicare", subscriber=Subscriber(relation="self")
)
AGED = CLIENT.model_copy(update={"birth_date": date(1957, 5, 5)})


def job(employment: str) -> FactsStated:
    facts = PlanFacts.model_validate({"employment": employment, "employer_size": 100})
    return FactsStated(client_id="c1", plans={"own": facts})


async def _with_medicare(make: Any, *more: Any) -> ServiceUnderTest:
    known = (entered(OWN, CARD), reported(OWN), reported(CARD))
    return await ready(make, AGED, payer("P2", kind="medicare"), *known, *more)


async def test_the_page_asks_since_when_a_changed_fact_is_so(service_under_test: Any):
    sut = await _with_medicare(service_under_test, job("active"), session())
    await sut.passes(days=10)
    await sut.receives(job("retired"))
    address = link(sut, "question", missing=sut.only(CoordinationUndetermined).missing)

    async with browser(sut) as page:
        shown = await page.get(address)
        wrong = await page.post(address, data={"since-0": "1/1/2030"})
        sent = await page.post(address, data={"since-0": "3/1/2026"})
    await sut.collect()

    assert "First day on which the job was as you told us (Plan One)" in shown.text
    assert (wrong.status_code, "Thank you" in sent.text) == (422, True)
    answer = sut.only(AnswerReceived)
    assert (answer.plans, answer.since) == ({"own": PlanFacts(employment="retired")}, date(2026, 3, 1))
    await sut.receives(answer)
    assert [plan.plan_id for plan in sut.only(SessionCleared).plans] == ["medicare", "own"]
    async with browser(sut) as page:
        assert "since-0" not in (await page.get(address)).text


async def test_kidney_disease_alone_above_65_is_an_answer(service_under_test: Any):
    stated = FactsStated(
        client_id="c1", plans={"medicare": PlanFacts(medicare_entitlement=Entitlement(reason="esrd", esrd_month=14))}
    )
    sut = await _with_medicare(service_under_test, job("retired"))
    await sut.receives(stated)
    assert sut.only(CoordinationUndetermined).missing == "medicare_entitlement"
    address = link(sut, "question", missing="medicare_entitlement")

    async with browser(sut) as page:
        sent = await page.post(address, data={"medicare_entitlement-1": "esrd_alone"})
    await sut.collect()
    assert "Thank you" in sent.text
    await sut.receives(sut.only(AnswerReceived))

    assert sut.only(PlansCoordinated).order == ("own", "medicare")


async def test_the_months_of_kidney_disease_count_on_from_the_day_on_which_they_were_stated(service_under_test: Any):
    esrd = Entitlement(reason="esrd", esrd_month=29, alone=True)
    stated = FactsStated(client_id="c1", plans={"medicare": PlanFacts(medicare_entitlement=esrd)})
    sut = await _with_medicare(service_under_test, job("retired"), stated)
    later = TODAY + timedelta(days=62)

    await sut.receives(session())
    first = sut.only(SessionCleared)
    await sut.passes(days=62)
    await sut.receives(reported(OWN, later, "T2"), reported(CARD, later, "T3"), session(2, on=later))
    last = [cleared for cleared in sut.all(SessionCleared) if cleared.session_id == "s2"][-1]

    assert [plan.plan_id for plan in first.plans] == ["own", "medicare"]
    assert [plan.plan_id for plan in last.plans] == ["medicare", "own"]
