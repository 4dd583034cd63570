"""The bare pipe: `python -m tests.bench.peers.bare SERVICE`. A poll, a transaction, a batch of sends; no rules.

Under a crash: messages are sent before the transaction commits, so a crash repeats what was sent, and the receiver's
inbox drops it. Letters are mailed before the commit as well: a crash mails them twice. Nothing is lost.
"""

import asyncio
import os
import sys

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from tests.bench.peers import story, wire

CLAIMED = (
    "insert into inbox select * from unnest($1::bigint[], $2::text[], $3::text[])"
    " on conflict do nothing returning session, message"
)
KEPT = (
    "insert into effects select * from unnest($1::bigint[], $2::text[], $3::text[], $4::int[], $5::text[])"
    " on conflict do nothing"
)


async def serve(service: str) -> None:
    """Handle this service's part of the story until the process is ended."""
    kafka = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    connection = await asyncpg.connect(os.environ["BENCH_DATABASE"], server_settings={"jit": "off"})
    producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True, max_batch_size=256 * 1024)
    consumer = AIOKafkaConsumer(
        *story.topics_of(service),
        bootstrap_servers=kafka,
        group_id=f"{os.environ['BENCH_GROUP']}.{service}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=25,
    )
    mailer = wire.Mailer()
    await producer.start()
    await consumer.start()
    while True:
        polled = await consumer.getmany(timeout_ms=20, max_records=500)
        heard = [wire.decoded(record.value or b"") for records in polled.values() for record in records]
        todo = [(session, name) for session, name in heard if story.handler(name, service) is not None]
        if todo:
            async with connection.transaction():
                await _handle(connection, producer, mailer, service, todo)
        if heard:
            await consumer.commit()


async def _handle(
    connection: asyncpg.Connection,
    producer: AIOKafkaProducer,
    mailer: wire.Mailer,
    service: str,
    todo: list[tuple[int, str]],
) -> None:
    columns = [*zip(*[(session, name, service) for session, name in todo], strict=True)]
    new = [(row["session"], row["message"]) for row in await connection.fetch(CLAIMED, *map(list, columns))]
    steps = [(session, name, step) for session, name in new if (step := story.handler(name, service)) is not None]
    rows = [row for session, name, step in steps for row in story.rows_of(session, name, step)]
    if rows:
        await connection.execute(KEPT, *[list(column) for column in zip(*rows, strict=True)])
    await mailer.send([wire.letter(session, name) for session, name, step in steps for _ in range(step.letters)])
    sends = [
        await producer.send(story.topic(name), wire.encoded(session, name), str(session).encode())
        for session, _, step in steps
        for name in step.follows
    ]
    await asyncio.gather(*sends)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
