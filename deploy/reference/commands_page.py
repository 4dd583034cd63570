"""The page of all commands, from the commands themselves."""

from importlib import import_module

from deploy.reference.markdown import table
from deploy.reference.settings_page import SERVICES
from shared.commands.command import Command

_HEAD = """# Commands

Each takes a file or `-` for standard input, prints one JSON document on standard output, and speaks to people on
standard error. Exit 0: answered. 1: readable but refused, the JSON says why. 2: unreadable or used wrongly, in one
line.
Those that name no database need none, and no broker either. `--help` after a command lists its arguments.
"""


def page() -> str:
    """Markdown: a table for each package that has commands."""
    parts = [_HEAD]
    for package in ("shared.events", *(f"services.{service}" for service in SERVICES)):
        commands: dict[str, Command] = import_module(f"{package}.__main__").COMMANDS
        rows = [(f"`{word}`", command.help) for word, command in sorted(commands.items())]
        parts += [f"## python -m {package}\n", table(("command", "does"), rows)]
    return "\n".join(parts)
