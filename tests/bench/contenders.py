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
from datetime import UTC, datetime
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage

from services.notification.store import LETTERS as table  # its columns' names and types, and nothing else of it
from services.notification.store import LetterRow

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


async def handle(connection: asyncpg.Connection, events: list[dict[str, Any]]) -> None:
    """The reads and writes of these events, in one transaction."""
    async with connection.transaction():
        keys = [[event[name] for event in events] for name in ("subject", "source", "id")]
        new = {row["id"] for row in await connection.fetch(INBOX, *keys)}
        await connection.fetch(RECIPIENTS, sorted({event["subject"] for event in events}))
        rows = [letter(event) for event in events if event["id"] in new]
        if rows:
            await connection.execute(INSERT, *[list(column) for column in zip(*rows, strict=True)])


async def bare(bootstrap: str, url: str, group: str) -> None:
    """A poll, a transaction, an acknowledgement."""
    connection = await asyncpg.connect(url, server_settings={"jit": "off"})
    consumer = AIOKafkaConsumer(
        "settlement",
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    while True:
        polled = await consumer.getmany(timeout_ms=20, max_records=500)
        events = [json.loads(record.value) for records in polled.values() for record in records]
        if events:
            await handle(connection, events)
            await consumer.commit()


async def plain(bootstrap: str, url: str, group: str) -> None:
    """What people write."""
    pool = await asyncpg.create_pool(url, min_size=1, max_size=2)
    broker = KafkaBroker(bootstrap, logger=None)

    @broker.subscriber("settlement", group_id=group, ack_policy=AckPolicy.NACK_ON_ERROR, auto_offset_reset="earliest")
    async def on_event(message: KafkaMessage) -> None:
        async with pool.acquire() as connection:
            await handle(connection, [json.loads(message.body)])

    await FastStream(broker, logger=None).run()


if __name__ == "__main__":
    contender = {"bare": bare, "plain": plain}[sys.argv[1]]
    settings = ("KAFKA_BOOTSTRAP_SERVERS", "BENCH_DATABASE", "BENCH_GROUP")
    asyncio.run(contender(*(os.environ[name] for name in settings)))
