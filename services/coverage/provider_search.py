"""The search for providers who can bill every plan that a client has: in network and credentialed on the date.

A page of results costs the same whatever the number of providers: the rarest plan's providers are walked in the order
of their ids, a window at a time, and each is looked up for the other plans.
"""

import base64
import binascii
import functools
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.coverage import network
from services.coverage.network import Billing, Credential, NetworkSpan, PlanOnDate
from shared.events.directory import PayerListed, ProviderListed
from shared.postgres import Connection

PAGE = 20
MOST_PLANS = 5
COUNTED = 100
_WINDOW = 100
_SAMPLE = 1_000
_KEPT_SECONDS, _MOST_KEPT = 10.0, 20_000

_VALID = "from_day <= $3 and (to_day is null or to_day >= $3)"
# The next providers of the rarest plan, each looked up for the others: enough where plans share many providers.
_NEAR = f"""
with walked as materialized (
  select provider_id from credential
  where payer_id = $1 and state = $2 and {_VALID} and provider_id > $4 order by provider_id limit {_WINDOW}),
found as (
  select w.provider_id, p.listed from walked w join provider p using (provider_id)
  where not exists (
    select 1 from unnest($5::text[]) as other(payer_id) where not exists (
      select 1 from credential c where c.provider_id = w.provider_id and c.payer_id = other.payer_id and c.state = $2
      and {_VALID}))
  order by w.provider_id limit $6)
select f.listed, m.walked, m.last from (select count(*) as walked, max(provider_id) as last from walked) m
left join found f on true order by f.provider_id
"""
# All the providers of every plan, side by side in the order of their ids: for plans that share few.
_FAR = f"""
select p.listed from (select provider_id from credential where payer_id = $1 and state = $2 and {_VALID}) c
{{joins}} join provider p using (provider_id)
where provider_id > $4 {{named}} order by provider_id limit $5
"""
_JOIN = f"""
join (select provider_id from credential where payer_id = {{payer}} and state = $2 and {_VALID}) {{alias}}
using (provider_id)
"""
_NAMED = "and (lower(p.listed->>'last_name') like {name} or lower(p.listed->>'first_name') like {name})"
_COUNT = f"""
select count(*) from (select 1 from credential where payer_id = $1 and state = $2 and {_VALID} limit $4) as counted
"""
_PLANS = """
select listed from payer where position(lower($1) in lower(listed->>'name')) > 0 or payer_id = $1
order by lower(listed->>'name'), payer_id limit $2
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
    """A page of providers in the order of their ids, and the cursor of the next page (None: this is the last)."""

    providers: tuple[ProviderListed, ...]
    following: str | None


def in_network(plan: PayerListed, on: date) -> bool:
    """Whether the marketplace is in network with the payer on the date."""
    return network.in_network(_networks([plan]), plan.payer_id, on)


def _networks(plans: Sequence[PayerListed]) -> list[NetworkSpan]:
    return [NetworkSpan(plan.payer_id, span.from_day, span.to_day) for plan in plans for span in plan.in_network]


async def look_up(connection: Connection, typed: str, most: int = 10) -> list[PayerListed]:
    """The plans whose name holds what was typed, or whose id it is, by name."""
    return [PayerListed.model_validate_json(row["listed"]) for row in await connection.fetch(_PLANS, typed, most)]


class ProviderSearch:
    """The search of one process. Plans and rough counts are kept for a few seconds; who fits is always read anew."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[tuple[Any, ...], tuple[float, Any]] = {}

    async def _recent(self, key: tuple[Any, ...], read: Callable[[], Awaitable[Any]]) -> Any:
        """What was read under this key within the last seconds, or what `read` reads now."""
        until, value = self._kept.get(key, (0.0, None))
        if until > self._clock():
            return value
        value = await read()
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[key] = (self._clock() + _KEPT_SECONDS, value)
        return value

    async def plans(self, connection: Connection, ids: Sequence[str]) -> dict[str, PayerListed]:
        """The listed ones of these plans, by id."""
        found = {
            one: await self._recent(("plan", one), functools.partial(_plan, connection, one))
            for one in dict.fromkeys(ids)
        }
        return {one: plan for one, plan in found.items() if plan is not None}

    async def alone(self, connection: Connection, wanted: Wanted) -> list[Alone]:
        """What each of the plans alone would give."""
        found: list[Alone] = []
        for plan in wanted.plans:
            is_in = in_network(plan, wanted.on)
            count = await self._count(connection, wanted, plan.payer_id) if is_in else 0
            found.append(Alone(plan, is_in, min(count, COUNTED)))
        return found

    async def _count(self, connection: Connection, wanted: Wanted, payer_id: str) -> int:
        """How many providers a plan has in the state on the date, counted up to `_SAMPLE`."""
        arguments = (payer_id, wanted.state, wanted.on, _SAMPLE)
        counted = await self._recent(arguments, functools.partial(connection.fetchval, _COUNT, *arguments))
        assert isinstance(counted, int)
        return counted

    async def search(self, connection: Connection, wanted: Wanted, cursor: str | None, page: int = PAGE) -> Found:
        """One page of the providers who can bill every plan. Raises BadCursorError."""
        after = read_cursor(cursor)
        if not wanted.plans or not wanted.all_in_network:
            return Found((), None)
        driving = await self._rarest(connection, wanted)
        found: list[ProviderListed] = []
        if not wanted.name:
            near = await _near(connection, wanted, driving, after, page + 1)
            found, after = near.fitting, near.last or after
            if near.count < _WINDOW:
                return _page(found, page)
        if len(found) <= page:
            found += await _far(connection, wanted, driving, after, page + 1 - len(found))
        return _page(found, page)

    async def _rarest(self, connection: Connection, wanted: Wanted) -> str:
        """The plan with the fewest providers, as far as it is worth counting."""
        if len(wanted.plans) == 1:
            return wanted.plans[0].payer_id
        counts = [(await self._count(connection, wanted, plan), plan) for plan in _ids(wanted)]
        return min(counts)[1]


