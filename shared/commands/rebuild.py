"""The command `rebuild`: makes up in silence for what a restored or lost database lacks; the service is stopped."""

import argparse
import asyncio
import sys
from dataclasses import asdict
from typing import Any

from aiokafka.errors import KafkaError
from pydantic import ValidationError

from shared import clock, log, settings
from shared.commands.command import UnreadableInputError, refused
from shared.commands.operator_session import operator
from shared.database import postgres
from shared.kafka.kafka_access import KafkaAccess, KafkaRefusesError
from shared.kafka.topic_reader import TopicReader, members
from shared.process import behind
from shared.process.behind import BehindError
from shared.process.rebuilding import Rebuilding
from shared.runtime import positions
from shared.runtime.service import Service
from shared.sealing.data_keys import SealingError
from shared.sealing.wrappers import key_keeper
from shared.settings import ServiceSettings


def set_up(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--check", action="store_true", help="only say whether the database is behind its topics")
    said = "take the positions as they are; what is missing stays so, for an operator who knows why"
    parser.add_argument("--accept", action="store_true", help=said)
    parser.add_argument("--why", default="", help="for the log: what was restored, from when")


def run(service: Service, arguments: argparse.Namespace) -> Any:
    """What was made up for. Raises RefusedError: the service runs, or (with `--check`) the database is behind."""
    try:
        config = settings.read(service.settings, service.name)
    except ValidationError as error:
        raise UnreadableInputError(f"the settings of {service.name} cannot be used: {settings.words(error)}") from None
    who = operator()
    log.configure(service.name, "warning", config.log_format)
    log.get().warning("rebuild", name=who, reason=arguments.why[:200])
    try:
        return asyncio.run(_run(service, config, arguments))
    except BehindError as error:
        raise refused("behind", str(error)) from None
    except postgres.MigrationsWaitError as error:
        raise refused("not_migrated", str(error)) from None
    except SealingError as error:
        raise refused("not_opened", str(error)) from None
    except (KafkaRefusesError, KafkaError) as error:
        raise refused("kafka_fails", f"{type(error).__name__}: {error}") from None


async def _run(service: Service, config: ServiceSettings, arguments: argparse.Namespace) -> Any:
    kafka = KafkaAccess(config)
    await kafka.check()
    url = config.database_url.get_secret_value()
    keeper = key_keeper(config, service.name)
    name, size = f"{service.name} rebuild", config.database_connections
    pool = await postgres.connect(url, size=size, application=name, keys=keeper.keys)
    try:
        async with pool.acquire() as connection:
            await postgres.migrate(connection, postgres.RUNTIME_MIGRATIONS, service.migrations)
            await keeper.open(connection)
            if arguments.check:
                since = behind.oldest(clock.now(), config.inbox_days)
                await behind.check(kafka, connection, service, since=since)
                return {"behind": False}
        for group in behind.groups(service):
            if await members(kafka, group):
                raise refused(
                    "still_running", f"the group {group} has members: stop every replica of the service first"
                )
        if arguments.accept:
            async with TopicReader(kafka) as reader, pool.acquire() as connection:
                await positions.replace(connection, await behind.in_kafka(kafka, reader, service))
            return {"accepted": True}
        rebuilding = Rebuilding(service, pool, kafka, attempts=config.handler_attempts)
        return asdict(await rebuilding.run(lambda count: print(f"{count} records handled", file=sys.stderr)))
    finally:
        await pool.close()
