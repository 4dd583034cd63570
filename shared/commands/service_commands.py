"""What every service is told on its command line: `run`, and `parked` and `dead` for what was set aside.

Loads nothing but argument parsing: a service's other commands start as fast as before.
"""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from shared.commands.command import Command, UnreadableInputError, reason

if TYPE_CHECKING:
    from shared.runtime.service import Service

Run = Callable[["Service", argparse.Namespace], Any]


def service_commands(app: str) -> dict[str, Command]:
    """The commands of the service that the module `app` exports as SERVICE."""

    def on_service(run: Run) -> Callable[[argparse.Namespace], Any]:
        return lambda arguments: run(import_module(app).SERVICE, arguments)

    return {
        "run": Command("the service, until SIGTERM", on_service(_run)),
        "parked": Command(
            "keys that wait behind a failed message: list, show, release (reads the database)",
            on_service(_run_parked),
            _set_up_parked,
        ),
        "dead": Command(
            "messages that could not be read: list, show, again, drop (reads the database)",
            on_service(_run_dead),
            _set_up_dead,
        ),
        "migrate": Command(
            "bring the tables up to date as their owner, and grant the service's role their rows",
            on_service(_migrate),
            _set_up_migrate,
        ),
        "backed-up": Command(
            "note that a back-up of the database has succeeded: the last step of the back-up job",
            on_service(_backed_up),
        ),
        "seal": Command(
            "seal what is stored plain or with an earlier data key, beside the running service (writes the database)",
            on_service(_seal),
            _set_up_seal,
        ),
        "unseal": Command(
            "store what is sealed as it is, beside the running service, where DATA_KEY=none (writes the database)",
            on_service(_unseal),
        ),
        "rebuild": Command(
            "make up in silence for what a restored database lacks (the service stopped; reads Kafka and the database)",
            on_service(_rebuild),
            _set_up_rebuild,
        ),
    }


def _set_up_migrate(parser: argparse.ArgumentParser) -> None:
    from shared.commands import migrate

    migrate.set_up(parser)


def _migrate(service: "Service", arguments: argparse.Namespace) -> Any:
    from shared.commands import migrate

    return migrate.run(service, arguments)


def _backed_up(service: "Service", arguments: argparse.Namespace) -> Any:
    from shared.commands import backed_up

    return backed_up.run(service, arguments)


def _set_up_seal(parser: argparse.ArgumentParser) -> None:
    from shared.commands import seal

    seal.set_up(parser)


def _seal(service: "Service", arguments: argparse.Namespace) -> Any:
    from shared.commands import seal

    return seal.run(service, arguments)


def _unseal(service: "Service", arguments: argparse.Namespace) -> Any:
    from shared.commands import seal

    return seal.run_unseal(service, arguments)


def _set_up_rebuild(parser: argparse.ArgumentParser) -> None:
    from shared.commands import rebuild

    rebuild.set_up(parser)


def _rebuild(service: "Service", arguments: argparse.Namespace) -> Any:
    from shared.commands import rebuild

    return rebuild.run(service, arguments)


def _run(service: "Service", _: argparse.Namespace) -> Any:
    from shared.process.running import run

    run(service)


def _set_up_parked(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="word", required=True, metavar="list|show|release")
    listed = words.add_parser("list", help="the keys that wait, the longest waiting first")
    listed.add_argument("--settled", action="store_true", help="what was released or dropped instead, the last first")
    shown = words.add_parser("show", help="the messages of a key, in their order")
    _key_argument(shown)
    _content_argument(shown)
    released = words.add_parser("release", help="handle what waits, in order, once the cause is corrected")
    set_up_release(released, several=True)
    released.add_argument("--all", action="store_true", help="every key that waits, the longest waiting first")
    released.add_argument("--reason", metavar="TEXT", help="every key whose reason, as `list` says it, has this in it")
    released.add_argument("--since", metavar="TIME", help="every key that waits since then, such as 2026-03-01T08:00Z")
    _why_argument(released)


