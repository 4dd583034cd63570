"""The outbox: events are rows of the transaction that decided them, and reach Kafka after its commit.

A relay owns slots of the key space (an advisory lock gives each slot one owner) and publishes a slot's rows in the
order of their ids, so that a key's events stay in order however many replicas run. Rows are deleted once the broker has
acknowledged them; a crash in between publishes them again, and the inboxes downstream drop them.
"""

import asyncio
import json
import math
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from shared import log
from shared.database.postgres import KEPT_ALIVE, Connection
from shared.database.watched_connection import STATEMENT_SECONDS, WatchedConnection
from shared.events.envelope import CONTENT_TYPE, Envelope
from shared.kafka.kafka_access import KafkaAccess
from shared.runtime import positions, telemetry
from shared.runtime.positions import PUBLISHED, Place
from shared.sealing.carrying_keys import give_keys, keys_of
from shared.sealing.data_keys import NO_KEYS, DataKeys
from shared.sealing.sealed_columns import SealedColumns

SLOTS = 8
MOST_BYTES = 11 * 1024 * 1024
"""The largest message that may be written: the topics take 12 MiB."""

_SLOT_LOCKS = 0x0B0C
_RELAY_LOCKS = 0x0B0D
_WINDOW_BYTES = 8 * 1024 * 1024
_SHARE_EVERY_SECONDS = 1.0
_ALONE_TIMES = 5
"""A relay that owns all slots is woken by every commit but those of commands, so it may look that much less often."""
_ANSWER_MS = 15_000
"""How long the broker may take to answer. What it has not answered is sent again under the same number: a connection on
which nothing comes any more costs this long, once for each broker."""
_STRUCTURED: list[tuple[str, bytes]] = [("content-type", CONTENT_TYPE.encode())]

_COLUMNS = ("slot", "topic", "key", "value", "headers")
MESSAGES = SealedColumns("message", ("topic", "key"), {"value": "bytea"})
"""What the outbox and the messages that are set aside hold; a message may go from one to the other."""

Headers = list[tuple[str, bytes]]


class TooLargeError(Exception):
    """A handler publishes a message that is larger than any topic takes."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish. `headers` None: a structured CloudEvent without a trace."""

    topic: str
    key: str
    value: bytes
    headers: Headers | None = None

    @classmethod
    def of_envelope(cls, envelope: Envelope) -> "Outgoing":
        """The message of an event."""
        trace = envelope.traceparent
        headers = None if trace is None else [*_STRUCTURED, ("traceparent", trace.encode())]
        assert envelope.event is not None
        return cls(topic=envelope.event.topic, key=envelope.subject, value=envelope.to_bytes(), headers=headers)


def opened_value(row: asyncpg.Record, keys: DataKeys) -> bytes | None:
    """What a message of the outbox, or one that was set aside, says. Raises SealingError."""
    return MESSAGES.opened("value", row["value"], (row["topic"], row["key"]), keys)


def slot_of(key: str) -> int:
    """The slot that a key's messages go through."""
    return zlib.crc32(key.encode()) % SLOTS


def pack(headers: Headers) -> str:
    """Headers as text; any byte survives."""
    return json.dumps([[name, value.decode("latin-1")] for name, value in headers])


def unpack(text: str | None) -> Headers:
    """The headers of a stored message."""
    if text is None:
        return _STRUCTURED
    return [(name, value.encode("latin-1")) for name, value in json.loads(text)]


async def write(connection: Connection, outgoing: list[Outgoing]) -> None:
    """Add the messages to the outbox, in this order; COPY takes half the time of an insert."""
    if not outgoing:
        return
    if any(len(message.value) > MOST_BYTES for message in outgoing):
        raise TooLargeError
    keys = keys_of(connection)
    rows = [
        (
            slot_of(sent.key),
            sent.topic,
            sent.key,
            MESSAGES.closed("value", sent.value, (sent.topic, sent.key), keys),
            None if sent.headers is None else pack(sent.headers),
        )
        for sent in outgoing
    ]
    await connection.copy_records_to_table("outbox", records=rows, columns=_COLUMNS)


_NEXT = """
select id, topic, key, value, headers from (
    select *, sum(octet_length(value)) over (order by id) - octet_length(value) as bytes_before
    from (select * from outbox where slot = any($1::smallint[]) order by id limit $2) as first_ones
) as sized where bytes_before < $3 order by id
"""

_RELAYS = """
select count(*) from pg_locks
where locktype = 'advisory' and classid = $1 and objsubid = 2 and granted
    and database = (select oid from pg_database where datname = current_database())
"""

_PUBLISHED = f"with gone as (delete from outbox where id = any($5::bigint[])) {positions.UPSERT}"

_REFUSED = """
with gone as (delete from outbox where id = any($1::bigint[]) returning *)
insert into set_aside (key, parked, topic, value, headers, origin, reason)
select key, false, topic, value, coalesce(headers, '[]'), 'outbox/' || id,
    'the broker refuses it: larger than the topic takes' from gone
"""


