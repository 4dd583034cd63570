"""Structured logs: readable in a terminal, JSON in production, and only fields that cannot identify a person.

A field that is not on the list is replaced by its name alone: a log line can never carry a name, an e-mail address,
a member id or a diagnosis by accident.
"""

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

ALLOWED = {
    "event",
    "level",
    "timestamp",
    "service",
    "client_id",
    "session_id",
    "payer_id",
    "provider_id",
    "plan_id",
    "control",
    "letter",
    "letter_id",
    "topic",
    "partition",
    "offset",
    "key",
    "type",
    "count",
    "seconds",
    "reason",
    "error",
    "where",
    "attempt",
    "slot",
    "slots",
    "timer",
    "subject",
    "bytes",
    "set",
    "port",
    "url",
    "event_id",
    "correlation_id",
    "migration",
    "group",
    "partitions",
    "worked",
    "state",
    "item_id",
    "name",
    "signal",
    "day",
    "differences",
    "sessions",
}


_LONGEST = 500


def _only_allowed(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {name: _short(value) if name in ALLOWED else "(not logged)" for name, value in event.items()}


def _short(value: Any) -> Any:
    return value[:_LONGEST] if isinstance(value, str) else value


class _OfLibraries(logging.Handler):
    """What a library logs: where and which exception. Its text may quote a row or a message, so it is left out."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the record's place and the type of its exception."""
        error = record.exc_info[1] if record.exc_info else None
        place = f"{record.filename}:{record.lineno}"
        get().error("a library complains", name=record.name, where=place, reason=failure(error) if error else "")


def configure(service: str, level: str, format: str) -> None:
    """Set up logging for the process `service`; `format` is `console` or `json`."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            structlog.processors.JSONRenderer() if format == "json" else structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.ERROR, handlers=[_OfLibraries()], force=True)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def get() -> Any:
    """The process's logger."""
    return structlog.get_logger()


def failure(error: BaseException) -> str:
    """What may be said of an exception: its type, and where it was raised; its text may hold personal data."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f" at {place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{place.tb_lineno}"
    return f"{type(error).__name__}{where}"
