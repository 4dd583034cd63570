"""A TCP proxy in front of a server, which can cut, stall or silently lose the connections that go through it."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

_CHUNK_BYTES = 64 * 1024


@dataclass(eq=False)
class _Connection:
    """One connection: the client's side and the server's. `lost`: nothing passes, and the client is not told."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    lost: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def cut(self) -> None:
        self.ended.set()
        self.client.transport.abort()
        self.server.transport.abort()


@dataclass(eq=False)
class Proxy:
    """Takes connections at `port` and passes them on to `target`, a port of this machine."""

    target: int
    port: int = 0
    connections: set[_Connection] = field(default_factory=set[_Connection])
    passing: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Listen."""
        self.passing.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError):  # asyncio complains of a server's task that was cancelled
            await self._pass_on(from_client, to_client)

    async def _pass_on(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            to_client.transport.abort()
            return
        connection = _Connection(to_client, to_server)
        self.connections.add(connection)
        try:
            await asyncio.gather(
                self._pump(connection, from_client, to_server), self._pump(connection, from_server, to_client)
            )
        finally:
            self.connections.discard(connection)
            connection.cut()

    async def _pump(self, connection: _Connection, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(_CHUNK_BYTES):
                await self.passing.wait()
                if not connection.lost:
                    sink.write(data)
                    await sink.drain()
        if connection.lost:
            await connection.ended.wait()  # the client must not see the end: only `cut` shows it
        if sink.can_write_eof():
            with contextlib.suppress(OSError):
                sink.write_eof()

    async def cut(self) -> int:
        """End every connection at once, as a reset does; return how many there were."""
        cut = list(self.connections)
        for connection in cut:
            connection.cut()
        return len(cut)

    async def stall(self) -> int:
        """Pass nothing on until `go_on`: every connection stays open."""
        self.passing.clear()
        return 1

    async def go_on(self) -> None:
        """Pass on what has waited."""
        self.passing.set()

    async def lose(self) -> int:
        """Every connection is half-open: the server is told that it ended, the client never. New ones work."""
        lost = [connection for connection in self.connections if not connection.lost]
        for connection in lost:
            connection.lost = True
            connection.server.transport.abort()
        return len(lost)


class Proxies:
    """Proxies on a loop of their own, in a thread, so that a campaign can start servers behind them as it likes."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.of: dict[str, list[Proxy]] = {}

    def in_front(self, name: str, target: int) -> int:
        """Start a proxy in front of a server's port; return its own. `name` groups those of one kind of server."""
        proxy = Proxy(target)
        self._run(proxy.start())
        self.of.setdefault(name, []).append(proxy)
        return proxy.port

    def do(self, name: str, what: str) -> int:
        """Do `what` (cut, stall, go_on, lose) at each proxy of the name; return at how many connections."""
        return sum(self._run(getattr(proxy, what)()) or 0 for proxy in self.of[name])

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def stop(self) -> None:
        """End the loop, and every connection with it."""
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _end(self) -> None:
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
