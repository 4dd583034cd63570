"""Requests over HTTP at a steady rate, whatever the answers take: each is counted from when it was due.

It speaks just enough HTTP/1.1 on kept connections to cost a small part of what is measured, and says what it cost.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

WAIT_SECONDS = 30.0


class NotAnsweredError(Exception):
    """An answer was not 200, or did not come."""


@dataclass(frozen=True)
class Measured:
    """What a run took: `late_ms` is how late the sender itself was (p99), `own_cpu` its share of one core."""

    p50_ms: float
    p99_ms: float
    late_ms: float
    own_cpu: float


class _Wire(asyncio.Protocol):
    """One kept connection, with at most one request under way."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self._read = bytearray()
        self._answer: asyncio.Future[float] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def ask(self, address: str) -> "asyncio.Future[float]":
        """Send; the future is the time at which the whole answer was there."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(f"GET {address} HTTP/1.1\r\nhost: bench\r\n\r\n".encode())
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, separator, body = bytes(self._read).partition(b"\r\n\r\n")
        if not separator or len(body) < _length(head):
            return
        self._read.clear()
        assert self._answer is not None
        if head.startswith(b"HTTP/1.1 200 "):
            self._answer.set_result(time.perf_counter())
        else:
            self._answer.set_exception(NotAnsweredError(f"{head.splitlines()[0]!r} {body[:200]!r}"))

    def connection_lost(self, _: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NotAnsweredError("the connection was closed"))


def _length(head: bytes) -> int:
    return int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])


class OpenLoop:
    """Sends to one host and port. A request whose turn has come never waits for another's answer."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._free: list[_Wire] = []

    async def request(self, address: str) -> float:
        """Ask; return when the answer was there."""
        wire = await self._wire()
        answered = await asyncio.wait_for(wire.ask(address), WAIT_SECONDS)
        self._free.append(wire)
        return answered

    async def _wire(self) -> _Wire:
        """A connection that is not in use; a server closes those that were idle for some seconds."""
        while self._free:
            if not (wire := self._free.pop()).transport.is_closing():
                return wire
        _, wire = await asyncio.get_running_loop().create_connection(_Wire, self.host, self.port)
        return wire

    async def run(self, addresses: Callable[[], str], per_second: int, seconds: float) -> Measured:
        """Ask for `addresses()` at the rate. Raises NotAnsweredError."""
        late: list[float] = []
        asked: list[asyncio.Task[float]] = []
        cpu, began = time.process_time(), time.perf_counter() + 0.01
        for number in range(round(per_second * seconds)):
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            late.append(time.perf_counter() - due)
            asked.append(asyncio.create_task(self._took(addresses(), due)))
        took = sorted(await asyncio.gather(*asked))
        own = (time.process_time() - cpu) / (time.perf_counter() - began)
        return Measured(_ms(took, 0.5), _ms(took, 0.99), _ms(sorted(late), 0.99), round(own, 3))

    async def _took(self, address: str, due: float) -> float:
        return await self.request(address) - due

    def close(self) -> None:
        """Let go of the connections."""
        for wire in self._free:
            wire.transport.close()


def _ms(seconds: list[float], part: float) -> float:
    return round(seconds[int(len(seconds) * part)] * 1_000, 3)
