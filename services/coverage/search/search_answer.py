"""The provider search's answers as JSON: what each field is, for OpenAPI and for whoever reads them."""

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel
from pydantic_core import to_json

from services.coverage.search import provider_search
from services.coverage.search.provider_search import Wanted
from shared.events.directory import PayerListed


class PlanAlone(BaseModel):
    """What one plan alone would give. `providers` counts up to 100; `more` says that there are more."""

    plan: str
    name: str
    in_network: bool
    providers: int
    more: bool


class ProviderFound(BaseModel):
    """A provider who can bill every plan given. `phone` and the addresses are left out where they are not listed."""

    provider_id: str
    first_name: str
    last_name: str
    npi: str
    taxonomy: str
    city: str
    states: tuple[str, ...]
    phone: str | None = None
    profile_url: str | None = None
    booking_url: str | None = None


class SearchAnswer(BaseModel):
    """A page of providers in the order of their ids; `next` is the cursor of the next page, null on the last."""

    state: str
    on: date
    plans: list[PlanAlone]
    providers: list[ProviderFound]
    next: str | None


class Refusal(BaseModel):
    """Why there is no answer, in words."""

    detail: str


class PlanFound(BaseModel):
    """A plan by name."""

    plan: str
    name: str
    in_network: bool


class Unbilled(BaseModel):
    """A plan that would get no claim, and why."""

    plan: str
    reason: str


class WhatIf(BaseModel):
    """What would be billed with these plans, in this order of benefits. `refusal`: the session could not take place."""

    plans: tuple[str, ...]
    billed: tuple[str, ...]
    unbilled: list[Unbilled]
    refusal: str | None


def plans_found(plans: Sequence[PayerListed], today: date) -> list[PlanFound]:
    """The answer of /plans."""
    return [
        PlanFound(plan=plan.payer_id, name=plan.name, in_network=provider_search.in_network(plan, today))
        for plan in plans
    ]


def search_answer(wanted: Wanted, page: provider_search.Found, each_plan: list[provider_search.Alone]) -> bytes:
    """The answer of /providers: a `SearchAnswer` as JSON, put together from the providers' cards as they are kept."""
    plans = [
        PlanAlone(
            plan=alone.plan.payer_id,
            name=alone.plan.name,
            in_network=alone.in_network,
            providers=alone.providers,
            more=alone.providers >= provider_search.COUNTED,
        )
        for alone in each_plan
    ]
    fields = {
        "state": to_json(wanted.state),
        "on": to_json(wanted.on),
        "plans": to_json(plans),
        "providers": f"[{','.join(page.cards)}]".encode(),
        "next": to_json(page.following),
    }
    return b"{" + b",".join(to_json(name) + b":" + value for name, value in fields.items()) + b"}"


def providers_on(page: provider_search.Found) -> list[ProviderFound]:
    """The providers of a page of results."""
    return [ProviderFound.model_validate_json(card) for card in page.cards]


def what_if(plans: tuple[str, ...], billing: provider_search.Billing) -> WhatIf:
    """One step of the answer of /providers/{provider_id}/billing."""
    return WhatIf(
        plans=plans,
        billed=billing.billed,
        unbilled=[Unbilled(plan=plan.id, reason=plan.reason.value) for plan in billing.unbilled],
        refusal=None if billing.refusal is None else billing.refusal.value,
    )