def set_up_release(parser: argparse.ArgumentParser, *, several: bool = False) -> None:
    """The arguments of a release but its reason; `several`: the key may be left out."""
    said = "a client id, or an interchange's key"
    parser.add_argument("key", metavar="KEY", help=said, nargs="?" if several else None)
    parser.add_argument("--skip-first", action="store_true", help="drop the message (or the timers) that failed")


def _set_up_dead(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="word", required=True, metavar="list|show|again|drop")
    listed = words.add_parser("list", help="the messages that wait for a decision, the oldest first")
    listed.add_argument("--topic", help="only of this topic")
    listed.add_argument("--settled", action="store_true", help="what was handled or dropped instead, the last first")
    shown = words.add_parser("show", help="one message")
    shown.add_argument("id", type=int, metavar="ID")
    _content_argument(shown)
    for word, what in (
        ("again", "handle messages that this version can read, or send what the broker refused"),
        ("drop", "give messages up: they were sent anew, or mean nothing"),
    ):
        act = words.add_parser(word, help=what)
        act.add_argument("ids", type=int, nargs="*", metavar="ID", help="from `dead list`")
        act.add_argument("--reason", help="all with exactly this reason, as `dead list` says it")
        _why_argument(act)


def _key_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help="a client id, or an interchange's key")


def _content_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--content", action="store_true", help="what they say too: personal data")


def _why_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--why", required=True, help="what was corrected, for the record")


def _run_parked(service: "Service", arguments: argparse.Namespace) -> Any:
    from shared.commands import release

    match arguments.word:
        case "list" if arguments.settled:
            return release.answer(service, lambda connection: release.settled(connection, parked=True))
        case "list":
            return release.answer(service, release.waiting)
        case "show":
            return release.answer(
                service, lambda connection: release.shown(connection, service, arguments.key, content=arguments.content)
            )
        case _ if arguments.key is not None and not (arguments.all or arguments.reason or arguments.since):
            return run_release(service, arguments, _why(arguments))
        case _:
            return _run_release_several(service, arguments)


def run_release(service: "Service", arguments: argparse.Namespace, why: str) -> Any:
    """Release a key. Raises RefusedError: nothing waits, or its handler fails again."""
    from shared.commands import release

    return release.answer(
        service,
        lambda connection: release.release(connection, service, arguments.key, why, skip_first=arguments.skip_first),
    )


def _run_release_several(service: "Service", arguments: argparse.Namespace) -> Any:
    from shared.commands import release

    if arguments.key is not None or not (arguments.all or arguments.reason or arguments.since) or arguments.skip_first:
        raise UnreadableInputError("parked release takes one KEY, or --all, --reason or --since without --skip-first")
    why, reason, since = _why(arguments), arguments.reason or "", _time(arguments.since)
    return release.answer(
        service, lambda connection: release.release_several(connection, service, why, reason=reason, since=since)
    )


def _time(text: str | None) -> datetime | None:
    try:
        moment = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableInputError(f"--since: {text} is no time such as 2026-03-01T08:00Z") from None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def _run_dead(service: "Service", arguments: argparse.Namespace) -> Any:
    from shared.commands import release

    match arguments.word:
        case "list" if arguments.settled:
            return release.answer(service, lambda connection: release.settled(connection, parked=False))
        case "list":
            return release.answer(service, lambda connection: release.dead(connection, arguments.topic))
        case "show":
            return release.answer(
                service,
                lambda connection: release.dead_shown(connection, service, arguments.id, content=arguments.content),
            )
        case word:
            if bool(arguments.ids) == bool(arguments.reason):
                raise UnreadableInputError(f"dead {word} takes either IDs or --reason")
            act, why = (release.again if word == "again" else release.drop), _why(arguments)
            return release.answer(
                service, lambda connection: act(connection, service, arguments.ids, arguments.reason, why)
            )


def _why(arguments: argparse.Namespace) -> str:
    return reason(arguments.why, "say what was corrected")
