"""Claims for the benchmark: two that the handlers made, one waiting for its remittance and one paid, and copies.

A copy is one client with one session, made in SQL. The number of copy `n` of `few` is `FEWn-P`; its client has the
same name without the level.
"""

from datetime import timedelta
from typing import Any

import asyncpg

from services.claims.claim.statements import as_reported
from shared import clock
from shared.events import envelope
from shared.events.catalogue import CATALOGUE
from shared.events.claims import AcknowledgmentReceived
from shared.events.examples import example
from shared.events.types import Event
from shared.runtime import outbox
from shared.runtime.consume import Consumer
from shared.runtime.deadletter import Incoming
from shared.x12.claim_status_277.status import ClaimStatus, ClaimStatusReport, Status
from shared.x12.claim_status_277.writer import write_claim_statuses
from shared.x12.remittance_835.remittance import Remittance, RemittanceHeader, RemittedClaim, RemittedLine
from shared.x12.remittance_835.writer import write_remittances
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Party

NOW = clock.now()
PAID_ON, SERVED_ON = NOW.date(), NOW.date() - timedelta(days=9)
WAITING, PAID = "WAITING", "PAID"


def _an(kind: str, **fields: Any) -> Event:
    model = CATALOGUE[f"{kind}.v1"]
    return model.model_validate({**example(model), **fields})


def _message(event: Event) -> Incoming:
    enveloped = envelope.first(event, id=f"bench-{event.key()}-{event.noun_verb}", source="/bench", now=NOW)
    return Incoming(event.topic, event.key(), enveloped.to_bytes(), (), f"{event.topic}/0/{enveloped.id}")


async def samples(consumer: Consumer, pool: asyncpg.Pool) -> None:
    """Send two claims, and post the remittance of one."""
    shared = [_an("directory.payer.listed", payer_id="payer-1", filing_limit_days=90), _an("directory.provider.listed")]
    plan = {"plan_id": "plan-1", "payer_id": "payer-1", "level": "primary", "billable": True, "reason": None}
    line = {"procedure": "90837", "modifiers": ["95"], "units": 1, "charge_cents": 22000}
    facts = list(shared)
    for name in (WAITING, PAID):
        whose = {"client_id": name, "session_id": name}
        dated = {**whose, "date_of_service": SERVED_ON}
        facts += [
            _an("clients.client.registered", client_id=name, last_name="Doe", first_name="Sam"),
            _an("clients.plans.entered", client_id=name),
            _an("sessions.session.confirmed", **dated, lines=[line]),
            _an("coverage.session.cleared", **dated, lines=[line], plans=[plan], marked=None),
            _an("sessions.session.completed", **dated),
        ]
    await consumer.batch([_message(event) for event in facts])
    await consumer.batch([Incoming("payers.inbound", "payer-1-0", remittance([f"{PAID}-P"], "sample"), (), "x/0/0")])
    rows = await pool.fetch("delete from outbox returning topic, key, value, headers")
    own = [row for row in rows if row["topic"] == "claims" and b"remittance.received" in row["value"]]
    await consumer.batch(
        [Incoming("claims", row["key"], row["value"], tuple(outbox.unpack(row["headers"])), "x/0/1") for row in own]
    )
    states = {row["client_id"]: row["state"] for row in await pool.fetch("select client_id, state from claims")}
    assert states == {WAITING: "submitted", PAID: "adjudicated"}, states
    await pool.execute("truncate outbox, timers, inbox")


_TABLES = ("clients", "plans", "sessions", "claims", "control_numbers", "documents", "decisions", "history")
_COLUMNS = """
select column_name from information_schema.columns where table_schema = 'public' and table_name = $1 order by 1
"""


async def copy(pool: asyncpg.Pool, sample: str, name: str, count: int) -> list[str]:
    """Copy the sample's rows `count` times; the copies' control numbers, in order. Paid ones spread over a year."""
    stem = name.upper().replace("-", "")
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")  # no triggers: rows as they are
        for table in _TABLES:
            columns = [row["column_name"] for row in await connection.fetch(_COLUMNS, table)]
            values = [_value(column, stem, paid=sample == PAID) for column in columns]
            await connection.execute(
                f"insert into {table} ({', '.join(columns)}) select {', '.join(values)}"
                f" from {table} s cross join generate_series(1, {count}) n where client_id = '{sample}'",
                timeout=3600,
            )
    await pool.execute("analyze", timeout=600)
    return [f"{stem}{number}-P" for number in range(1, count + 1)]


def _value(column: str, stem: str, *, paid: bool) -> str:
    """The SQL of a column of copy `n`."""
    match column:
        case "client_id" | "session_id" | "base":
            return f"'{stem}' || n"
        case "control":
            return f"'{stem}' || n || '-P'"
        case "key":
            return f"'{stem}' || n || 'P'"
        case "payer_claim_id" if paid:
            return f"'ICN{stem}' || n"
        case "identity":
            return f"md5('{stem}' || n)"
        case "service_on" if paid:
            return "service_on - n % 360"
        case "document" if paid:
            return "'{}'"  # nobody reads it, and a million would fill the disk
        case _:
            return column


def remittance(controls: list[str], name: str) -> bytes:
    """An 835 that pays the claims as real ones do: with the patient, our line's number, day and allowed amount."""
    adjustments = (Adjustment("CO", "45", 7000), Adjustment("PR", "2", 3000))
    claims = tuple(
        RemittedClaim(
            control,
            "1",
            22000,
            12000,
            3000,
            "CI",
            f"ICN{control}",
            patient=Party("Doe", "Sam"),
            lines=(
                RemittedLine(
                    22000,
                    12000,
                    "90837",
                    ("95",),
                    control=f"{control.removesuffix('-P')}-1",
                    adjustments=adjustments,
                    allowed_cents=15000,
                    service_from=SERVED_ON,
                ),
            ),
        )
        for control in controls
    )
    header = RemittanceHeader(
        payment_cents=12000 * len(claims),
        trace=f"TRN-{name}",
        paid_on=PAID_ON,
        payer=Party("Payer One", id="payer-1", id_kind="XV"),
        payee=Party("Evergreen Care Group", id="1234567893", id_kind="XX"),
        produced_on=PAID_ON,
    )
    return write_remittances([Remittance(header, claims)], Envelope("PAYER", "MARKETPLACE", 1, NOW))


def _taken(control: str) -> ClaimStatus:
    return ClaimStatus(control, (Status("A2", "20"),))


def acknowledgment(control: str) -> bytes:
    """A 277CA that takes the claim."""
    report = ClaimStatusReport((_taken(control),), payer=Party("Payer One", id="payer-1"))
    return write_claim_statuses([report], Envelope("PAYER", "MARKETPLACE", 2, NOW))


def acknowledged(control: str) -> Event:
    """The same as the fact that it becomes."""
    client = control.removesuffix("-P")
    return AcknowledgmentReceived(
        client_id=client,
        session_id=client,
        level="primary",
        control=control,
        set="277CA",
        accepted=True,
        report=as_reported(_taken(control)),
        received_on=PAID_ON,
    )
