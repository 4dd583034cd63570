"""How soon a service answers: from publishing a cleared session to the charge that settlement asks for.

At a tenth of the rate that it reaches when everything comes at once, each event published by itself.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.embedded.stack import Stack
from shared import clock
from shared.events import envelope
from shared.events.topics import CLIENT_PARTITIONS
from tests.bench.bench_runtime import Bench, cleared, line, rates

P99_WITHIN_MS = 40.0
LATENCY_SECONDS = 16
_AFTER_THE_BURST_SECONDS = 3


def run() -> Iterator[dict[str, Any]]:
    """One line a figure."""
    with Stack.start(environ={}) as stack:
        yield asyncio.run(_latency(Bench(stack)))


async def _latency(bench: Bench) -> dict[str, Any]:
    url = await bench.database("settlement")
    process = bench.start("services.settlement", "run", DATABASE_URL_SETTLEMENT=url)
    await bench.publish([*rates(), cleared("warm", 0)])
    consumer = AIOKafkaConsumer(bootstrap_servers=bench.kafka, auto_offset_reset="earliest", fetch_max_wait_ms=5)
    await consumer.start()
    consumer.assign([TopicPartition("settlement", n) for n in range(CLIENT_PARTITIONS)])
    await consumer.seek_to_end()
    await _answered(consumer, {"session-warm-0": 0.0}, 60)
    top = await _top_rate(bench, consumer)
    taken = await _paced(bench, consumer, top / 10)
    await consumer.stop()
    process.kill()
    p50, p99 = (sorted(taken)[int(len(taken) * part)] * 1000 for part in (0.5, 0.99))
    return line("runtime_latency_p99", p99, "ms", P99_WITHIN_MS, P99_WITHIN_MS / p99, p50_ms=round(p50, 1),
                 at_events_a_second=round(top / 10), top_events_a_second=round(top))  # fmt: skip


async def _answered(consumer: AIOKafkaConsumer, sent: dict[str, float], seconds: float) -> list[float]:
    """How long each took; `sent` is emptied."""
    taken: list[float] = []
    async with asyncio.timeout(seconds):
        while sent:
            for records in (await consumer.getmany(timeout_ms=50)).values():
                now = time.perf_counter()
                for record in records:
                    event = envelope.read(record.value, record.headers).event
                    began = sent.pop(getattr(event, "session_id", ""), None)
                    taken += [] if began is None else [now - began]
    return taken


async def _top_rate(bench: Bench, consumer: AIOKafkaConsumer) -> float:
    events = [cleared("top", n) for n in range(3_000)]
    sent = {event.session_id: time.perf_counter() for event in events}
    began = time.perf_counter()
    await asyncio.gather(bench.publish(events), _answered(consumer, sent, 120))
    return len(events) / (time.perf_counter() - began)


async def _paced(bench: Bench, consumer: AIOKafkaConsumer, rate: float) -> list[float]:
    producer = AIOKafkaProducer(bootstrap_servers=bench.kafka, linger_ms=0)
    await producer.start()
    await producer.send_and_wait(*_message("first", 0))  # the producer asks where the topic is
    await asyncio.sleep(_AFTER_THE_BURST_SECONDS)
    count = int(rate * LATENCY_SECONDS)
    sent = {f"session-paced-{n}": 0.0 for n in range(count)}
    reading = asyncio.create_task(_answered(consumer, sent, LATENCY_SECONDS + 60))
    began = time.perf_counter()
    for n in range(count):
        await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
        message = _message("paced", n)
        sent[f"session-paced-{n}"] = time.perf_counter()
        await producer.send(*message)
    await producer.stop()
    return await reading


def _message(run: str, number: int) -> tuple[str, bytes, bytes]:
    event = cleared(run, number)
    body = envelope.first(event, id=f"{run}-{number}", source="/bench", now=clock.now()).to_bytes()
    return event.topic, body, event.key().encode()
