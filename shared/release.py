"""The operator's command for parked keys: what waits, and its release once the cause is mended.

A service hooks it into its commands: `release(SERVICE, arguments)`. `list` shows what waits; `KEY` handles its messages
in order and sets its timers that failed once more; `KEY --skip-first` drops the message that failed.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from shared import log, postgres, settings, timers
from shared.consume import Consumer
from shared.service import Service

_LISTED = 200


def release(service: Service, arguments: Sequence[str]) -> int:
    """Print one JSON document; 0 when all went, 1 when the handler failed again and the key still waits."""
    config = settings.load(service.settings, service.name)
    answer = asyncio.run(_answer(service, config.database_url.get_secret_value(), list(arguments)))
    print(json.dumps(answer))
    return 1 if "failed" in answer else 0


async def _answer(service: Service, url: str, arguments: list[str]) -> dict[str, Any]:
    pool = await postgres.connect(url, size=2, application=f"{service.name}-release")
    try:
        if arguments in ([], ["list"]):
            return await _waiting(pool)
        consumer = Consumer(service, pool, attempts=1, wake=lambda: None)
        async with pool.acquire() as connection:
            again = await timers.set_again(connection, arguments[0])
        try:
            count = await consumer.release(arguments[0], skip_first="--skip-first" in arguments)
        except Exception as error:
            return {"key": arguments[0], "failed": log.failure(error), "timers_set_again": again}
        return {"key": arguments[0], "released": count, "timers_set_again": again}
    finally:
        await pool.close()


async def _waiting(pool: Any) -> dict[str, Any]:
    rows = await pool.fetch(
        "select key, count(*) as messages, min(at) as since, (array_agg(reason order by id))[1] as reason"
        " from set_aside where parked or topic = $1 group by key order by since limit $2",
        timers.TOPIC,
        _LISTED,
    )
    return {"waiting": [{**dict(row), "since": row["since"].isoformat()} for row in rows]}
