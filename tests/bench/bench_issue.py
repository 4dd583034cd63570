"""From a payer's word to the letter, at 50 issues a second; and the page of the answer, at 100 requests a second.

Everything runs as it does in production, each service a process of its own on the real broker and database, the mail
server too. Both loads are open loops: a request is due at its time whether or not the one before has been answered,
and its delay counts from then. What passes on the way is read afterwards, from the times that broker, database and
inbox have kept, so that looking costs the services nothing.
"""

import asyncio
import json
import math
import os
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import asyncpg
import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.demo import cast
from deploy.embedded.services import Services
from deploy.embedded.stack import Stack
from shared import clock
from shared.events import envelope
from shared.events.topics import CLIENT_PARTITIONS
from shared.events.types import Event
from shared.kafka import creating_topics
from shared.pages import links
from shared.runtime import interchange
from shared.settings import ServiceSettings
from shared.x12.remittance_835.remittance import Remittance, RemittanceHeader, RemittedClaim, RemittedLine
from shared.x12.remittance_835.writer import write_remittances
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Party
from tests.bench import parts

LETTER_WITHIN_SECONDS, ISSUES_A_SECOND = 0.15, 50
PAGE_WITHIN_MS, PAGES_A_SECOND = 50.0, 100
SECONDS = int(os.environ.get("BENCH_SECONDS", "15"))
WARM = 100
"""The first issues and pages are not counted: they fill caches that a running service has full."""
PLACES = ("835 split", "835 posted", "paused", "letter asked for", "letter accepted")
_KINDS = {
    "claims.remittance.received.v1": "835 split",
    "claims.coordination.questioned.v1": "835 posted",
    "coverage.account.paused.v1": "paused",
}


def run() -> Iterator[dict[str, Any]]:
    """One line a figure."""
    with Stack.start(environ={}) as stack:
        asyncio.run(creating_topics.create(stack.kafka_bootstrap))
        quiet = {"LOG_LEVEL": "error", "ADDRESS_PER_MINUTE": "1000000", "LETTER_GATHER_SECONDS": "0"}
        services = Services(stack, quiet)
        services.start({"coverage": 1, "claims": 1, "notification": 1, "payers": 1})
        services.wait()
        bench = Bench(stack, services)
        yield from asyncio.run(bench.measured())


