"""`python -m shared.commands.topics create | check | acls FILE`: the topics and who may use them.

For an operator, or a job before the services start. Says what it did as one JSON document.
"""

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from aiokafka.errors import KafkaError
from pydantic import ValidationError

from shared.commands.command import Command, UnreadableInputError, main, read_bytes, refused
from shared.kafka import access_rules, creating_topics
from shared.kafka.kafka_access import KafkaAccess, KafkaRefusesError, not_allowed
from shared.settings import KafkaSettings, words


def _access() -> KafkaAccess:
    try:
        return KafkaAccess(KafkaSettings())
    except ValidationError as error:
        raise UnreadableInputError(f"the settings cannot be used: {words(error)}") from None


def _answer(access: KafkaAccess, act: Coroutine[Any, Any, Any]) -> Any:
    async def checked() -> Any:
        await access.check()
        return await act

    try:
        return asyncio.run(checked())
    except KafkaRefusesError as error:
        raise refused("kafka_refuses", str(error)) from None
    except KafkaError as error:
        said = not_allowed(error, access.settings)
        raise refused("kafka_fails", str(said or f"{type(error).__name__}: {error}")) from None
    finally:
        act.close()


def _create(_: argparse.Namespace) -> dict[str, Any]:
    """Make what is missing, and say what of the rest is not as it should be."""
    access = _access()
    replication = access.settings.topic_replication

    async def act() -> dict[str, Any]:
        made = await creating_topics.create(access, replication)
        topics = creating_topics.wanted(replication, access.settings.set_aside_days)
        return {"created": made, "differences": await creating_topics.differences(access, topics)}

    return _answer(access, act())


def _check(_: argparse.Namespace) -> dict[str, Any]:
    """What is not as it should be. Raises RefusedError where anything is."""
    access = _access()
    topics = creating_topics.wanted(access.settings.topic_replication, access.settings.set_aside_days)
    differences = _answer(access, creating_topics.differences(access, topics))
    if differences:
        raise refused("topics_differ", f"{len(differences)} things are not as they should be", differences=differences)
    return {"differences": []}


def _acls(arguments: argparse.Namespace) -> dict[str, Any]:
    """Grant what the file says; what is granted already stays."""
    access = _access()
    try:
        rules = access_rules.read(read_bytes(arguments.file).decode())
    except ValueError as error:
        raise UnreadableInputError(f"{arguments.file}: {error}") from None
    return {"granted": _answer(access, access_rules.grant(access, rules))}


def _acls_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="such as deploy/kafka/acls.csv, or - for standard input")


COMMANDS = {
    "create": Command("make the topics that are missing, and say what of the others differs", _create),
    "check": Command("say what is missing or differs; nothing is changed", _check),
    "acls": Command("grant each service what it needs, from a file", _acls, _acls_arguments),
}

if __name__ == "__main__":
    main("shared.commands.topics", COMMANDS, sys.argv[1:])
