"""`python -m shared.events check FILE|-`: what is wrong with a message, before it is published."""

import argparse
from typing import Any

from shared import clock
from shared.commands.command import Command, RefusedError, UnreadableInputError, file_argument, main, read_bytes
from shared.events.check import check
from shared.events.envelope import UnreadableError


def _check(arguments: argparse.Namespace) -> dict[str, Any]:
    value = read_bytes(arguments.file)
    try:
        answer = check(value, clock.now().date(), topic=arguments.topic, key=arguments.key)
    except UnreadableError as error:
        raise UnreadableInputError(str(error)) from None
    if answer["problems"]:
        raise RefusedError(answer)
    return answer


def _arguments(parser: argparse.ArgumentParser) -> None:
    file_argument(parser)
    parser.add_argument("--topic", help="the topic that it is to be published to")
    parser.add_argument("--key", help="the key of the message")


COMMANDS = {"check": Command("what is wrong with a message before it is published", _check, _arguments)}

if __name__ == "__main__":
    main("shared.events", COMMANDS)
