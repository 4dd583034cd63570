"""Whether the database holds what Kafka says was handled: a restored one does not, and must not go on as if it did.

Its service would take up its topics where the group left them, and what happened between the back-up and the loss would
be silently missing; or, with the offsets set back, it would do again what left for the outside: mails, claims, charges.
"""

from datetime import datetime, timedelta

from aiokafka import TopicPartition

from shared.database.postgres import Connection
from shared.events import envelope
from shared.events.envelope import UnreadableError
from shared.events.topics import ALL
from shared.kafka.kafka_access import KafkaAccess
from shared.kafka.topic_reader import Record, TopicReader, committed
from shared.runtime import positions
from shared.runtime.message import Message, decode
from shared.runtime.outbox import opened_value
from shared.runtime.positions import PUBLISHED, Place
from shared.runtime.service import Service
from shared.runtime.subscription import incoming
from shared.sealing.carrying_keys import keys_of

_DIFFERENT = "this is another Kafka, or it was restored, too"


class BehindError(Exception):
    """The database lacks what Kafka says it has handled or published; `rebuild` mends that."""


def groups(service: Service) -> dict[str, list[str]]:
    """The service's consumer groups and the topics of each."""
    named = {service.name: service.topics} if service.topics else {}
    if service.interchange_topic is not None:
        named[f"{service.name}.interchanges"] = [service.interchange_topic]
    return named


def own_topics(service: Service) -> list[str]:
    """The topics that nobody but this service writes."""
    return [topic.name for topic in ALL if topic.name == service.name]


async def in_kafka(kafka: KafkaAccess, reader: TopicReader, service: Service) -> dict[Place, int]:
    """How far Kafka says that the service has handled its topics, and where its own topics end."""
    places: dict[Place, int] = {}
    for group in groups(service):
        acknowledged = await committed(kafka, group)
        places |= {Place(group, part.topic, part.partition): offset for part, offset in acknowledged.items()}
    ends = await reader.ends(await reader.partitions(own_topics(service)))
    return places | {Place(PUBLISHED, part.topic, part.partition): end for part, end in ends.items() if end}


async def check(kafka: KafkaAccess, connection: Connection, service: Service, *, since: datetime) -> None:
    """Note Kafka's positions where the database holds everything up to them.

    What is older than `since` is not looked for: the inbox has forgotten it. Raises BehindError.
    """
    async with TopicReader(kafka) as reader:
        there = await in_kafka(kafka, reader, service)
        if not await positions.adopts(connection):
            here = await positions.noted(connection)
            await _compare(reader, connection, service, here, there, since)
        await positions.note(connection, there)


async def _compare(
    reader: TopicReader,
    connection: Connection,
    service: Service,
    here: dict[Place, int],
    there: dict[Place, int],
    since: datetime,
) -> None:
    parts = {place: TopicPartition(place.topic, place.partition) for place in {*here, *there}}
    ends = await reader.ends(sorted(set(parts.values())))
    for place, offset in here.items():
        if offset > ends.get(parts[place], offset):
            raise BehindError(f"{place.topic} ends before what this database has handled of it: {_DIFFERENT}")
    begins = await reader.beginnings(sorted(set(parts.values())))
    for published in (True, False):
        ranges = {
            parts[place]: (max(here.get(place, 0), begins[parts[place]]), offset)
            for place, offset in there.items()
            if (place.group == PUBLISHED) is published and here.get(place, 0) < offset
        }
        async for record in reader.read(ranges):
            if record.timestamp < since.timestamp() * 1000:
                continue
            held = await (_pending if published else _handled)(connection, service, record)
            if not held:
                done = "published" if published else "handled"
                raise BehindError(
                    f"Kafka has more {done} than this database knows, from {record.topic} of"
                    f" {datetime.fromtimestamp(record.timestamp / 1000, since.tzinfo):%Y-%m-%d %H:%M:%S} UTC on:"
                    f" `python -m services.{service.name} rebuild` makes up for it"
                )


async def _handled(connection: Connection, service: Service, record: Record) -> bool:
    """Whether the database has handled the message, or need not."""
    message: Message = decode(incoming(record), service.interchange_topic)
    if message.unreadable is not None or type(message.event) not in service.handlers:
        return True
    return bool(
        await connection.fetchval(
            "select exists (select from inbox where key = $1 and source = $2 and id = $3)", *message.identity
        )
    )


async def _pending(connection: Connection, service: Service, record: Record) -> bool:
    """Whether the message is still in the outbox: acknowledged, and a crash came before its row was deleted.

    Another replica may delete it just now; it notes its place with that. What others wrote is none of ours.
    """
    try:
        message = envelope.read(record.value, record.headers)
    except UnreadableError:
        return True
    if message.source != f"/{service.name}":
        return True
    key = (record.key or b"").decode()
    rows = await connection.fetch(
        "select topic, key, value from outbox where topic = $1 and key = $2", record.topic, key
    )
    keys = keys_of(connection)
    if any(f'"id":"{message.id}"'.encode() in (opened_value(row, keys) or b"") for row in rows):
        return True
    return await positions.reached(connection, Place(PUBLISHED, record.topic, record.partition)) > record.offset


def oldest(now: datetime, inbox_days: int) -> datetime:
    """What is older the inbox may have forgotten, a day's margin included."""
    return now - timedelta(days=inbox_days - 1)
