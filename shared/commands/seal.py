"""The commands `seal` and `unseal`.

`seal` wraps data keys anew, and seals what is stored plain or with an earlier data key. `unseal` stores it plain.
Either runs beside the service, a few rows at a time, and may be ended and run again at any time.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from shared import log, settings
from shared.commands import operator_session
from shared.commands.command import refused
from shared.commands.operator_session import operator
from shared.database.postgres import Connection
from shared.runtime.outbox import MESSAGES
from shared.runtime.service import Service
from shared.runtime.timers import TIMERS
from shared.sealing.carrying_keys import keys_of
from shared.sealing.data_keys import SealingError
from shared.sealing.keeping_keys import LEARNT_WITHIN, KeyKeeper, note_all_sealed, retire
from shared.sealing.resealing import SealedRows, count_left, seal_some
from shared.sealing.wrappers import unseals, wrappers
from shared.settings import ServiceSettings

_ROUNDS, _COPIES_AT_A_TIME = 5, 500
_PROGRESS_EVERY = 5_000


def set_up(parser: argparse.ArgumentParser) -> None:
    """Add the argument."""
    parser.add_argument("--new-key", action="store_true", help="make a data key that replaces the present one")


def run(service: Service, arguments: argparse.Namespace) -> Any:
    """How much was sealed, and what is left.

    Raises RefusedError: no key is set, the data key does not seal yet, or a value cannot be opened.
    """
    who = operator()

    async def act(connection: Connection) -> dict[str, Any]:
        log.get().warning("seal", name=who)
        return await seal(connection, service, settings.read(service.settings, service.name), arguments.new_key)

    return operator_session.answer(service.name, service.settings, act)


async def seal(connection: Connection, service: Service, config: ServiceSettings, new_key: bool) -> dict[str, Any]:
    """Seal the service's database. Raises RefusedError."""
    keys, wrapping = keys_of(connection), wrappers(config)
    if not wrapping or unseals(config):
        raise refused(
            "no_key", "DATA_KEY or DATA_KEY_COMMAND is not set, or DATA_KEY is none: there is nothing to seal with"
        )
    keeper = KeyKeeper(service.name, wrapping, timedelta(days=config.data_key_days), keys)
    async with connection.transaction():
        wrapped = await keeper.wrap_anew(connection)
    if new_key:
        number = await keeper.make(connection, LEARNT_WITHIN)
        wait = f"data key {number} seals in {LEARNT_WITHIN.seconds // 60} minutes: run `seal` again then"
        return {"wrapped_anew": wrapped, "new_key": number, "next": wait}
    if keys.number is None:
        minutes = LEARNT_WITHIN.seconds // 60
        raise refused("not_yet", f"the first data key seals {minutes} minutes after it was made: run `seal` again then")
    sealed = await _all_sealed(connection, service)
    for statement in service.plain_copies:
        while await connection.execute(statement, _COPIES_AT_A_TIME) == f"UPDATE {_COPIES_AT_A_TIME}":
            pass
    left = await _left(connection, service)
    if not left:
        await note_all_sealed(connection)
    return {"wrapped_anew": wrapped, "data_key": keys.number, "sealed": sealed, "left": left}


def run_unseal(service: Service, _: argparse.Namespace) -> Any:
    """How much was opened, and what is left.

    Raises RefusedError: the settings still seal, or a value cannot be opened.
    """
    who = operator()

    async def act(connection: Connection) -> dict[str, Any]:
        log.get().warning("unseal", name=who)
        return await unseal(connection, service, settings.read(service.settings, service.name))

    return operator_session.answer(service.name, service.settings, act)


async def unseal(connection: Connection, service: Service, config: ServiceSettings) -> dict[str, Any]:
    """Store the service's values as they are. Raises RefusedError."""
    if not unseals(config):
        raise refused(
            "still_seals", "set DATA_KEY to none, and DATA_KEY_BEFORE to the key: else values are sealed again"
        )
    opened, left = await _all_sealed(connection, service), await _left(connection, service)
    if left or await connection.fetchval("select exists (select from outbox)"):
        return {"opened": opened, "left": left, "next": "run `unseal` again"}
    await retire(connection)
    return {"opened": opened, "left": left, "next": "take DATA_KEY_BEFORE (or DATA_KEY_COMMAND) out, and restart"}


async def _all_sealed(connection: Connection, service: Service) -> dict[str, int]:
    """Seal every table, or open it where no key seals; how many rows, by table. Raises RefusedError."""
    try:
        done = {rows.table: await _sealed(connection, rows) for rows in sealed_rows(service)}
    except SealingError as error:
        raise refused("not_opened", str(error)) from None
    return {table: count for table, count in done.items() if count}


async def _left(connection: Connection, service: Service) -> dict[str, int]:
    counts = {rows.table: await count_left(connection, rows) for rows in sealed_rows(service)}
    return {table: count for table, count in counts.items() if count}


def sealed_rows(service: Service) -> Sequence[SealedRows]:
    """Everything that is sealed of a service but its outbox, which is gone in a moment."""
    tables = [SealedRows(table.name, table.key, table.sealed) for table in (*service.sealed, TIMERS)]
    return [*tables, SealedRows("set_aside", ("id",), MESSAGES)]


async def _sealed(connection: Connection, rows: SealedRows) -> int:
    """Seal the rows of a table, and those that were locked once more; return how many."""
    done = 0
    for number in range(_ROUNDS):
        if number:
            await asyncio.sleep(1)
        after: Sequence[object] | None = None
        while True:
            count, after = await seal_some(connection, rows, after)
            if (done + count) // _PROGRESS_EVERY > done // _PROGRESS_EVERY:
                print(f"{rows.table}: {done + count} rows done", file=sys.stderr)
            done += count
            if after is None:
                break
        if not await count_left(connection, rows):
            break
    return done
