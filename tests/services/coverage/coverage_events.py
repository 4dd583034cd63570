"""Events for the tests of the live service: one client with an own plan (payer P1) and a spouse's plan (payer P2)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.coverage.app import SERVICE
from shared.events.claims import CoordinationQuestioned
from shared.events.clients import (
    Address,
    ClientRegistered,
    CoordinationConfirmed,
    EnteredPlan,
    PlansEntered,
    Subscriber,
)
from shared.events.coverage import BenefitsReported, CostShare, OtherPayer
from shared.events.directory import PayerListed, ProviderCredentialed, ProviderListed, Span
from shared.events.sessions import Line, SessionConfirmed
from shared.events.types import Event
from shared.x12.benefits_271.benefits import Benefit, BenefitEntity, BenefitsReport
from shared.x12.benefits_271.writer import write_benefits
from shared.x12.document.interchange import read_file
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Party
from tests.harness import ServiceUnderTest

HOME = Address(line1="1 Main St", city="Albany", state="NY", postal_code="12201")
SINCE = Span(from_day=date(2020, 1, 1))
TODAY = date(2026, 3, 2)

CLIENT = ClientRegistered(
    client_id="c1",
    first_name="Sam",
    last_name="Doe",
    email="sam@example.test",
    birth_date=date(1990, 5, 5),
    address=HOME,
)
OWN = EnteredPlan(plan_id="own", payer_id="P1", member_id="A1", subscriber=Subscriber(relation="self"))
SPOUSES = EnteredPlan(
    plan_id="spouses",
    payer_id="P2",
    member_id="B2",
    subscriber=Subscriber(relation="spouse", id="alex", first_name="Alex", birth_date=date(1988, 2, 2)),
)
PROVIDER = ProviderListed(
    provider_id="d1",
    first_name="Ann",
    last_name="Lee",
    npi="1993999998",
    taxonomy="103TC0700X",
    address=HOME,
    states=("NY",),
)


def payer(payer_id: str, **more: Any) -> PayerListed:
    """A payer that the marketplace is in network with."""
    numbers = {"P1": "One", "P2": "Two", "P3": "Three", "P4": "Four"}
    name = f"Plan {numbers.get(payer_id, payer_id)}"
    known = {"name": name, "in_network": (SINCE,), "member_phone": "+1-800-555-0100"}
    return PayerListed(**{"payer_id": payer_id, **known, **more})


def credential(payer_id: str, **more: Any) -> ProviderCredentialed:
    """A credential of the provider."""
    known = {"provider_id": "d1", "payer_id": payer_id, "state": "NY", "from_day": date(2020, 1, 1)}
    return ProviderCredentialed(**{**known, **more})


DIRECTORY: tuple[Event, ...] = (payer("P1"), payer("P2"), PROVIDER, credential("P1"), credential("P2"))


def entered(*plans: EnteredPlan) -> PlansEntered:
    """The plans in the client's order."""
    return PlansEntered(client_id="c1", plans=plans)


WRONG_ORDER = entered(SPOUSES, OWN)


def session(number: int = 1, on: date = TODAY, **more: Any) -> SessionConfirmed:
    """A confirmed session."""
    known: dict[str, Any] = {
        "client_id": "c1",
        "session_id": f"s{number}",
        "provider_id": "d1",
        "date_of_service": on,
        "lines": (Line(procedure="90837", modifiers=("95",), charge_cents=22000),),
        "diagnoses": ("F411",),
    }
    return SessionConfirmed(**{**known, **more})


def reported(plan: EnteredPlan, on: date = TODAY, trace: str = "T", **more: Any) -> BenefitsReported:
    """A payer's answer: active, 20% coinsurance, no other plan named."""
    known: dict[str, Any] = {
        "client_id": "c1",
        "plan_id": plan.plan_id,
        "payer_id": plan.payer_id,
        "trace": trace,
        "date_of_service": on,
        "status": "active",
        "relation": "self" if plan.subscriber.relation == "self" else "dependent",
        "cost_share": CostShare(coinsurance_percent=20.0, source="MH", confidence="high"),
    }
    return BenefitsReported(**{**known, **more})


def other(role: str | None, name: str, **more: Any) -> OtherPayer:
    """Another payer that an answer names."""
    return OtherPayer.model_validate({"role": role, "name": name, **more})


def questioned(plan: EnteredPlan = OWN, answer: str = "client_must_call", **more: Any) -> CoordinationQuestioned:
    """What claims read in a payer's answer to a claim."""
    known: dict[str, Any] = {
        "client_id": "c1",
        "session_id": "s1",
        "control": "C1-P",
        "level": "primary",
        "plan_id": plan.plan_id,
        "payer_id": plan.payer_id,
        "answer": answer,
        "codes": ("22", "N197"),
        "evidence": "CO 22, N197",
        "date_of_service": TODAY,
        "claim_sent_on": TODAY,
        "reported_on": TODAY,
    }
    return CoordinationQuestioned(**{**known, **more})


def confirmed(plan: EnteredPlan = OWN, on: date = TODAY, **more: Any) -> CoordinationConfirmed:
    """What the client says that the insurer said."""
    known: dict[str, Any] = {
        "client_id": "c1",
        "payer_id": plan.payer_id,
        "reference_number": "REF-77",
        "confirmed_on": on,
        "confirmed_by": "client",
        "recorded_by": "staff",
        "channel": "phone",
    }
    return CoordinationConfirmed(**{**known, **more})


def inquiries(sut: ServiceUnderTest) -> list[EligibilityInquiry]:
    """The 270s that were sent."""
    return [
        inquiry
        for value in sut.interchanges
        for interchange in read_file(value).interchanges
        for transaction in interchange.transactions
        for inquiry in (transaction.content if isinstance(transaction.content, tuple) else ())
        if isinstance(inquiry, EligibilityInquiry)
    ]


def answer_271(inquiry: EligibilityInquiry, *more: Benefit, at: datetime, **changed: Any) -> bytes:
    """A payer's 271 to our 270: active, 20% coinsurance for mental health."""
    benefits = (
        Benefit("1", "IND", ("30", "MH")),
        Benefit("A", "IND", ("MH",), period="27", share=Decimal("0.2"), network="Y"),
        *more,
    )
    known: dict[str, Any] = {"benefits": benefits, "relation": inquiry.relation, "provider": inquiry.provider}
    report = BenefitsReport(
        trace=inquiry.trace,
        payer=inquiry.payer,
        subscriber=inquiry.subscriber,
        dependent=inquiry.dependent,
        **{**known, **changed},
    )
    return write_benefits([report], Envelope("P", "US", 7, at))


def names_other(code: str, name: str, payer_id: str = "") -> Benefit:
    """An EB*R that names another payer with the role PRP, SEP or PR."""
    return Benefit("R", "IND", ("30",), entities=(BenefitEntity(code, Party(name, id=payer_id, id_kind="PI")),))


async def ready(make: Any, *more: Event) -> ServiceUnderTest:
    """A coverage service that knows the directory, and whatever else is given."""
    sut: ServiceUnderTest = await make(SERVICE)
    await sut.given(*DIRECTORY, *more)
    return sut
