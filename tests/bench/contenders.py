"""The same work as notification's busiest handler (a charge becomes a letter), done without our code.

`python -m tests.bench.contenders bare|plain`: `bare` is a loop over aiokafka with one multi-row transaction a poll;
`plain` is what people write: a FastStream subscriber, one message, one transaction. Both drop what came before, read
the recipient, write the letter, and acknowledge after the commit.
"""

import asyncio
import dataclasses
import json
import os
import sys
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage

from services.notification.store import LETTERS as table  # its columns' names and types, and nothing else of it
from services.notification.store import LetterRow
from shared.database.postgres import Connection

Send = Callable[[str, list[tuple[bytes, bytes]]], Awaitable[None]]
Handle = Callable[[Connection, list[dict[str, Any]], Send], Awaitable[None]]

NAMES = uuid.UUID("0d6c4a52-3c0f-5b7e-8a51-5a0c8f2f7a11")
INBOX = (
    "insert into inbox (key, source, id) select * from unnest($1::text[], $2::text[], $3::text[])"
    " on conflict do nothing returning id"
)
RECIPIENTS = (
    "select client_id, first_name, last_name, email, language, letters, suppressed from recipients"
    " where client_id = any($1::text[])"
)
ARRAYS = ", ".join(f"${n}::{table.types[column]}[]" for n, column in enumerate(table.columns, 1))
INSERT = f"insert into letters ({', '.join(table.columns)}) select * from unnest({ARRAYS}) on conflict do nothing"
SAME = {
    field.name: field.default for field in dataclasses.fields(LetterRow) if field.default is not dataclasses.MISSING
}


def letter(event: dict[str, Any]) -> tuple[Any, ...]:
    """The row that a charge becomes."""
    data, now = event["data"], datetime.now(UTC)
    values = {
        **SAME,
        "client_id": data["client_id"],
        "letter_id": str(uuid.uuid5(NAMES, f"session-charged|{data['client_id']}||{data['session_id']}")),
        "letter": "session-charged",
        "provider_id": None,
        "urgent": False,
        "cause": "client.charged",
        "data": json.dumps(data),
        "asked_at": now,
        "state": "ready",
        "not_before": now,
    }
    return tuple([values[column] for column in table.columns])


async def handle(connection: Connection, events: list[dict[str, Any]], send: Send) -> None:
    """The reads and writes of these events, in one transaction; nothing is sent."""
    async with connection.transaction():
        keys = [[event[name] for event in events] for name in ("subject", "source", "id")]
        new = {row["id"] for row in await connection.fetch(INBOX, *keys)}
        await connection.fetch(RECIPIENTS, sorted({event["subject"] for event in events}))
        rows = [letter(event) for event in events if event["id"] in new]
        if rows:
            await connection.execute(INSERT, *[list(column) for column in zip(*rows, strict=True)])


async def bare(topic: str, handle: Handle, bootstrap: str, url: str, group: str) -> None:
    """A poll, a transaction, an acknowledgement; what is sent goes in batches."""
    connection = await asyncpg.connect(url, server_settings={"jit": "off"})
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, compression_type="zstd", max_batch_size=256 * 1024
    )
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )

    async def send(topic: str, messages: list[tuple[bytes, bytes]]) -> None:
        await asyncio.gather(*[await producer.send(topic, value, key) for key, value in messages])

    await producer.start()
    await consumer.start()
    while True:
        polled = await consumer.getmany(timeout_ms=20, max_records=500)
        events = [json.loads(record.value or b"") for records in polled.values() for record in records]
        if events:
            await handle(connection, events, send)
            await consumer.commit()


async def plain(topic: str, handle: Handle, bootstrap: str, url: str, group: str) -> None:
    """What people write: a message, a transaction, a send."""
    pool = await asyncpg.create_pool(url, min_size=1, max_size=2)
    broker = KafkaBroker(bootstrap, logger=None)

    async def send(topic: str, messages: list[tuple[bytes, bytes]]) -> None:
        for key, value in messages:
            await broker.publish(value, topic, key=key)

    @broker.subscriber(topic, group_id=group, ack_policy=AckPolicy.NACK_ON_ERROR, auto_offset_reset="earliest")
    async def on_event(message: KafkaMessage) -> None:
        async with pool.acquire() as connection:
            await handle(connection, [json.loads(message.body)], send)

    await FastStream(broker, logger=None).run()


def contend(topic: str, handle: Handle) -> None:
    """Run the contender that the command line names, until it is ended."""
    contender = {"bare": bare, "plain": plain}[sys.argv[1]]
    settings = ("KAFKA_BOOTSTRAP_SERVERS", "BENCH_DATABASE", "BENCH_GROUP")
    asyncio.run(contender(topic, handle, *(os.environ[name] for name in settings)))


if __name__ == "__main__":
    contend("settlement", handle)
