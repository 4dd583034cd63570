"""A stack for drills: clients whose sessions go through every service, databases that are saved, restored or lost.

What left for the outside is counted where the outside sees it: claims on the payers' topic, letters in the inbox,
charges, refunds and payouts on settlement's topic.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from urllib.parse import urlsplit

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from deploy.demo import cast
from deploy.embedded.services import Services
from deploy.embedded.stack import SERVICES, Stack, database_variable
from shared import clock
from shared.database import postgres
from shared.events import envelope
from shared.events.claims import PaymentRemitted
from shared.events.settlement import ChargeRequested, CostFinalized, PayoutScheduled, RefundRequested
from shared.events.topics import ALL, PAYERS_OUTBOUND
from shared.events.types import Event
from shared.kafka import creating_topics
from shared.kafka.kafka_access import KafkaAccess
from shared.kafka.topic_reader import Record, TopicReader, committed
from shared.process import behind

OURS = ("coverage", "claims", "settlement", "notification")
QUICK = {
    "LETTER_GATHER_SECONDS": "0",
    "LETTER_POLL_SECONDS": "0.2",
    "PAYERS_ADJUDICATION_DAYS": "0",
    "TIMER_POLL_SECONDS": "0.1",
}
_SILENCE_SECONDS = 3


class Drill:
    """The services on a stack; `clients` are those whose session has gone in so far."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.services = Services(stack, QUICK)
        self.clients: list[str] = []
        self.sent: list[tuple[str, bytes, bytes]] = []
        self.claims_before: Counter[str] = Counter()
        self.money_before: Counter[tuple[str, str]] = Counter()

    def start(self, *names: str) -> None:
        """These services; without names all of them, with the stand-in for payers and the payment system."""
        self.services.start(dict.fromkeys(names or SERVICES, 1))
        self.services.wait(120)

    def stop(self) -> None:
        """End them in order."""
        self.services.stop()

    async def say(self, *events: Event) -> None:
        """Publish as upstream does, each event under an id of its own."""
        messages: list[tuple[str, bytes, bytes]] = []
        for event in events:
            message = envelope.first(
                event, id=f"drill-{len(self.sent) + len(messages)}", source="/drill", now=clock.now()
            )
            messages.append((event.topic, message.to_bytes(), event.key().encode()))
        self.sent.extend(messages)
        await self._send(messages)

    async def say_directory(self) -> None:
        """Payers, providers and rates, which every session needs."""
        await self.say(*cast.directory())

    async def say_all_again(self) -> None:
        """Upstream sends again all that it has sent, under the same ids."""
        await self._send(self.sent)

    async def _send(self, messages: Sequence[tuple[str, bytes, bytes]]) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.stack.kafka_bootstrap, enable_idempotence=True)
        await producer.start()
        for message in messages:
            await producer.send_and_wait(*message)
        await producer.stop()

    async def begin(self) -> None:
        """The first client's session, a back-up of every database, and the second client's session."""
        await self.say_directory()
        self.start()
        await self.another_client()
        await self.until_all_ended()
        self.stop()
        await self.save()
        self.start()
        await self.another_client()
        await self.until_all_ended()

    async def another_client(self) -> None:
        """A client has a session today, and it takes place. The first has two plans and gets a part back."""
        day, client = clock.today().isoformat(), f"{len(self.clients):03}"
        plans = [{**cast.own("own-plan", "PLANONE", f"ONE7{client}"), "kind": "group"}]
        if not self.clients:
            spouses = cast.spouses("spouses-plan", "PLANTWO", f"TWO7{client}", "Alex", "Rivera")
            plans.append({**spouses, "kind": "group"})
        self.clients.append(client)
        await self.say(
            cast.registered(client, f"{client}@example.test", "Sam", "Rivera"),
            cast.entered(client, *plans),
            cast.session(client, f"s-{client}", day),
            cast.completed(client, f"s-{client}", day),
        )

    def letters(self) -> Counter[tuple[str, str]]:
        """How often each letter (client and subject) has come.

        One says what was charged, one what it cost in the end; the former may be superseded by the latter.
        """
        with urllib.request.urlopen(f"{self.stack.inbox_url}/letters.json") as answer:
            return Counter((letter["to"][0].split("@")[0], letter["subject"]) for letter in json.load(answer))

    async def records(self, topic: str) -> list[Record]:
        """Everything on a topic."""
        async with TopicReader(KafkaAccess.to(self.stack.kafka_bootstrap)) as reader:
            parts = await reader.partitions([topic])
            ends = await reader.ends(parts)
            return [record async for record in reader.read({part: (0, ends[part]) for part in parts})]

    async def claims(self) -> Counter[str]:
        """How often each claim (number and frequency) went to a payer."""
        sent: Counter[str] = Counter(self.claims_before)
        for record in await self.records(PAYERS_OUTBOUND.name):
            for segment in (record.value or b"").decode("ascii").split("~"):
                if segment.strip().startswith("CLM*"):
                    elements = segment.strip().split("*")
                    sent[f"{elements[1]} {elements[5]}"] += 1
        return sent

    async def money(self) -> Counter[tuple[str, str]]:
        """How often settlement asked for each charge and refund, set each payday, and told each final cost.

        The same event id twice is what at-least-once means, and counts once.
        """
        said: dict[str, tuple[str, str]] = {}
        for record in await self.records("settlement"):
            message = envelope.read(record.value, record.headers)
            match message.event:
                case ChargeRequested(idempotency_key=key) | RefundRequested(idempotency_key=key):
                    said[message.id] = ("asked", key)
                case PayoutScheduled(session_id=session):
                    said[message.id] = ("payout", session)
                case CostFinalized(session_id=session):
                    said[message.id] = ("final", session)
                case _:
                    pass
        return Counter(said.values()) + self.money_before

    async def remitted(self) -> Counter[str]:
        """How often claims told each payment of a payer, by its subject."""
        messages = [envelope.read(record.value, record.headers) for record in await self.records("claims")]
        told = {message.id: message.subject for message in messages if isinstance(message.event, PaymentRemitted)}
        return Counter(told.values())

    async def waiting_for_a_person(self) -> list[str]:
        """Why something is in the work queue of claims: where every payer answers, nothing is."""
        connection = await asyncpg.connect(self.stack.database_url("claims"))
        rows = await connection.fetch("select reason from work_queue where resolved_at is null")
        await connection.close()
        return [row["reason"] for row in rows]

    async def until_all_ended(self, seconds: float = 240) -> None:
        """Wait until every session has its final cost, and its letters have come."""
        deadline = time.monotonic() + seconds
        while missing := await self.unended():
            assert time.monotonic() < deadline, f"after {seconds} s: {missing}"
            await asyncio.sleep(0.3)
        await asyncio.sleep(_SILENCE_SECONDS)

    async def unended(self) -> list[str]:
        """The clients of whose session something is still to come."""
        money, written_to = await self.money(), {client for client, _ in self.letters()}
        return [client for client in self.clients if not money["final", f"s-{client}"] or client not in written_to]

    async def doubled(self) -> list[str]:
        """What left for the outside more than once."""
        left = (await self.claims(), await self.money(), await self.remitted(), self.letters())
        counted = [pair for counter in left for pair in counter.items()]
        return [str(what) for what, count in counted if count > 1]

    async def admin(self, *statements: str) -> None:
        """Run these on the server as its administrator."""
        connection = await asyncpg.connect(self.stack.database_admin_url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    def name(self, service: str) -> str:
        """The name of a service's database."""
        return urlsplit(self.stack.database_url(service)).path.lstrip("/")

    async def save(self) -> None:
        """Back up every database."""
        for service in OURS:
            name = self.name(service)
            await self.admin(f'create database "{name}_saved" template "{name}" owner "{service}_owner"')

    async def restore(self, services: Sequence[str], *, lost: bool) -> None:
        """The databases are as they were saved; `lost`: they are empty, and the owners have made the tables anew."""
        for service in services:
            await self.make_database(service, "" if lost else f' template "{self.name(service)}_saved"')
        self.stack.make_tables()

    async def make_database(self, service: str, template: str = "") -> None:
        """A database in place of the one that is there: empty, or from a template."""
        name = self.name(service)
        await self.admin(
            f'drop database "{name}" with (force)', f'create database "{name}"{template} owner "{service}_owner"'
        )

    def rebuild(self, service: str, *words: str) -> dict[str, int]:
        """What the command answers."""
        environment = {**os.environ, **self.stack.env(), **QUICK, "OPERATOR": "drill"}
        assert database_variable(service) in environment
        done = subprocess.run(
            [sys.executable, "-m", f"services.{service}", "rebuild", "--why", "drill", *words],
            env=environment, capture_output=True, text=True, timeout=180,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    async def refusal(self, service: str) -> str:
        """Why this service must not start on its database; empty where it may."""
        url, since = self.stack.database_url(service), behind.oldest(clock.now(), 35)
        connection = await asyncpg.connect(url)
        try:
            described = import_module(f"services.{service}.app").SERVICE
            await postgres.migrate(connection, postgres.RUNTIME_MIGRATIONS, described.migrations)
            await behind.check(KafkaAccess.to(self.stack.kafka_bootstrap), connection, described, since=since)
        except behind.BehindError as error:
            return str(error)
        finally:
            await connection.close()
        return ""

    async def set_offsets(self, service: str, share: float) -> None:
        """Set the offsets of a service's groups back to this share of what they were."""
        kafka = KafkaAccess.to(self.stack.kafka_bootstrap)
        for group in behind.groups(import_module(f"services.{service}.app").SERVICE):
            offsets = {part: int(offset * share) for part, offset in (await committed(kafka, group)).items()}
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self.stack.kafka_bootstrap, group_id=group, enable_auto_commit=False
            )
            await consumer.start()
            consumer.assign(list(offsets))
            await consumer.commit(offsets)
            await consumer.stop()

    async def lose_kafka(self) -> None:
        """Every topic is gone, and made anew. What had left for the outside by then is still counted."""
        self.claims_before, self.money_before = await self.claims(), await self.money()
        names = [name for topic in ALL for name in (topic.name, topic.dead)]
        admin = AIOKafkaAdminClient(bootstrap_servers=self.stack.kafka_bootstrap)
        await admin.start()
        await admin.delete_topics(names)
        await admin.close()
        kafka = KafkaAccess.to(self.stack.kafka_bootstrap)
        for _ in range(300):
            if await creating_topics.missing(kafka, names) == sorted(names):
                break
            await asyncio.sleep(0.1)
        await creating_topics.create(kafka)
