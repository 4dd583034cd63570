"""The inbox's letters and the faults that are set. Letters are kept as .eml files, and found again after a restart."""

import email
import email.policy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_LETTERS = 2000


class Fault(BaseModel):
    """How to treat the letters to some recipients, until it is cleared or used up.

    `at` is where it strikes: `rcpt` (this recipient is answered with `reply`), `data` (the whole letter is), or
    `answer` (the connection drops after the letter was sent; with `kept` the letter has arrived all the same, the
    case where a sender that tries again must not make two of it).
    """

    model_config = ConfigDict(extra="forbid")

    to: str = "*"
    at: Literal["rcpt", "data", "answer"] = "rcpt"
    reply: str = Field(default="550 5.1.1 no such mailbox", pattern=r"^[45]\d\d [ -~]+$")
    kept: bool = False
    times: int | None = Field(default=None, ge=1)
    delay_seconds: float = Field(default=0, ge=0, le=600)

    def strikes(self, at: str, recipients: list[str]) -> bool:
        """Whether it applies to one of these recipients at this point."""
        pattern = self.to.lower()
        return self.at == at and any(fnmatchcase(recipient.lower(), pattern) for recipient in recipients)


@dataclass(frozen=True)
class Letter:
    """A letter as it came."""

    number: int
    received_at: datetime
    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """It, parsed."""
        message = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    def body(self, kind: Literal["html", "plain"]) -> str | None:
        """Its text in one of the two forms, or None."""
        part = self.message.get_body((kind,))
        return None if part is None else str(part.get_content())

    def summary(self) -> dict[str, Any]:
        """What the page's JSON says about it."""
        message = self.message
        return {
            "number": self.number,
            "received_at": self.received_at.isoformat(),
            "from": self.sender,
            "to": self.recipients,
            "subject": str(message.get("subject", "")),
            "message_id": str(message.get("message-id", "")),
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "text": self.body("plain"),
            "html": self.body("html"),
        }


@dataclass
class Inbox:
    """The letters that came, oldest first, and the faults that are set."""

    folder: Path
    letters: list[Letter] = field(default_factory=list[Letter])
    faults: list[Fault] = field(default_factory=list[Fault])
    last_number: int = 0

    def load(self) -> None:
        """Find the letters that an earlier run has kept."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.letters = sorted(self._kept(), key=lambda letter: letter.number)
        self.last_number = max((letter.number for letter in self.letters), default=0)

    def _kept(self) -> Iterator[Letter]:
        for file in self.folder.glob("*.json"):
            envelope = json.loads(file.read_text())
            received_at = datetime.fromisoformat(envelope["received_at"])
            raw = file.with_suffix(".eml").read_bytes()
            yield Letter(int(file.stem), received_at, envelope["from"], envelope["to"], raw)

    def keep(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """Take a letter in; the oldest goes when there are too many."""
        self.last_number += 1
        letter = Letter(self.last_number, datetime.now(UTC), sender, recipients, raw)
        name = f"{letter.number:06}"
        (self.folder / f"{name}.eml").write_bytes(raw)
        envelope = {"received_at": letter.received_at.isoformat(), "from": sender, "to": recipients}
        (self.folder / f"{name}.json").write_text(json.dumps(envelope))
        self.letters.append(letter)
        if len(self.letters) > MOST_LETTERS:
            self._remove(self.letters.pop(0))

    def clear(self) -> None:
        """Throw every letter away."""
        while self.letters:
            self._remove(self.letters.pop())

    def _remove(self, letter: Letter) -> None:
        for suffix in ("eml", "json"):
            (self.folder / f"{letter.number:06}.{suffix}").unlink(missing_ok=True)

    def struck_by(self, at: str, recipients: list[str]) -> Fault | None:
        """The first fault that applies here, counted as used."""
        fault = next((fault for fault in self.faults if fault.strikes(at, recipients)), None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self.faults.remove(fault)
        return fault
