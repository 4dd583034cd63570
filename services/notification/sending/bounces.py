"""Read what mail servers send back: delivery status notifications (RFC 3464), as the world writes them.

flufl.bounce was tried and left: it names the failed addresses, but neither the status, which decides whether an address
is suppressed, nor the letter that came back.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Any, Literal, cast

LARGEST_NOTICE = 2_000_000
_MOST_PARTS = 100
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY = re.compile(r"\b([45]\d\d)[ -]")
_MESSAGE_ID = re.compile(r"^(?:X-)?(?:Original-)?Message-ID:\s*(<[^<>\s]+@[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = re.compile(r"(?:^|;|<)\s*([^\s;<>]+@[^\s;<>]+?)\s*(?:>|$)")
_NOT_THE_MAILBOX = ("5.1.7", "5.1.8", "5.2.2", "5.2.3", "5.3.4", "5.5.", "5.6.", "5.7.")

Action = Literal["failed", "delayed"]


@dataclass(frozen=True)
class Bounce:
    """One recipient's fate in one notice.

    `message_id` is the letter's Message-ID with its brackets, None where the notice does not carry it. `status` is the
    enhanced code (5.1.1; 5.0.0 where only the failure is known). `permanent`: the address should be suppressed.
    """

    recipient: str | None
    message_id: str | None
    status: str
    action: Action

    @property
    def permanent(self) -> bool:
        """The mailbox will not take the next letter either.

        A full one (5.2.2) may be emptied; what was wrong with this letter, our sender's address or the receiver's
        view of us says nothing about the mailbox.
        """
        return self.action == "failed" and self.status.startswith("5.") and not self.status.startswith(_NOT_THE_MAILBOX)


def read_bounces(raw: bytes) -> tuple[Bounce, ...]:
    """Return the recipients that a notice reports as failed or delayed; nothing for any other mail.

    A report of success, an out-of-office answer and a human's reply are not bounces. Tolerates missing parts, folded
    and odd headers, and the original message as a whole or as its headers.
    """
    if len(raw) > LARGEST_NOTICE or raw.lower().count(b"boundary") > _MOST_PARTS:
        return ()
    try:
        return _read(message_from_bytes(raw))
    except RecursionError:  # parts in parts in parts: no mail server sends that
        return ()


def _read(message: Message) -> tuple[Bounce, ...]:
    parts = [part for part in message.walk() if part.get_content_type().endswith("delivery-status")]
    if not parts:
        return ()
    message_id = _original_message_id(message)
    return tuple(bounce for part in parts for block in _blocks(part) if (bounce := _bounce(block, message_id)))


def _blocks(part: Message) -> list[Message]:
    """The groups of fields in a delivery-status part: one about the message, then one a recipient."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [block for block in cast(list[Any], payload) if isinstance(block, Message)]
    content = part.get_payload(decode=True)
    text = content if isinstance(content, bytes) else str(payload).encode("utf-8", "replace")
    return [message_from_bytes(block) for block in re.split(rb"\r?\n\r?\n", text) if block.strip()]


def _bounce(block: Message, message_id: str | None) -> Bounce | None:
    action = _field(block, "Action").lower()
    if action not in {"failed", "delayed"} and not _field(block, "Status").startswith("5"):
        return None
    recipient = _RECIPIENT.search(_field(block, "Original-Recipient")) or _RECIPIENT.search(
        _field(block, "Final-Recipient")  # where a mailbox forwards, another address than ours
    )
    delayed = action == "delayed"
    return Bounce(
        recipient=recipient.group(1).lower() if recipient else None,
        message_id=message_id,
        status=_status(block, "4.0.0" if delayed else "5.0.0"),
        action="delayed" if delayed else "failed",
    )


def _status(block: Message, fallback: str) -> str:
    """The Status field; where it is vague (5.0.0) or missing, what the remote server said in its own words."""
    stated, said = _STATUS.search(_field(block, "Status")), _field(block, "Diagnostic-Code")
    if stated and not stated.group(1).endswith(".0.0"):
        return stated.group(1)
    if better := _STATUS.search(said):
        return better.group(1)
    if stated:
        return stated.group(1)
    reply = _REPLY.search(said)
    return f"{reply.group(1)[0]}.0.0" if reply else fallback


def _field(block: Message, name: str) -> str:
    return " ".join(str(block.get(name, "")).split())


def _original_message_id(message: Message) -> str | None:
    """The Message-ID of the letter: in the returned message or its headers, else what the notice answers to."""
    for part in message.walk():
        if part.get_content_type() not in {"message/rfc822", "text/rfc822-headers", "message/global"}:
            continue
        if match := _MESSAGE_ID.search(_text(part)):
            return match.group(1)
    answers = re.search(r"<[^<>\s]+@[^<>\s]+>", f"{message.get('In-Reply-To', '')} {message.get('References', '')}")
    return answers.group() if answers else None


def _text(part: Message) -> str:
    payload = part.get_payload()
    if isinstance(payload, list):
        return "\n".join(str(inner) for inner in cast(list[Any], payload))
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else str(payload)
