"""A million clients in coverage's tables, and what deciding the order of benefits from those tables costs."""

import time
from datetime import date

import asyncpg
import psutil

from services.coverage import store
from services.coverage.plans.working_order import working_order
from services.coverage.store import prefetch
from shared import clock
from shared.events.clients import PlansEntered
from shared.runtime.transaction import Transaction

ON = date(2026, 3, 2)
BUSY, AT_A_TIME = 1_000, 200

FILL = """
insert into client select 'client-' || n, jsonb_build_object('client_id', 'client-' || n, 'first_name', 'Sam',
 'last_name', 'Doe', 'email', null, 'birth_date', '1990-05-05', 'address', jsonb_build_object('line1', '1 Main St',
 'city', 'Albany', 'state', 'NY', 'postal_code', '12201')),
 jsonb_build_array(
  jsonb_build_object('plan_id', 'spouses', 'payer_id', 'P' || 1 + n % 40, 'member_id', 'B' || n,
   'subscriber', jsonb_build_object('relation', 'spouse')),
  jsonb_build_object('plan_id', 'own', 'payer_id', 'P' || 1 + (n + 7) % 40, 'member_id', 'A' || n,
   'subscriber', jsonb_build_object('relation', 'self'))), date '2026-01-01', '{{"plans": {{}}}}'::jsonb
 from generate_series(1, {clients}) n;
insert into benefits select 'client-' || n, plan, date '2026-03-01', timestamptz '2026-03-01 09:00Z',
 jsonb_build_object('client_id', 'client-' || n, 'plan_id', plan, 'payer_id', 'P' || 1 + n % 40, 'trace', 'T' || n,
 'date_of_service', '2026-03-01', 'status', 'active', 'relation', case plan when 'own' then 'self' else 'dependent' end,
 'cost_share', jsonb_build_object('source', 'MH', 'confidence', 'high')), false
 from generate_series(1, {clients}) n, unnest('{{own,spouses}}'::text[]) plan;
insert into inquiry select 'client-' || n, 'T' || n, 'own', 'P' || 1 + (n + 7) % 40, date '2026-03-01',
 timestamptz '2026-03-01 08:00Z', timestamptz '2026-03-01 08:00Z', 1, 'answered'
 from generate_series(1, {clients}) n;
insert into session select 'client-' || n, 'session-' || n, 'cancelled', 'provider-' || 1 + n % 10000,
 date '2026-03-01', null, null, false, true, 1, null, null, null from generate_series(1, {clients}) n;
"""


async def fill(connection: asyncpg.Connection, clients: int) -> None:
    """Put so many clients there, each with two plans, their benefits, a question and a session."""
    await connection.execute(FILL.format(clients=clients), timeout=900)
    await connection.execute("vacuum analyze", timeout=900)


async def decision_ms(connection: asyncpg.Connection, clients: int) -> float:
    """The milliseconds of processor time, here and in the database, that it costs to read one client and decide.

    The busy ones are a thousand in any table, scattered over all of it: what is measured is the size of the table, not
    how much of it fits into memory.
    """
    backend = psutil.Process(await connection.fetchval("select pg_backend_pid()"))
    busy = [f"client-{n}" for n in range(1, clients + 1, clients // BUSY)]
    before = _seconds(backend)
    for at in range(0, BUSY, AT_A_TIME):
        await _decide(connection, busy[at : at + AT_A_TIME])
    return (_seconds(backend) - before) / BUSY * 1_000


def _seconds(backend: psutil.Process) -> float:
    times = backend.cpu_times()
    return time.process_time() + times.user + times.system


async def _decide(connection: asyncpg.Connection, clients: list[str]) -> None:
    """As a batch of messages does: read what all of them need, then decide one after the other."""
    async with connection.transaction():
        tx = Transaction(connection, "coverage", clock.now())
        await prefetch([PlansEntered(client_id=client, plans=()) for client in clients], tx)
        for client in clients:
            working = working_order(await store.situation(tx, client, fresh_days=30), ON)
            assert working.order == ("own", "spouses"), working