@dataclass
class Bench:
    """The services, the clients whose claims are denied, and what each took."""

    stack: Stack
    services: Services
    count: int = WARM + ISSUES_A_SECOND * SECONDS
    due: dict[str, float] = field(default_factory=dict[str, float])

    async def measured(self) -> list[dict[str, Any]]:
        """Issues first; their clients then answer on the page."""
        self.producer = AIOKafkaProducer(bootstrap_servers=self.stack.kafka_bootstrap, linger_ms=0)
        await self.producer.start()
        try:
            files = await self._claims_sent()
            for process in self.services.of("payers"):
                process.stop()
            used = self._cpu()
            await self._deny(files)
            letters = await self._letters()
            spent = self._cpu()
            issues = await self._issues_line(letters, {name: spent[name] - used[name] for name in spent})
            return [issues, await self._pages_line()]
        finally:
            await self.producer.stop()

    async def _claims_sent(self) -> list[tuple[str, bytes]]:
        """A claim of each client is with its payer; the 835 that denies each, and whose it is."""
        await self._publish(cast.directory())
        day = clock.today().isoformat()
        for number in range(self.count):
            client, session = _client(number), f"session-{number}"
            await self._publish(
                [
                    cast.registered(client, f"{client}@inbox.example", "Sam", f"Doe{number}"),
                    cast.entered(client, cast.own("own-plan", "PLANONE", f"ONE{number:06}")),
                    cast.session(client, session, day),
                    cast.completed(client, session, day),
                ]
            )
        rows = await _until(
            self.stack.database_url("claims"), "select client_id, control from control_numbers", self.count
        )
        return [(row["client_id"], _denial(row["control"], n)) for n, row in enumerate(rows)]

    async def _publish(self, events: Sequence[Event]) -> None:
        for event in events:
            enveloped = envelope.first(event, id=str(uuid.uuid4()), source="/bench", now=clock.now())
            await self.producer.send(event.topic, enveloped.to_bytes(), event.key().encode())

    async def _deny(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Deliver the 835s, one each, at their times."""
        began = time.time() + 0.1
        for number, (client, value) in enumerate(files):
            self.due[client] = began + number / ISSUES_A_SECOND
            await asyncio.sleep(max(0.0, self.due[client] - time.time()))
            message = interchange.outgoing(
                "payers.inbound", payer_id="PLANONE", control=str(number), value=value, source="/bench"
            )
            await self.producer.send(message.topic, value, message.key.encode(), headers=message.headers)
        await self.producer.flush()

    async def _letters(self) -> dict[str, float]:
        """When the mail server had accepted each client's letter."""
        folder = self.stack.run.folder / "letters"
        arrived: dict[str, float] = {}
        seen: set[Path] = set()
        for _ in range(600):
            for path in set(folder.glob("*.json")) - seen:
                if (text := path.read_text()).endswith("}"):
                    seen.add(path)
                    letter = json.loads(text)
                    client = letter["to"][0].partition("@")[0]
                    at = datetime.fromisoformat(letter["received_at"]).timestamp()
                    arrived[client] = min(at, arrived.get(client, math.inf))
            if self.due.keys() <= arrived.keys():
                return arrived
            await asyncio.sleep(0.2)
        raise TimeoutError(f"{len(self.due.keys() - arrived.keys())} letters did not come")

    async def _issues_line(self, letters: Mapping[str, float], cpu: Mapping[str, float]) -> dict[str, Any]:
        at = await self._places(letters)
        counted = list(self.due)[WARM:]
        hops: dict[str, list[float]] = {place: [] for place in PLACES}
        for client in counted:
            before = self.due[client]
            for place in PLACES:
                hops[place].append((at[place][client] - before) * 1_000)
                before = at[place][client]
        p50, p99 = _percentiles([letters[client] - self.due[client] for client in counted])
        return {
            "name": f"835 to letter accepted, p99 at {ISSUES_A_SECOND} issues/s",
            "value": round(p99, 3),
            "unit": "s",
            "floor": LETTER_WITHIN_SECONDS,
            "ratio": round(LETTER_WITHIN_SECONDS / p99, 2),
            "p50_seconds": round(p50, 3),
            "hops_p50_p99_ms": {
                place: [round(milliseconds) for milliseconds in _percentiles(took)] for place, took in hops.items()
            },
            "cpu_ms_an_issue": {name: round(seconds / len(self.due) * 1_000, 1) for name, seconds in cpu.items()},
        }

    async def _places(self, letters: Mapping[str, float]) -> dict[str, dict[str, float]]:
        """When each client's issue came by each place: the broker's times of the events, the database's of the row."""
        at: dict[str, dict[str, float]] = {place: {} for place in PLACES}
        at["letter accepted"] = dict(letters)
        rows = await _until(
            self.stack.database_url("notification"),
            "select client_id, asked_at from letters where letter = 'coordination-issue'",
            len(self.due),
        )
        at["letter asked for"] = {row["client_id"]: row["asked_at"].timestamp() for row in rows}
        consumer = AIOKafkaConsumer(bootstrap_servers=self.stack.kafka_bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        consumer.assign([TopicPartition(t, n) for t in ("claims", "coverage") for n in range(CLIENT_PARTITIONS)])
        while batches := await consumer.getmany(timeout_ms=500):
            for record in (record for records in batches.values() for record in records):
                body = json.loads(record.value or b"{}")
                if (place := _KINDS.get(body.get("type", ""))) is not None:
                    at[place].setdefault(body["subject"], record.timestamp / 1_000)
        await consumer.stop()
        return at

    async def _pages_line(self) -> dict[str, Any]:
        rows = await _until(self.stack.database_url("coverage"), "select client_id, pause_id from pause", self.count)
        key = ServiceSettings.model_fields["link_key"].default.get_secret_value()
        ends = clock.now() + timedelta(days=1)
        paths = [f"/coordination/{links.sign('coordination', {**row}, (key,), ends)}" for row in rows]
        where = urlsplit(self.services.of("coverage")[0].pages_url)
        host, port = where.hostname or "", where.port or 0
        used, began = self._cpu(), time.perf_counter() + 0.1
        tasks: list[asyncio.Task[float]] = []
        for number in range(2 * len(paths)):
            due = began + number / PAGES_A_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            form = _ANSWER if number % 2 else None
            tasks.append(asyncio.create_task(_asked(host, port, paths[number // 2], form, due)))
        took = await asyncio.gather(*tasks)
        spent = self._cpu()
        answered = "select client_id from confirmation where reference_number <> ''"
        await _until(self.stack.database_url("coverage"), answered, len(paths))
        counted = [seconds * 1_000 for seconds in took[2 * WARM :]]
        p50, p99 = _percentiles(counted)
        by_method = {"GET": _percentiles(counted[::2]), "POST": _percentiles(counted[1::2])}
        return {
            "name": f"page of the answer, p99 at {PAGES_A_SECOND} requests/s",
            "value": round(p99, 1),
            "unit": "ms",
            "floor": PAGE_WITHIN_MS,
            "ratio": round(PAGE_WITHIN_MS / p99, 2),
            "p50_ms": round(p50, 1),
            "p50_p99_ms": {method: [round(value, 1) for value in two] for method, two in by_method.items()},
            "cpu_ms_a_request": {name: round((spent[name] - used[name]) / len(tasks) * 1_000, 2) for name in spent},
        }

    def _cpu(self) -> dict[str, float]:
        """The seconds of CPU that each part has used: the services, the broker, the databases, the inbox."""
        used = parts.cpu_seconds()
        used["bench"] = sum(psutil.Process().cpu_times()[:2])
        return used


_ANSWER = {"call": "PLANONE", "reference": "REF-2026-0815", "plan": "own-plan", "representative": "Maria"}


def _client(number: int) -> str:
    return f"client-{number}"


def _denial(control: str, number: int) -> bytes:
    """An 835 that denies a claim until the member has called: CARC 22 with N197."""
    today = clock.today()
    line = RemittedLine(
        cast.CHARGE_CENTS,
        0,
        "90837",
        ("95",),
        adjustments=(Adjustment("CO", "22", cast.CHARGE_CENTS),),
        remarks=("N197",),
    )
    claim = RemittedClaim(control, "4", cast.CHARGE_CENTS, 0, 0, "CI", f"ICN{number}", lines=(line,))
    header = RemittanceHeader(
        payment_cents=0,
        trace=f"TRN-{number}",
        paid_on=today,
        payer=Party("Plan One Health", id="PLANONE", id_kind="XV"),
        payee=Party("Evergreen Care Group", id="1234567893", id_kind="XX"),
        produced_on=today,
    )
    whose = Envelope("PLANONE", "MARKETPLACE", number + 1, clock.now())
    return write_remittances([Remittance(header, (claim,))], whose)


async def _until(url: str, query: str, count: int) -> list[asyncpg.Record]:
    """The rows of the query, once there are so many."""
    connection = await asyncpg.connect(url)
    try:
        rows: list[asyncpg.Record] = []
        for _ in range(1_200):
            rows = await connection.fetch(query)
            if len(rows) >= count:
                return rows
            await asyncio.sleep(0.5)
        raise TimeoutError(f"{len(rows)} of {count} rows: {query}")
    finally:
        await connection.close()


async def _asked(host: str, port: int, path: str, form: Mapping[str, str] | None, due: float) -> float:
    """Ask for a page, or send its form, on a connection of its own; the seconds since it was due."""
    body = urlencode({**form, "called_on": clock.today().isoformat()}).encode() if form is not None else b""
    head = f"{'GET' if form is None else 'POST'} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(head.encode() + body)
    answer = await reader.read(-1)
    took = time.perf_counter() - due
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200" if form is None else b"HTTP/1.1 303"), answer[:200]
    return took


def _percentiles(values: Sequence[float]) -> tuple[float, float]:
    """The 50th and the 99th."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