class Relay:
    """Publishes the outbox of one database. Run `run()` in a task; `wake()` after a commit."""

    def __init__(
        self, url: str, kafka: KafkaAccess, *, window: int, poll_seconds: float, keys: DataKeys = NO_KEYS
    ) -> None:
        self._url, self._kafka, self._keys = url, kafka, keys
        self._window, self._poll_seconds = window, poll_seconds
        self._woken = asyncio.Event()
        self._finishing = False
        self.slots: list[int] = []

    def wake(self) -> None:
        """Something was committed: look now."""
        self._woken.set()

    def finish(self) -> None:
        """Publish what is there, then return from `run`."""
        self._finishing = True
        self.wake()

    async def run(self) -> None:
        """Own a fair share of the slots and publish them, until `finish` or cancelled.

        Raises whatever breaks the connection to the database or the broker: the caller starts it again, with a new
        producer (an idempotent producer that lost its sequence never recovers).
        """
        connection = await asyncpg.connect(
            self._url,
            command_timeout=STATEMENT_SECONDS,
            timeout=10,
            server_settings=KEPT_ALIVE,
            connection_class=WatchedConnection,
        )
        give_keys(connection, self._keys)
        producer = self._new_producer()
        try:
            await producer.start()
            await connection.execute("select pg_advisory_lock_shared($1, 0)", _RELAY_LOCKS)
            await self._publish(connection, producer)
        finally:
            await _end(producer)
            self.slots = []
            connection.terminate()

    async def _publish(self, connection: Connection, producer: AIOKafkaProducer) -> None:
        loop = asyncio.get_running_loop()
        shared_at = -math.inf
        while True:
            if loop.time() - shared_at > _SHARE_EVERY_SECONDS:
                await self.share_slots(connection)
                shared_at = loop.time()
            if await self.publish_once(connection, producer):
                continue
            if self._finishing:
                return
            await self._wait()

    def _new_producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            **self._kafka.client_options(),
            acks="all",
            enable_idempotence=True,
            compression_type="zstd",
            max_batch_size=256 * 1024,
            max_request_size=13 * 1024 * 1024,
            request_timeout_ms=_ANSWER_MS,
        )

    async def _wait(self) -> None:
        """Until something was committed here; what other replicas commit for our slots, and commands, is looked for."""
        alone = len(self.slots) == SLOTS
        try:
            await asyncio.wait_for(self._woken.wait(), self._poll_seconds * (_ALONE_TIMES if alone else 1))
        except TimeoutError:
            return
        finally:
            self._woken.clear()

    async def share_slots(self, connection: Connection) -> None:
        """Own no more slots than this relay's share, and take free ones up to that.

        The locks are the connection's: whoever dies loses them at once, and the others' shares grow.
        """
        relays = int(await connection.fetchval(_RELAYS, _RELAY_LOCKS) or 1)
        fair = math.ceil(SLOTS / relays)
        while len(self.slots) > fair:
            await connection.execute("select pg_advisory_unlock($1, $2)", _SLOT_LOCKS, self.slots.pop())
        for slot in range(SLOTS):
            if len(self.slots) == fair:
                return
            if slot in self.slots:
                continue
            if await connection.fetchval("select pg_try_advisory_lock($1, $2)", _SLOT_LOCKS, slot):
                self.slots.append(slot)

    async def publish_once(self, connection: Connection, producer: AIOKafkaProducer) -> int:
        """Publish one window of the owned slots; return how many messages the broker acknowledged."""
        rows = await connection.fetch(_NEXT, self.slots, self._window, _WINDOW_BYTES) if self.slots else []
        if not rows:
            return 0
        sent: list[asyncio.Future[Any]] = [
            await producer.send(  # pyright: ignore[reportUnknownMemberType]
                row["topic"], opened_value(row, self._keys), row["key"].encode(), headers=unpack(row["headers"])
            )
            for row in rows
        ]
        try:
            acknowledged = await asyncio.gather(*sent)
        except MessageSizeTooLargeError:
            refused = [row["id"] for row, answer in zip(rows, sent, strict=True) if _refused(answer)]
            await self._set_aside(connection, refused)
            raise
        reached = positions.columns(
            {Place(PUBLISHED, place.topic, place.partition): place.offset + 1 for place in acknowledged}
        )
        await connection.execute(_PUBLISHED, *reached, [row["id"] for row in rows])
        for topic, count in Counter(row["topic"] for row in rows).items():
            telemetry.PUBLISHED.labels(topic).inc(count)
        return len(rows)

    async def _set_aside(self, connection: Connection, ids: Sequence[int]) -> None:
        """A topic that takes less than ours do must not hold up all others for ever."""
        log.get().error("the broker refuses messages as too large: they are set aside", count=len(ids))
        await connection.execute(_REFUSED, ids)


def _refused(sent: "asyncio.Future[Any]") -> bool:
    return sent.done() and not sent.cancelled() and isinstance(sent.exception(), MessageSizeTooLargeError)


async def _end(producer: AIOKafkaProducer) -> None:
    """Close the producer without sending what is left: the slots' next owner does, in their order."""
    sender: Any = producer._sender  # pyright: ignore[reportPrivateUsage]
    if sender is not None and sender.sender_task is not None:
        sender.sender_task.cancel()
    await producer.stop()


async def age_seconds(connection: Connection) -> float:
    """The age of the oldest message that is not yet published."""
    return (
        await connection.fetchval(
            "select extract(epoch from clock_timestamp() - written_at)::float8 from outbox order by id limit 1"
        )
        or 0.0
    )
