"""How far the topics were handled and published, kept in the database itself: a restored one shows that it is behind.

A consumer's position is written a moment after its batch was handled, the relay's (`PUBLISHED`) with the rows that it
deletes. So neither is ever ahead of what the database holds, but for what a crash has cut off.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.database.postgres import Connection

PUBLISHED = "published"
"""In place of a group: how far the messages of this database's own outbox were acknowledged."""


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """A partition as a group sees it, or as the relay does."""

    group: str
    topic: str
    partition: int


UPSERT = """
insert into positions (consumer_group, topic, partition, next_offset)
select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[])
on conflict (consumer_group, topic, partition)
do update set next_offset = greatest(positions.next_offset, excluded.next_offset)
"""


def columns(positions: Mapping[Place, int]) -> tuple[list[str], list[str], list[int], list[int]]:
    """The positions as the four columns of `UPSERT`, always in the same order, so that no two deadlock."""
    rows = sorted(positions.items())
    return (
        [place.group for place, _ in rows],
        [place.topic for place, _ in rows],
        [place.partition for place, _ in rows],
        [offset for _, offset in rows],
    )


async def note(connection: Connection, positions: Mapping[Place, int]) -> None:
    """Move the positions on; none ever moves back."""
    if positions:
        await connection.execute(UPSERT, *columns(positions))


async def reached(connection: Connection, place: Place) -> int:
    """How far this partition was handled or published, by now."""
    return (
        await connection.fetchval(
            "select next_offset from positions where (consumer_group, topic, partition) = ($1, $2, $3)",
            place.group,
            place.topic,
            place.partition,
        )
        or 0
    )


async def noted(connection: Connection) -> dict[Place, int]:
    """The positions of this database."""
    rows = await connection.fetch("select consumer_group, topic, partition, next_offset from positions")
    return {Place(row["consumer_group"], row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def replace(connection: Connection, positions: Mapping[Place, int]) -> None:
    """Take these positions for true, whatever was noted before."""
    async with connection.transaction():
        await connection.execute("delete from positions")
        await note(connection, positions)
        await connection.execute("delete from adopting")


async def adopts(connection: Connection) -> bool:
    """Whether this database was in use before it noted positions: for a while it takes over those of Kafka."""
    return bool(await connection.fetchval("select exists (select from adopting where until > now())"))
