"""A service that exists to prove the runtime: it counts, remembers the order, and misbehaves when told to.

`provider_id` of a session says what its handler does: `poison` fails always, `cancels` lets a CancelledError out,
`no_file` reads a file that isn't there, `too_large` saves a number that no column holds, `shouts` publishes 12 MB,
`slow` takes half a second. A timer whose subject is `poison` fails always.

`python -m tests.runtime_probe.service run` runs it; with `PROBE_DIES_AFTER=n` the process is killed after the n-th
batch has committed, before it is acknowledged.
"""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from shared.events.clients import ClientRegistered
from shared.events.coverage import SessionRefused
from shared.events.sessions import Line, SessionConfirmed
from shared.process.running import run
from shared.runtime.consume import Consumer
from shared.runtime.outbox import Outgoing
from shared.runtime.service import Service
from shared.runtime.table import Table
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction
from shared.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Seen:
    """One session, how often it was handled, and as which of its client's."""

    client_id: str
    session_id: str
    times: int
    place: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Halves:
    """Which of a client's two facts are known."""

    client_id: str
    registered: bool
    confirmed: bool


SEEN = Table("seen", Seen, key=("client_id", "session_id"))
HALVES = Table("halves", Halves, key=("client_id",))


async def on_session_confirmed(event: SessionConfirmed, tx: Transaction) -> None:
    """Count the session, and say which of its client's it is."""
    match event.provider_id:
        case "poison":
            raise ValueError("poison")
        case "cancels":
            raise asyncio.CancelledError
        case "no_file":
            Path("/nowhere/at/all").read_text()
        case "too_large":
            tx.save(SEEN, Seen(event.client_id, event.session_id, 2**80, 1, ()))
            return
        case "shouts":
            tx.send(Outgoing("coverage", event.client_id, b"x" * (12 * 1024 * 1024)))
        case "slow":
            await asyncio.sleep(0.5)
        case _:
            pass
    place = len(await tx.all(SEEN, event.client_id)) + 1
    before = await tx.one(SEEN, event.client_id, event.session_id)
    times = 1 if before is None else before.times + 1
    tx.save(SEEN, Seen(event.client_id, event.session_id, times, place, event.lines))
    tx.publish(refused(event, f"place_{place}"))
    await learn(tx, event.client_id, event, registered=False)


async def on_client_registered(event: ClientRegistered, tx: Transaction) -> None:
    """The other half."""
    await learn(tx, event.client_id, None, registered=True)


async def learn(tx: Transaction, client_id: str, event: SessionConfirmed | None, *, registered: bool) -> None:
    """Say so once when both halves are known."""
    known = await tx.one(HALVES, client_id) or Halves(client_id, registered=False, confirmed=False)
    now = Halves(client_id, known.registered or registered, known.confirmed or event is not None)
    tx.save(HALVES, now)
    if (now.registered and now.confirmed) and not (known.registered and known.confirmed):
        tx.publish(both_known(client_id))


async def on_timer(timer: Timer, tx: Transaction) -> None:
    """Say that it fell due."""
    if timer.subject == "poison":
        raise ValueError("poison")
    tx.publish(both_known(timer.client_id).model_copy(update={"reason": f"due_{timer.subject}"}))


def refused(event: SessionConfirmed, reason: str) -> SessionRefused:
    """Any event will do."""
    return SessionRefused(
        client_id=event.client_id,
        session_id=event.session_id,
        provider_id=event.provider_id,
        date_of_service=event.date_of_service,
        reason=reason,
    )


def both_known(client_id: str) -> SessionRefused:
    """Both halves of the client's facts are there."""
    return SessionRefused.model_validate(
        {
            "client_id": client_id,
            "session_id": "both",
            "provider_id": "nobody",
            "date_of_service": "2026-03-02",
            "reason": "both_known",
        }
    )


async def prefetch(events: object, tx: Transaction) -> None:
    """Read what the batch needs in two statements."""
    clients = [event.client_id for event in events]  # type: ignore[attr-defined]
    await tx.load_clients(SEEN, clients)
    await tx.load(HALVES, [(client,) for client in clients])


SERVICE = Service(
    name=os.environ.get("PROBE_NAME", "probe"),
    settings=ServiceSettings,
    migrations=Path(__file__).parent / "migrations",
    handlers={SessionConfirmed: on_session_confirmed, ClientRegistered: on_client_registered},
    timers={"due": on_timer},
    prefetch=prefetch,
)


def _die_after(batches: int) -> None:
    """Kill this process between a commit and its acknowledgement."""
    handle, left = Consumer.batch, iter(range(batches - 1))

    async def handle_and_die(self: Consumer, polled: object) -> None:
        await handle(self, polled)  # type: ignore[arg-type]
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    Consumer.batch = handle_and_die  # type: ignore[method-assign]


if __name__ == "__main__":
    if "PROBE_DIES_AFTER" in os.environ:
        _die_after(int(os.environ["PROBE_DIES_AFTER"]))
    if sys.argv[1:] == ["run"]:
        run(SERVICE)
