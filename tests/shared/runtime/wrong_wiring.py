"""What pyright must refuse. Each ignored line is an error that `make lint` expects: without it, lint fails."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from shared.events.sessions import SessionCancelled, SessionCompleted
from shared.runtime.interchange import Interchange
from shared.runtime.service import wire, wired
from shared.runtime.transaction import Transaction


async def on_session_completed(event: SessionCompleted, tx: Transaction) -> None:
    """A handler of one event."""


async def on_either(event: SessionCompleted | SessionCancelled, tx: Transaction) -> None:
    """A handler of two events."""


async def on_nothing(event: SessionCompleted) -> None:
    """No handler: it takes no transaction."""


RIGHT = wired(wire(SessionCompleted, on_either), wire(SessionCancelled, on_either))
WRONG = wired(
    wire(SessionCancelled, on_session_completed),  # pyright: ignore[reportArgumentType]
    wire(Interchange, on_session_completed),  # pyright: ignore[reportArgumentType]
    wire(SessionCompleted, on_nothing),  # pyright: ignore[reportArgumentType]
)
