"""The story that all contenders play: one session's messages, rows and letters, as our services make them.

Which message causes which, how large each is and how many rows each handler leaves was read off a session of ours
(`bench_end_to_end` prints the same figures); inbox, outbox and timer rows are not among them: how a contender stays
safe is its own affair.
"""

from dataclasses import dataclass

DATABASE = """
create table if not exists effects (
    session bigint, message text, service text, ordinal int, body text,
    primary key (session, message, service, ordinal)
);
create table if not exists inbox (session bigint, message text, service text, primary key (session, message, service));
"""
ROW_BYTES = 700
FIRST = ("confirmed", "completed")
LAST = "cost final"


@dataclass(frozen=True)
class Handler:
    """What one service does with a message: the rows it leaves, the messages that follow, the letters it mails."""

    service: str
    rows: int
    follows: tuple[str, ...] = ()
    letters: int = 0


@dataclass(frozen=True)
class Message:
    """One message: its topic, the bytes of its body, and who handles it."""

    name: str
    topic: str
    size: int
    handlers: tuple[Handler, ...] = ()


def _claim(level: str, outbound: int, remitted: int) -> tuple[Message, ...]:
    """A claim on its way to a payer and back: 837, 999, 277CA, 835, and what claims says of each."""
    following = ("submitted secondary", "837 secondary") if level == "primary" else ()
    settled = ("refund requested", LAST) if level == "secondary" else ()
    answers = tuple(f"{name} {level}" for name in ("999", "277CA", "835"))
    return (
        Message(f"submitted {level}", "claims", 570, (Handler("settlement", 1), Handler("coverage", 1))),
        Message(f"837 {level}", "payers.outbound", outbound, (Handler("payers", 5, answers),)),
        Message(f"999 {level}", "payers.inbound", 319, (Handler("claims", 1, (f"received 999 {level}",)),)),
        Message(f"277CA {level}", "payers.inbound", 734, (Handler("claims", 1, (f"received 277CA {level}",)),)),
        Message(f"received 999 {level}", "claims", 535, (Handler("claims", 3),)),
        Message(f"received 277CA {level}", "claims", 820, (Handler("claims", 3),)),
        Message(
            f"835 {level}",
            "payers.inbound",
            840,
            (Handler("claims", 4, (f"payment {level}", f"received 835 {level}")),),
        ),
        Message(f"payment {level}", "claims", 570, (Handler("settlement", 1),)),
        Message(
            f"received 835 {level}", "claims", remitted, (Handler("claims", 8, (f"adjudicated {level}", *following)),)
        ),
        Message(f"adjudicated {level}", "claims", 1_115, (Handler("settlement", 8, settled), Handler("coverage", 1))),
    )


STORY = (
    Message("confirmed", "sessions", 524, (Handler("coverage", 2, ("cleared",)),)),
    Message("completed", "sessions", 366, (Handler("coverage", 1), Handler("claims", 1), Handler("settlement", 1))),
    Message(
        "cleared",
        "coverage",
        1_200,
        (
            Handler("settlement", 8, ("estimated", "charge requested", "payout scheduled")),
            Handler("claims", 8, ("submitted primary", "837 primary")),
            Handler("notification", 1),
        ),
    ),
    Message("estimated", "settlement", 537),
    Message("charge requested", "settlement", 474, (Handler("payers", 1, ("payment succeeded",)),)),
    Message("payout scheduled", "settlement", 483),
    Message("payment succeeded", "payments", 448, (Handler("settlement", 4, ("charged",)),)),
    Message("charged", "settlement", 534, (Handler("notification", 3, ("letter charged",), letters=1),)),
    Message("letter charged", "notification", 510),
    *_claim("primary", 1_047, 1_847),
    *_claim("secondary", 1_258, 1_927),
    Message("refund requested", "settlement", 480, (Handler("payers", 1, ("refund succeeded",)),)),
    Message("refund succeeded", "payments", 448, (Handler("settlement", 4, ("refund issued",)),)),
    Message("refund issued", "settlement", 480),
    Message(LAST, "settlement", 663, (Handler("notification", 3, ("letter final",), letters=1),)),
    Message("letter final", "notification", 510),
)
BY_NAME = {message.name: message for message in STORY}
SERVICES = ("coverage", "claims", "settlement", "notification", "payers")
TOPICS = tuple(sorted({message.topic for message in STORY}))


def topic(name: str) -> str:
    """Where a message goes; a contender's topics stand beside ours."""
    return f"peer.{BY_NAME[name].topic}"


def handler(name: str, service: str) -> Handler | None:
    """What a service does with a message; None where it does nothing."""
    return next((handler for handler in BY_NAME[name].handlers if handler.service == service), None)


def topics_of(service: str) -> list[str]:
    """The topics that a service reads."""
    return sorted({topic(message.name) for message in STORY if handler(message.name, service) is not None})


def rows_of(session: int, name: str, step: Handler) -> list[tuple[int, str, str, int, str]]:
    """The rows that a step leaves."""
    body = "x" * ROW_BYTES
    return [(session, name, step.service, ordinal, body) for ordinal in range(step.rows)]
