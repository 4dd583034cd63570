"""Makes the JVM's ahead-of-time cache: a broker of its own records what it loads while it does a little of everything.

`python -m deploy.embedded.aot_recording` does it, unless the cache is there or another process is making it.
"""

import asyncio
import os

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.embedded import aot, folders, kafka
from deploy.embedded.children import Children

LOWEST_PRIORITY = 19
PATIENCE_SECONDS = 30.0


def make() -> None:
    """Run a broker that records, use it a little, and end it: it writes the cache as it ends."""
    os.nice(LOWEST_PRIORITY)
    final = aot.cache_file(kafka.FLAGS)
    with folders.locked_if_free("kafka-aot") as ours:
        if not ours or final.exists():
            return
        run = folders.Run()
        children = Children(run)
        try:
            made = run.folder / "made.aot"
            broker = kafka.Broker(children, run.folder, flags=[f"-XX:AOTCacheOutput={made}"])
            broker.start()
            broker.wait()
            asyncio.run(_exercise(broker.address))
            broker.stop(patience_seconds=PATIENCE_SECONDS)
            made.rename(final)
        finally:
            children.stop()
            run.remove()


async def _exercise(address: str) -> None:
    """Make a topic, write to it and read it as a member of a group, so that those classes are learnt too."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic("learnt", num_partitions=4, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=address, enable_idempotence=True, acks="all") as producer:
        for number in range(200):
            await producer.send("learnt", b"%d" % number)
        await producer.flush()
    consumer = AIOKafkaConsumer("learnt", bootstrap_servers=address, group_id="learnt", auto_offset_reset="earliest")
    async with consumer:
        await asyncio.wait_for(consumer.getone(), PATIENCE_SECONDS)
        await consumer.commit()


if __name__ == "__main__":
    make()
