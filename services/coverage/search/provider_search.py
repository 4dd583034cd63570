"""The search for providers who can bill every plan that a client has: in network and credentialed on the date.

A page of results costs about the same whatever the number of providers: the providers of each plan lie in an index in
the order of their ids, and are read side by side from the cursor on until the page is full.
"""

import base64
import binascii
import functools
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.coverage.rows import Credential, NetworkSpan
from services.coverage.sessions import network
from services.coverage.sessions.network import Billing, PlanOnDate
from shared.database.postgres import Connection
from shared.events.directory import PayerListed, ProviderListed

PAGE = 20
MOST_PLANS = 5
COUNTED = 100
_SAMPLE = 500
_KEPT_SECONDS, _MOST_KEPT = 10.0, 20_000

_VALID = "from_day <= $3 and (to_day is null or to_day >= $3)"
_OF_PLAN = "select provider_id from credential where payer_id = {payer} and state = $2 and " + _VALID
# The plan with the fewest providers comes first; a provider of it must be found in each further plan.
_SEARCH = f"""
select provider_id, p.card from ({_OF_PLAN.format(payer="$1")} and provider_id > $4) driving
{{further}} join provider p using (provider_id)
{{named}} order by provider_id limit $5
"""
# Plans of about the same size are merged in the order of the index: a few dozen neighbouring entries make a page.
_MERGED = f"join ({_OF_PLAN}) {{alias}} using (provider_id)"
# A plan with few providers is not merged with one of very many: each of the few is looked up in it.
_LOOKED_UP = (
    f"cross join lateral ({_OF_PLAN} and credential.provider_id = driving.provider_id offset 0) as {{alias}}(found)"
)
# The first word narrows by the index of first names; the whole name then decides. No name is a pattern: `%` is a sign.
_NAMED = """where (p.folded_last_name ^@ {name} or p.folded_first_name ^@ split_part({name}, ' ', 1)
  and (p.folded_first_name || ' ' || p.folded_last_name) ^@ {name})"""
_COUNT = f"""
select count(*) from (select 1 from credential where payer_id = $1 and state = $2 and {_VALID} limit $4) as counted
"""


class BadCursorError(Exception):
    """The cursor is not one that a page of results gave."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for: providers for a client in `state` on a date, optionally by the beginning of a name."""

    plans: tuple[PayerListed, ...]
    state: str
    on: date
    name: str = ""

    @property
    def all_in_network(self) -> bool:
        """Whether the marketplace is in network with every plan on the date."""
        return all(in_network(plan, self.on) for plan in self.plans)


