"""One story in which everything personal carries a mark: the mark is nowhere but where a reader needs it.

Name, address, birth date, member id, group number, e-mail, diagnosis, reference number and the subscriber are marked.
The story goes through all four services: two insurers, an account that is paused, a call, claims, money, letters, and
messages that nobody can read.
"""

import email
import email.policy
import json
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from unittest import mock

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import generate_latest

from shared import log
from shared.events.topics import PAYERS_OUTBOUND
from shared.runtime import tracing
from shared.runtime.deadletter import Incoming
from tests.simulation import generating, running, world
from tests.simulation.databases import Databases
from tests.simulation.marked import DIAGNOSIS, PERSONAL, MarkedFacts, marks, stored
from tests.simulation.moves import Move, Plan
from tests.simulation.stage import SERVICES, Published
from tests.simulation.world import World

UNREADABLE = (
    b'{"specversion": "1.0", "id": "m-1", "source": "/S1", "type": "clients.client.changed.v1", "time":'
    b' "2026-03-02T09:00:00Z", "data": {"client_id": "S1", "first_name": 1, "email": "qzx", "birth_date": "qzx",'
    b' "address": {"Qzx Lane": 7}}}',
    b'{"specversion": "1.0", "id": "m-2", "source": "/S1", "type": "clients.coordination.facts_stated.v1", "time":'
    b' "2026-03-02T09:00:00Z", "data": {"client_id": "S1", "plans": {"M QZX 1": {"employment": "qzx"}}}}',
    b'{"Sam Qzx": ',
    b'"qzx"',
)


@dataclass
class Seen:
    """What came out of the services."""

    messages: list[Published] = field(default_factory=list[Published])
    letters: list[bytes] = field(default_factory=list[bytes])


class SeenWorld(World):
    """A world that keeps what it is given, and sends messages that nobody can read."""

    seen = Seen()

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._later(1.0, self._send_unreadable)

    def _send_unreadable(self, now: datetime) -> None:
        for value in UNREADABLE:
            for service in SERVICES:
                origin = f"clients/{self.name}/{hash(value)}"
                self.broker.append(service.name, Incoming("clients", "S1", value, (), origin), now)

    def take(self, published: Published, now: datetime) -> None:
        """Take what a service let out."""
        self.seen.messages.append(published)
        super().take(published, now)

    def take_letter(self, mail: bytes, now: datetime) -> None:
        """A letter arrives."""
        self.seen.letters.append(mail)
        super().take_letter(mail, now)


@pytest.fixture
async def databases(stack_environment: dict[str, str]) -> AsyncGenerator[Databases]:
    found = Databases(stack_environment["TEST_STACK"])
    yield found
    await found.close()


def story() -> Plan:
    """Two plans, two sessions; the first payer says once that the client must call."""
    ordinary = generating.ordinary(1)
    moves = (
        Move("answer", 0.0, {"payer": "A", "session": 0, "nth": 0, "how": "must_call"}),
        Move("benefits", 0.0, {"payer": "A", "nth": 0, "how": "other_second"}),
    )
    return Plan(1, (*ordinary.moves, *moves))


async def test_nothing_personal_leaves_but_where_it_is_needed(
    databases: Databases, capfd: pytest.CaptureFixture[str]
) -> None:
    spans, provider, SeenWorld.seen = InMemorySpanExporter(), TracerProvider(), Seen()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    tracing.use(provider)
    log.configure("simulation", "debug", "json")
    try:
        async with databases.stage() as stage:
            with (
                mock.patch.object(world, "Facts", MarkedFacts),
                mock.patch.object(running, "World", SeenWorld),
            ):
                await running.run(stage, [story()])
            coverage = "\n".join((await stored(stage, "coverage")).values())
            aside = [
                row["reason"]
                for performer in stage.performers.values()
                for row in await performer.pool.fetch("select reason from set_aside")
            ]
    finally:
        tracing.use(None)
    written = capfd.readouterr()
    seen = SeenWorld.seen
    topics = {message.topic for message in seen.messages}
    kinds = {json.loads(m.value)["type"] for m in seen.messages if m.topic in ("coverage", "claims")}

    # The story went its whole way.
    assert {"coverage.account.paused.v1", "coverage.account.unpaused.v1", "claims.remittance.received.v1"} <= kinds
    assert {"coverage.benefits.reported.v1", "claims.acknowledgment.received.v1"} <= kinds
    assert "settlement" in topics
    assert len(seen.letters) > 3
    assert len(aside) == len(UNREADABLE) * len(SERVICES)
    assert PERSONAL.search("".join(m.value.decode("latin-1") for m in seen.messages if m.topic == PAYERS_OUTBOUND.name))

    assert marks(written.out + written.err) == []
    assert marks(generate_latest().decode()) == []
    assert spans.get_finished_spans()
    assert marks("\n".join(span.to_json() for span in spans.get_finished_spans())) == []
    assert marks("\n".join(aside)) == []
    assert marks("\n".join(message.key for message in seen.messages)) == []
    assert marks("\n".join(_headers(message) for message in seen.messages)) == []
    events = [m for m in seen.messages if not m.topic.endswith(".dead") and m.topic != PAYERS_OUTBOUND.name]
    assert marks("\n".join(message.value.decode() for message in events)) == []
    assert DIAGNOSIS not in coverage
    assert PERSONAL.search(coverage), "what coverage needs it keeps"
    for letter in seen.letters:
        assert marks(_outside(letter)) == []
        assert _preview(letter).startswith("A message about your account.")


def _headers(message: Published) -> str:
    return "\n".join(f"{name}: {value.decode('latin-1')}" for name, value in message.headers)


def _parts(mail: bytes) -> Any:
    return email.message_from_bytes(mail, policy=email.policy.default)


def _outside(mail: bytes) -> str:
    """What is seen of a letter without opening it, and where its links lead; the address itself is left out."""
    letter = _parts(mail)
    headers = [f"{name}: {value}" for name, value in letter.items() if name not in ("To", "Reply-To")]
    bodies = [part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"]
    links = [link for body in bodies for link in re.findall(r"https?://[^\s\"'<>]+", body)]
    return "\n".join([*headers, *links, _preview(mail)])


def _preview(mail: bytes) -> str:
    """What a mailbox shows beside the subject: the first text of the HTML."""
    html = next(part.get_content() for part in _parts(mail).walk() if part.get_content_type() == "text/html")
    body = re.sub(r"<(style|head|title)\b.*?</\1>|<!--.*?-->", "", html, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", body).strip()[:200]
