"""The inbox: an SMTP server that keeps every letter instead of sending it on, and can be told to misbehave.

`python -m deploy.embedded.mailbox.inbox_server` runs it with its page (see `inbox_page`).
"""

import argparse
import asyncio
from pathlib import Path
from typing import Any

import uvicorn
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from deploy.embedded.mailbox.inbox import Inbox
from deploy.embedded.mailbox.inbox_page import page

LARGEST_LETTER_BYTES = 33_554_432


class Handler:
    """What the SMTP server asks at each step of a delivery."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer one recipient."""
        fault = self._inbox.struck_by("rcpt", [address])
        if fault is not None:
            await asyncio.sleep(fault.delay_seconds)
            return fault.reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Answer the letter itself."""
        recipients = [str(address) for address in envelope.rcpt_tos]
        if (fault := self._inbox.struck_by("data", recipients)) is not None:
            await asyncio.sleep(fault.delay_seconds)
            return fault.reply
        fault = self._inbox.struck_by("answer", recipients)
        if fault is None or fault.kept:
            self._inbox.keep(envelope.mail_from or "", recipients, envelope.original_content or b"")
        if fault is not None:
            await asyncio.sleep(fault.delay_seconds)
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 2.0.0 kept"


def let_anyone_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Accept any user and password: who logs in is not what is tried out here."""
    return AuthResult(success=True)


def smtp(inbox: Inbox) -> SMTP:
    """The server's side of one connection."""
    return SMTP(
        Handler(inbox),
        data_size_limit=LARGEST_LETTER_BYTES,
        enable_SMTPUTF8=True,
        hostname="inbox.localhost",
        authenticator=let_anyone_in,
        auth_require_tls=False,
    )


async def serve(inbox: Inbox, smtp_port: int, page_port: int) -> None:
    """Take letters and show them until the process is told to end."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: smtp(inbox), "127.0.0.1", smtp_port)
    config = uvicorn.Config(page(inbox), host="127.0.0.1", port=page_port, log_level="warning", access_log=False)
    async with server:
        await uvicorn.Server(config).serve()


def main() -> None:
    """Read where to listen, and serve."""
    parser = argparse.ArgumentParser(prog="python -m deploy.embedded.mailbox.inbox_server", description=__doc__)
    parser.add_argument("--smtp-port", type=int, default=1025)
    parser.add_argument("--page-port", type=int, default=8025)
    parser.add_argument("--folder", type=Path, required=True, help="where the letters are kept")
    arguments = parser.parse_args()
    inbox = Inbox(arguments.folder)
    inbox.load()
    asyncio.run(serve(inbox, arguments.smtp_port, arguments.page_port))


if __name__ == "__main__":
    main()
