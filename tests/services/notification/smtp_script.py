"""A mail server that answers as it is told to, for what real ones do only on bad days."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

ANSWERS = {"HELO": "250 ok", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", ".": "250 2.0.0 taken",
           "RSET": "250 ok", "NOOP": "250 ok", "QUIT": "221 bye", "AUTH": "235 welcome"}  # fmt: skip


@dataclass
class ScriptedServer:
    """`answers` maps a command to its answers in turn: a line to send, `drop` to hang up, `wait` to say nothing.

    `.` is the end of the message. When the answers of a command are used up, it is answered as by a good server.
    """

    answers: dict[str, list[str]] = field(default_factory=dict)
    offers: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None
    port: int = 0
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    secured: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        try:
            if not await self._say(writer, self._answer("connect", "220 ready")):
                return
            while line := (await reader.readline()).decode().strip():
                verb = line.split()[0].upper()
                self.commands.append(line)
                if not await self._obey(verb, reader, writer) or verb == "QUIT":
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _obey(self, verb: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if verb == "EHLO":
            lines = ["scripted", *self.offers]
            greeting = "\r\n".join(f"250{'-' if at < len(lines) - 1 else ' '}{line}" for at, line in enumerate(lines))
            return await self._say(writer, self._answer("EHLO", greeting))
        if verb == "STARTTLS" and self.tls is not None:
            await self._say(writer, "220 go")
            await writer.start_tls(self.tls)
            self.secured += 1
            return True
        answer = self._answer(verb, ANSWERS.get(verb, "500 what"))
        if not await self._say(writer, answer):
            return False
        if verb == "DATA" and answer.startswith("354"):
            body = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
            end = self._answer(".", ANSWERS["."])
            if end.startswith(("250", "drop after")):
                self.messages.append(body)
            return await self._say(writer, end)
        return True

    def _answer(self, command: str, usual: str) -> str:
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else usual

    async def _say(self, writer: asyncio.StreamWriter, answer: str) -> bool:
        if answer.startswith("drop"):
            return False
        if answer == "wait":
            await asyncio.sleep(3600)
        writer.write(f"{answer}\r\n".encode())
        await writer.drain()
        return True


S = TypeVar("S", bound=ScriptedServer)


@asynccontextmanager
async def scripted(server: S) -> AsyncIterator[S]:
    """Listen on a free port for as long as the block runs."""
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.create_task(server.talk(reader, writer)))

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