async def _plan(connection: Connection, payer_id: str) -> PayerListed | None:
    listed = await connection.fetchval("select listed from payer where payer_id = $1", payer_id)
    return None if listed is None else PayerListed.model_validate_json(listed)


def _page(found: list[ProviderListed], page: int) -> Found:
    """The first of them, and the cursor where there are more."""
    following = make_cursor(found[page - 1].provider_id) if len(found) > page else None
    return Found(tuple(found[:page]), following)


@dataclass(frozen=True, slots=True)
class _Near:
    """The next providers of the driving plan: those who fit, how many were looked at, and the last of these."""

    fitting: list[ProviderListed]
    count: int
    last: str | None


async def _near(connection: Connection, wanted: Wanted, driving: str, after: str, most: int) -> _Near:
    others = [plan for plan in _ids(wanted) if plan != driving]
    rows = await connection.fetch(_NEAR, driving, wanted.state, wanted.on, after, others, most)
    fitting = [ProviderListed.model_validate_json(row["listed"]) for row in rows if row["listed"] is not None]
    return _Near(fitting, rows[0]["walked"], rows[0]["last"])


async def _far(connection: Connection, wanted: Wanted, driving: str, after: str, most: int) -> list[ProviderListed]:
    others = [plan for plan in _ids(wanted) if plan != driving]
    joins = "".join(_JOIN.format(payer=f"${at + 6}", alias=f"c{at}") for at in range(len(others)))
    named = _NAMED.format(name=f"${len(others) + 6}") if wanted.name else ""
    names = [_begins(wanted.name)] if wanted.name else []
    statement = _FAR.format(joins=joins, named=named)
    rows = await connection.fetch(statement, driving, wanted.state, wanted.on, after, most, *others, *names)
    return [ProviderListed.model_validate_json(row["listed"]) for row in rows]


def _begins(name: str) -> str:
    """The pattern for the beginning of a name; what a pattern would read as a sign counts as itself."""
    return "".join(f"\\{char}" if char in "\\%_" else char for char in name.lower()) + "%"


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
        billing = network.billable_plans(
            order, networks=_networks(plans), credentials=held, state=wanted.state, on=wanted.on
        )
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
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise BadCursorError("the cursor is not one that this search gave: begin without one") from None
