"""A drill: two databases are lost, their processes refuse to start. Nothing leaves twice, and nothing is missing."""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from deploy.embedded.services import Services
from deploy.embedded.stack import Stack, database_variable
from shared import clock
from shared.events import envelope
from shared.events.directory import PayerListed
from shared.events.examples import example
from shared.events.types import Event
from shared.kafka.kafka_access import KafkaAccess
from shared.kafka.topic_reader import TopicReader
from tests.builders import cleared, completed, provider, registered
from tests.services.settlement.settlement_events import rate

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("rebuild")]
LOST = ("settlement", "notification")


class Drill:
    """Settlement, notification and the payment system on a stack of their own."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.services = Services(stack, {"LETTER_GATHER_SECONDS": "0", "LETTER_POLL_SECONDS": "0.2"})

    def start(self, *names: str) -> None:
        self.services.start(dict.fromkeys(names, 1))
        self.services.wait(120)

    def stop(self) -> None:
        self.services.stop()

    async def say(self, *events: Event) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.stack.kafka_bootstrap, enable_idempotence=True)
        await producer.start()
        for event in events:
            identity = f"drill-{event.noun_verb}-{event.key()}"
            message = envelope.first(event, id=identity, source="/drill", now=clock.now())
            await producer.send_and_wait(event.topic, message.to_bytes(), event.key().encode())
        await producer.stop()

    def clients(self, *names: str) -> list[Event]:
        said: list[Event] = []
        for name in names:
            said.append(registered(client_id=name, email=f"{name}@example.test"))
            said.append(cleared("own", client_id=name, session_id=f"s-{name}"))
            said.append(completed(client_id=name, session_id=f"s-{name}"))
        return said

    def letters(self) -> Counter[str]:
        with urllib.request.urlopen(f"{self.stack.inbox_url}/letters.json") as answer:
            return Counter(letter["to"][0] for letter in json.load(answer))

    def until_letters(self, count: int, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while sum(self.letters().values()) < count:
            assert time.monotonic() < deadline, f"{self.letters()} after {seconds} s"
            time.sleep(0.2)

    async def said(self, kind: str) -> Counter[str]:
        """How often settlement has said this of each client."""
        counts: Counter[str] = Counter()
        async with TopicReader(KafkaAccess.to(self.stack.kafka_bootstrap)) as reader:
            parts = await reader.partitions(["settlement"])
            ends = await reader.ends(parts)
            async for record in reader.read({part: (0, ends[part]) for part in parts}):
                message = envelope.read(record.value, record.headers)
                if message.type == f"settlement.{kind}.v1":
                    counts[message.subject] += 1
        return counts

    async def admin(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.stack.database_admin_url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    def name(self, service: str) -> str:
        return urlsplit(self.stack.database_url(service)).path.lstrip("/")

    async def lose(self) -> None:
        for service in LOST:
            name = self.name(service)
            await self.admin(f'drop database "{name}" with (force)', f'create database "{name}" owner "{service}"')

    def rebuild(self, service: str) -> dict[str, int]:
        environment = {**os.environ, **self.stack.env(), "OPERATOR": "drill"}
        assert database_variable(service) in environment
        done = subprocess.run(
            [sys.executable, "-m", f"services.{service}", "rebuild", "--why", "drill"],
            env=environment, capture_output=True, text=True, timeout=180,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def refuses(self, service: str) -> str:
        replica = self.services.add(service)
        assert replica.child.wait_end(90)
        assert replica.child.process.returncode == 3
        said = replica.child.tail(1)
        self.services.stop()
        return said


@pytest.fixture
def drill() -> Iterator[Drill]:
    with Stack.start(environ={}, fsync=False) as stack:
        yield Drill(stack)


def directory() -> list[Event]:
    payer = PayerListed.model_validate({**example(PayerListed), "payer_id": "ONE", "name": "Plan One Health"})
    return [payer, provider(), rate(15000)]


def test_after_a_rebuild_nothing_has_left_twice_and_nothing_is_missing(drill: Drill):
    drill.start("settlement", "notification", "payers")
    asyncio.run(drill.say(*directory(), *drill.clients("a", "b", "c")))
    drill.until_letters(3)
    drill.stop()

    asyncio.run(drill.lose())
    asyncio.run(drill.say(*drill.clients("g")))
    for service in LOST:
        assert "rebuild" in drill.refuses(service)
    rebuilt = {service: drill.rebuild(service) for service in LOST}
    drill.start("settlement", "notification", "payers")
    drill.until_letters(4)
    time.sleep(3)
    drill.stop()

    once = dict.fromkeys("abcg", 1)
    assert drill.letters() == {f"{name}@example.test": 1 for name in once}
    for kind in ("charge.requested", "client.charged", "payout.scheduled"):
        assert asyncio.run(drill.said(kind)) == once, kind
    assert rebuilt["settlement"]["said_before"] > 0
