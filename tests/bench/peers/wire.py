"""A contender's messages as bytes, and its letters as mail."""

import json
import os
from email.message import EmailMessage

from aiosmtplib import SMTP

from tests.bench.peers.story import BY_NAME

LETTER_BYTES = 9_000


def encoded(session: int, name: str) -> bytes:
    """A message of its story's size."""
    bare = json.dumps({"session": session, "name": name, "data": ""})
    return json.dumps({"session": session, "name": name, "data": "x" * max(0, BY_NAME[name].size - len(bare))}).encode()


def decoded(value: bytes) -> tuple[int, str]:
    """The session and the name of a message."""
    message = json.loads(value)
    return message["session"], message["name"]


def letter(session: int, name: str) -> EmailMessage:
    """A letter of an ordinary size."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "letters@inbox.example", f"peer-{session}@inbox.example", name
    mail.set_content("x" * LETTER_BYTES)
    return mail


class Mailer:
    """One kept connection to the mail server."""

    def __init__(self) -> None:
        where = os.environ["SMTP_URL"].rsplit("/", 1)[-1]
        host, _, port = where.partition(":")
        self._smtp = SMTP(hostname=host, port=int(port))

    async def send(self, letters: list[EmailMessage]) -> None:
        """Send these letters, one after the other."""
        if letters and not self._smtp.is_connected:
            await self._smtp.connect()
        for mail in letters:
            await self._smtp.send_message(mail)
