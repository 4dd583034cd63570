"""The metrics that no event sets: lag, membership, connections, what is parked and set aside, the age of the outbox
and of the last back-up.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import asyncpg

from shared.database import backups
from shared.runtime import deadletter, outbox, telemetry
from shared.runtime.subscription import Subscription
from shared.sealing.keeping_keys import plain_left

_PATIENCE_SECONDS = 1


async def measure(pool: asyncpg.Pool | None, subscriptions: Sequence[Subscription]) -> None:
    """Set them; what cannot be had within a second stays as it was. `pool`: None before the database is open."""
    for subscription in subscriptions:
        telemetry.GROUP_MEMBER.labels(subscription.group).set(subscription.member)
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            for subscription in subscriptions:
                await subscription.measure_lag()
    if pool is None:
        return
    telemetry.POOL_MOST.set(pool.get_max_size())
    telemetry.POOL_USED.set(pool.get_size() - pool.get_idle_size())
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_PATIENCE_SECONDS), pool.acquire() as connection:
            telemetry.PARKED_KEYS.set(await deadletter.count_parked(connection))
            _set_dead(await deadletter.count_dead(connection))
            telemetry.OUTBOX_AGE.set(await outbox.age_seconds(connection))
            telemetry.BACKUP_AGE.set(await backups.age_seconds(connection))
            telemetry.PLAIN_LEFT.set(await plain_left(connection))
            telemetry.ARCHIVE_FAILS.set(await backups.archive_fails(connection))


def _set_dead(counts: dict[str, int]) -> None:
    """Show the counts; a topic of which nothing is left is not shown."""
    telemetry.DEAD_LETTERS.clear()
    for topic, count in counts.items():
        telemetry.DEAD_LETTERS.labels(topic).set(count)