@dataclass(frozen=True, slots=True)
class Alone:
    """What one plan alone would give: how many providers, counted up to `COUNTED`."""

    plan: PayerListed
    in_network: bool
    providers: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page of providers in the order of their ids, and the cursor of the next page (None: this is the last).

    `cards` are what the search says of each provider, as the JSON text of a `ProviderFound`.
    """

    cards: tuple[str, ...]
    following: str | None


def in_network(plan: PayerListed, on: date) -> bool:
    """Whether the marketplace is in network with the payer on the date."""
    return network.in_network(_networks([plan]), plan.payer_id, on)


def _networks(plans: Sequence[PayerListed]) -> list[NetworkSpan]:
    return [NetworkSpan(plan.payer_id, span.from_day, span.to_day) for plan in plans for span in plan.in_network]


class ProviderSearch:
    """The search of one process. Plans and rough counts are kept for a few seconds; who fits is always read anew."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[tuple[Any, ...], tuple[float, Any]] = {}

    async def _recent(self, key: tuple[Any, ...], read: Callable[[], Awaitable[Any]]) -> Any:
        """What was read under this key within the last seconds, or what `read` reads now."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] > self._clock():
            return kept[1]
        value = await read()
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[key] = (self._clock() + _KEPT_SECONDS, value)
        return value

    async def plans(self, connection: Connection, ids: Sequence[str]) -> dict[str, PayerListed]:
        """The listed ones of these plans, by id."""
        listed = {
            plan_id: await self._recent(("plan", plan_id), functools.partial(_plan, connection, plan_id))
            for plan_id in dict.fromkeys(ids)
        }
        return {plan_id: plan for plan_id, plan in listed.items() if plan is not None}

    async def alone(self, connection: Connection, wanted: Wanted) -> list[Alone]:
        """What each of the plans alone would give."""
        counts: list[Alone] = []
        for plan in wanted.plans:
            is_in = in_network(plan, wanted.on)
            count = await self._count(connection, wanted, plan.payer_id) if is_in else 0
            counts.append(Alone(plan, is_in, min(count, COUNTED)))
        return counts

    async def _count(self, connection: Connection, wanted: Wanted, payer_id: str) -> int:
        """How many providers a plan has in the state on the date, counted up to `_SAMPLE`."""
        arguments = (payer_id, wanted.state, wanted.on, _SAMPLE)
        counted = await self._recent(arguments, functools.partial(connection.fetchval, _COUNT, *arguments))
        assert isinstance(counted, int)
        return counted

    async def _folded(self, connection: Connection, name: str) -> str:
        """A typed name as names are compared (migration 0006); "" where nothing is left of it, which nobody is called.

        Folded ahead of the search, whose statement would otherwise do it again for every provider.
        """
        return await self._recent(("name", name), functools.partial(connection.fetchval, "select folded($1)", name))

    async def search(self, connection: Connection, wanted: Wanted, cursor: str | None, page: int = PAGE) -> Found:
        """One page of the providers who can bill every plan. Raises BadCursorError."""
        after = read_cursor(cursor)
        names = [await self._folded(connection, wanted.name)] if wanted.name else []
        if not wanted.plans or not wanted.all_in_network or "" in names:
            return Found((), None)
        counted = sorted([(await self._count(connection, wanted, plan), plan) for plan in _ids(wanted)])
        plans, few = [plan for _, plan in counted], counted[0][0] < _SAMPLE <= counted[-1][0]
        rows = await connection.fetch(
            _statement(len(plans), few, bool(names)),
            *(plans[0], wanted.state, wanted.on, after, page + 1, *plans[1:], *names),
        )
        following = make_cursor(rows[page - 1]["provider_id"]) if len(rows) > page else None
        return Found(tuple(row["card"] for row in rows[:page]), following)


@functools.cache
def _statement(plans: int, few: bool, named: bool) -> str:
    """The search by so many plans. `few`: the first has few providers, and the last very many."""
    join = _LOOKED_UP if few else _MERGED
    further = "\n".join(join.format(payer=f"${at + 5}", alias=f"c{at}") for at in range(1, plans))
    return _SEARCH.format(further=further, named=_NAMED.format(name=f"${plans + 5}") if named else "")


async def _plan(connection: Connection, payer_id: str) -> PayerListed | None:
    listed = await connection.fetchval("select listed from payer where payer_id = $1", payer_id)
    return None if listed is None else PayerListed.model_validate_json(listed)


def _ids(wanted: Wanted) -> list[str]:
    return [plan.payer_id for plan in wanted.plans]


async def provider(connection: Connection, provider_id: str) -> ProviderListed | None:
    """One listed provider."""
    listed = await connection.fetchval("select listed from provider where provider_id = $1", provider_id)
    return None if listed is None else ProviderListed.model_validate_json(listed)


async def what_if(connection: Connection, provider_id: str, wanted: Wanted) -> list[tuple[tuple[str, ...], Billing]]:
    """What would be billed for this provider with the first plan alone, then with each further one added."""
    rows = await connection.fetch(
        "select payer_id, state, from_day, to_day from credential"
        " where provider_id = $1 and payer_id = any($2::text[])",
        provider_id,
        _ids(wanted),
    )
    held = [Credential(row["payer_id"], row["state"], row["from_day"], row["to_day"]) for row in rows]
    steps: list[tuple[tuple[str, ...], Billing]] = []
    for count in range(1, len(wanted.plans) + 1):
        plans = wanted.plans[:count]
        order = [PlanOnDate(plan.payer_id, plan.payer_id) for plan in plans]
        contracts = network.Contracts(_networks(plans), held, wanted.state, wanted.on)
        billing = network.billable_plans(order, contracts)
        steps.append((tuple(plan.payer_id for plan in plans), billing))
    return steps


def make_cursor(provider_id: str) -> str:
    """The cursor of the page that begins after a provider."""
    return base64.urlsafe_b64encode(provider_id.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> str:
    """The provider after which a page begins, "" for the first. Raises BadCursorError."""
    if not cursor:
        return ""
    try:
        read = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        read = "\x00"
    if "\x00" in read:
        raise BadCursorError("the cursor is not one that this search gave: begin without one")
    return read
