"""What people write first: `python -m tests.bench.peers.plain_faststream SERVICE`. A message, a transaction, a send.

Under a crash: the offset is committed after the handler (NACK_ON_ERROR), so a crash handles the message again. Rows
are safe (their key drops the second copy), messages and letters go out twice, and the receiver drops what it knows.
"""

import asyncio
import os
import sys

import asyncpg
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage

from tests.bench.peers import story, wire

KEPT = "insert into effects values ($1, $2, $3, $4, $5) on conflict do nothing"
KNOWN = "insert into inbox values ($1, $2, $3) on conflict do nothing"


async def serve(service: str) -> None:
    """Handle this service's part of the story until the process is ended."""
    pool = await asyncpg.create_pool(os.environ["BENCH_DATABASE"], min_size=1, max_size=4)
    broker = KafkaBroker(os.environ["KAFKA_BOOTSTRAP_SERVERS"], logger=None)
    mailer = wire.Mailer()

    @broker.subscriber(
        *story.topics_of(service),
        group_id=f"{os.environ['BENCH_GROUP']}.{service}",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        auto_offset_reset="earliest",
    )
    async def on_message(message: KafkaMessage) -> None:
        session, name = wire.decoded(message.body)
        step = story.handler(name, service)
        if step is None:
            return
        async with pool.acquire() as connection, connection.transaction():
            if await connection.execute(KNOWN, session, name, service) == "INSERT 0 0":
                return
            for row in story.rows_of(session, name, step):
                await connection.execute(KEPT, *row)
            await mailer.send([wire.letter(session, name)] * step.letters)
            for following in step.follows:
                await broker.publish(
                    wire.encoded(session, following), story.topic(following), key=str(session).encode()
                )

    await FastStream(broker, logger=None).run()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
