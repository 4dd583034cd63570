"""How fast an 835 of 5,000 claims is split, matched, balanced and posted, in one process on a real database."""

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import asyncpg

from deploy.embedded.stack import Stack
from services.claims.app import SERVICE
from shared import clock, outbox, postgres
from shared.consume import Consumer
from shared.deadletter import Incoming
from shared.events import envelope
from shared.events.catalogue import CATALOGUE
from shared.events.examples import example
from shared.events.types import Event
from shared.x12.adjustments import Adjustment
from shared.x12.envelope_writer import Envelope
from shared.x12.parties import Party
from shared.x12.remittance_835 import Remittance, RemittanceHeader, RemittedClaim, RemittedLine
from shared.x12.remittance_835_writer import write_remittances

CLAIMS, BATCH = 5_000, 500
CLAIMS_A_SECOND = 3_000
NOW = clock.now()
PAID_ON, SERVED_ON = NOW.date(), NOW.date() - timedelta(days=9)


def run() -> Iterator[dict[str, Any]]:
    """One line a figure."""
    with Stack.start(kafka=False, inbox=False, environ={}) as stack:
        yield from asyncio.run(_measured(stack.database_url("claims")))


async def _measured(url: str) -> list[dict[str, Any]]:
    pool = await postgres.connect(url, size=4, application="bench")
    async with pool.acquire() as connection:
        await postgres.migrate(connection, postgres.RUNTIME_MIGRATIONS, SERVICE.migrations)
    consumer = Consumer(SERVICE, pool, attempts=1, wake=lambda: None)
    await _send_claims(consumer, pool)
    controls = [row["control"] for row in await pool.fetch("select control from control_numbers order by control")]
    if len(controls) != CLAIMS:
        why = await pool.fetch("select state, reason, count(*) from claims group by 1, 2")
        aside = await pool.fetch("select reason, count(*) from set_aside group by 1")
        raise AssertionError(f"{len(controls)} claims went out: {why} {aside}")
    started, cpu = time.perf_counter(), time.process_time()
    await consumer.batch([Incoming("payers.inbound", "payer-1-1", _file(controls), (), "payers.inbound/0/1")])
    split = time.perf_counter() - started
    facts = await _taken(pool)
    slowest = 0.0
    for at in range(0, len(facts), BATCH):
        began = time.perf_counter()
        await consumer.batch(facts[at : at + BATCH])
        slowest = max(slowest, time.perf_counter() - began)
    took, used = time.perf_counter() - started, time.process_time() - cpu
    posted = await pool.fetchval("select count(*) from claims where state = 'adjudicated'")
    await pool.close()
    assert posted == CLAIMS, f"{posted} posted"
    rate = CLAIMS / took
    return [
        {
            "name": "remittance_posted",
            "value": round(rate),
            "unit": "claims/s",
            "floor": CLAIMS_A_SECOND,
            "ratio": round(rate / CLAIMS_A_SECOND, 2),
            "split_seconds": round(split, 2),
            "others_wait_seconds": round(max(split, slowest), 2),
            "cpu_us_a_claim": round(used / CLAIMS * 1e6),
        }
    ]


def _an(kind: str, **fields: Any) -> Event:
    model = CATALOGUE[f"{kind}.v1"]
    return model.model_validate({**example(model), **fields})


def _message(event: Event, number: int) -> Incoming:
    one = envelope.first(event, id=f"bench-{number}-{event.noun_verb}", source="/bench", now=NOW)
    return Incoming(event.topic, event.key(), one.to_bytes(), (), f"{event.topic}/0/{number}")


async def _send_claims(consumer: Consumer, pool: asyncpg.Pool) -> None:
    """A primary claim of each of 5,000 clients goes out."""
    shared = [_an("directory.payer.listed", payer_id="payer-1", filing_limit_days=90), _an("directory.provider.listed")]
    await consumer.batch([_message(event, 0) for event in shared])
    plan = {"plan_id": "plan-1", "payer_id": "payer-1", "level": "primary", "billable": True, "reason": None}
    line = {"procedure": "90837", "modifiers": ["95"], "units": 1, "charge_cents": 22000}
    for at in range(0, CLAIMS, BATCH):
        messages: list[Incoming] = []
        for number in range(at, at + BATCH):
            whose = {"client_id": f"client-{number:05}", "session_id": f"S{number:05}"}
            client = whose["client_id"]
            facts = [
                _an("clients.client.registered", client_id=client, last_name=f"Doe{number}"),
                _an("clients.plans.entered", client_id=client),
                _an("sessions.session.confirmed", **whose, lines=[line], date_of_service=SERVED_ON),
                _an(
                    "coverage.session.cleared",
                    **whose,
                    lines=[line],
                    plans=[plan],
                    date_of_service=SERVED_ON,
                    marked=None,
                ),
                _an("sessions.session.completed", **whose, date_of_service=SERVED_ON),
            ]
            messages += [_message(event, number + 1) for event in facts]
        await consumer.batch(messages)
    await pool.execute("truncate outbox")


def _file(controls: list[str]) -> bytes:
    adjustments = (Adjustment("CO", "45", 7000), Adjustment("PR", "2", 3000))
    line = RemittedLine(22000, 12000, "90837", ("95",), adjustments=adjustments, allowed_cents=15000)
    claims = tuple(
        RemittedClaim(control, "1", 22000, 12000, 3000, "CI", f"ICN{number}", lines=(line,))
        for number, control in enumerate(controls)
    )
    header = RemittanceHeader(
        payment_cents=12000 * len(claims),
        trace="TRN-1",
        paid_on=PAID_ON,
        payer=Party("Payer One", id="payer-1", id_kind="XV"),
        payee=Party("Evergreen Care Group", id="1234567893", id_kind="XX"),
        produced_on=PAID_ON,
    )
    return write_remittances([Remittance(header, claims)], Envelope("PAYER", "MARKETPLACE", 1, NOW))


async def _taken(pool: asyncpg.Pool) -> list[Incoming]:
    """What the relay would publish to our own topic."""
    rows = await pool.fetch("delete from outbox returning id, topic, key, value, headers")
    return [
        Incoming(row["topic"], row["key"], row["value"], tuple(outbox.unpack(row["headers"])), f"claims/0/{row['id']}")
        for row in sorted(rows, key=lambda row: row["id"])
        if row["topic"] == "claims"
    ]
