"""The search page: what a reader asked for in its address, and what the page shows for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from services.coverage.pages import page_answers
from services.coverage.pages.state_names import STATES, states
from services.coverage.search import plan_look_up, provider_search, search_answer
from services.coverage.search.provider_search import COUNTED, BadCursorError, ProviderSearch, Wanted
from shared.database.postgres import Connection
from shared.events.directory import PayerListed
from shared.events.types import Language

FIELDS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the page's address, as it was typed. `plans` are plan ids or names."""

    plans: tuple[str, ...]
    state: str
    on: date
    on_typed: str
    day_readable: bool
    name: str
    cursor: str | None
    provider_id: str | None
    language: Language = "en"

    @classmethod
    def of(cls, items: Sequence[tuple[str, str]], today: date, language: Language = "en") -> "Asked":
        """From the address's parameters; what makes no sense counts as not given."""
        items = [(name, value.replace("\x00", "")) for name, value in items]  # PostgreSQL has no text with NUL
        last = dict(items)
        if "switch" in last:  # only the language changes: what is shown beside the form stays, too
            last |= {name.removeprefix("shown_"): value for name, value in items if name.startswith("shown_")}
        plans = tuple(value.strip()[:100] for name, value in items if name == "plan" and value.strip())[:FIELDS]
        typed = last.get("on", "")
        state = last.get("state", "").upper()
        return cls(
            plans=tuple(dict.fromkeys(plans)),
            state=state if state in STATES else "",
            on=page_answers.read_day(typed) or today,
            on_typed=page_answers.day_typed(typed or today.isoformat()),
            day_readable=not typed or page_answers.read_day(typed) is not None,
            name=last.get("q", "").strip()[:100],
            cursor=last.get("cursor"),
            provider_id=last.get("provider"),
            language=language,
        )


async def facts(searching: ProviderSearch, connection: Connection, asked: Asked) -> dict[str, Any]:
    """What the page shows: the form as it was filled in, what is wrong with it, and the results."""
    resolved = [await plan_look_up.meant(connection, typed) for typed in asked.plans]
    errors = _errors(asked, resolved)
    shown: dict[str, Any] = {
        "fields": _fields(asked, resolved),
        "states": states(asked.language),
        "state": asked.state,
        "on": asked.on_typed,
        "name": asked.name,
        "errors": errors,
        "known": [plan.name for plan in await plan_look_up.look_up(connection, "", 200)],
        "results": None,
        "form_id": "search",
        "shown": [
            (name, value) for name, value in (("provider", asked.provider_id), ("cursor", asked.cursor)) if value
        ],
    }
    chosen = tuple(dict.fromkeys(plans[0] for plans in resolved if len(plans) == 1))
    if errors or not chosen or not asked.state:
        return shown
    wanted = Wanted(chosen, asked.state, asked.on, asked.name)
    return {**shown, "results": await _results(searching, connection, asked, wanted)}


def _fields(asked: Asked, resolved: Sequence[Sequence[PayerListed]]) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = []
    for at in range(FIELDS):
        plans = resolved[at] if at < len(resolved) else ()
        typed = asked.plans[at] if at < len(asked.plans) else ""
        fields.append(
            {
                "id": f"plan-{at + 1}",
                "number": at + 1,
                "value": plans[0].name if len(plans) == 1 else typed,
                "choices": [plan.name for plan in plans] if len(plans) > 1 else [],
            }
        )
    return fields


def _errors(asked: Asked, resolved: Sequence[Sequence[PayerListed]]) -> list[dict[str, str]]:
    """What is wrong with a form that was sent; an empty one is no error."""
    errors = [
        {"id": f"plan-{at}", "word": "plan_not_found" if not plans else "plan_several"}
        for at, plans in enumerate(resolved, 1)
        if len(plans) != 1
    ]
    if asked.plans and not asked.state:
        errors.append({"id": "state", "word": "state_missing"})
    if not asked.day_readable:
        errors.append({"id": "on", "word": "date_unreadable"})
    return errors


async def _results(searching: ProviderSearch, connection: Connection, asked: Asked, wanted: Wanted) -> dict[str, Any]:
    cursor = asked.cursor if re.fullmatch(r"[A-Za-z0-9_-]{1,300}", asked.cursor or "") else None
    try:
        page = await searching.search(connection, wanted, cursor)
    except BadCursorError:
        page = await searching.search(connection, wanted, None)
    names = {plan.payer_id: plan.name for plan in wanted.plans}
    return {
        "plans": list(names.values()),
        "providers": [
            {
                "id": provider.provider_id,
                "name": f"{provider.first_name} {provider.last_name}",
                "city": provider.city,
                "phone": provider.phone,
                "dial": re.sub(r"[^0-9+]", "", provider.phone or ""),
                "profile_url": provider.profile_url,
                "booking_url": provider.booking_url,
                "address": _address(asked, wanted, "what-if", provider=provider.provider_id),
            }
            for provider in search_answer.providers_on(page)
        ],
        "next": _address(asked, wanted, "found", cursor=page.following) if page.following is not None else None,
        "alone": [
            {
                "name": alone.plan.name,
                "in_network": alone.in_network,
                "count": f"{COUNTED}+" if alone.providers >= COUNTED else str(alone.providers),
                "address": _address(asked, replace(wanted, plans=(alone.plan,)), "found"),
            }
            for alone in await searching.alone(connection, wanted)
        ],
        "what_if": await _what_if(connection, asked, wanted, names),
    }


async def _what_if(
    connection: Connection, asked: Asked, wanted: Wanted, names: dict[str, str]
) -> dict[str, Any] | None:
    """What would be billed for the chosen provider, plan by plan."""
    chosen = await provider_search.provider(connection, asked.provider_id) if asked.provider_id else None
    if chosen is None:
        return None
    steps = await provider_search.what_if(connection, chosen.provider_id, wanted)
    return {
        "name": f"{chosen.first_name} {chosen.last_name}",
        "steps": [
            {
                "plans": [names[plan] for plan in plans],
                "billed": [names[plan] for plan in billing.billed],
                "unbilled": [{"name": names[plan.id], "reason": plan.reason.value} for plan in billing.unbilled],
                "refused": billing.refusal is not None,
            }
            for plans, billing in steps
        ],
    }


def _address(asked: Asked, wanted: Wanted, part: str, **more: str | None) -> str:
    """The page's address for this search, from the part on that was asked for: the keyboard goes on from there."""
    parts = [("plan", plan.payer_id) for plan in wanted.plans]
    parts += [("state", wanted.state), ("on", wanted.on.isoformat())]
    parts += [("q", wanted.name)] if wanted.name else []
    parts += [(name, value) for name, value in more.items() if value is not None]
    parts.append(("lang", asked.language))
    return f"/search?{urlencode(parts)}#{part}"
