"""A letter as an e-mail message: plain text and HTML of equal content, with the headers of a transactional mail."""

import binascii
import uuid
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from services.notification.letters.address import checked_address
from services.notification.letters.branding import Branding
from services.notification.letters.render import Letter

_BOUNDARY = "=_letter"  # never in quoted-printable, where = is followed by two digits or the end of the line
_LONGEST_LINE = 76  # RFC 5322 section 2.1.1: 78 with the colon and the space
_LETTERS = uuid.UUID("6f0d7a3c-52f5-5b0e-9a58-0c1d4e8f7b21")


def build(letter: Letter, *, to: str, fact_id: str, at: datetime, branding: Branding) -> EmailMessage:
    """Return the message that carries `letter` to the address `to`.

    `fact_id` names the business fact that the letter is about (the pause, the adjudication), not the attempt: the
    same fact gives the same Message-ID, so that a second try is the same mail. `at` is the time in the Date header,
    with its zone. There is no List-Unsubscribe: these letters are transactional. Raises InvalidAddressError.
    """
    if at.tzinfo is None:
        raise ValueError("the time of a message needs its zone")
    message = EmailMessage(policy=SMTP)
    # Headers are put in as they are: for each, the email package would make a class anew to see if it may come twice.
    message.set_raw("Message-ID", SMTP.header_factory("Message-ID", message_id(letter.name, fact_id, branding)))
    message.set_raw("To", SMTP.header_factory("To", str(Address(addr_spec=checked_address(to)))))
    for name, value in {
        "Date": format_datetime(at),
        "From": str(Address(branding.sender_name, addr_spec=branding.from_address)),
        "Reply-To": branding.support_address,
        "Subject": letter.subject,
        "Content-Language": letter.language,
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers, please
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{_BOUNDARY}"',
    }.items():
        message.set_raw(name, _header(name, value))
    # The parts are put in as they go over the wire: the email package would take each of 300 lines in its hands.
    parts = _part("plain", letter.text) + _part("html", letter.html)
    message.set_payload(f"{parts}--{_BOUNDARY}--\r\n")
    return message


def as_wire(message: EmailMessage) -> bytes:
    """Return the message as it goes over the wire: what `as_bytes` gives, with the headers that repeat folded once."""
    head = b"".join(_on_the_wire(name, value) for name, value in message.items())
    return head + b"\r\n" + str(message.get_payload()).encode("ascii")


def _on_the_wire(name: str, value: str) -> bytes:
    if name in {"Message-ID", "To", "Date"} and value.isascii() and len(name) + len(value) < _LONGEST_LINE:
        return f"{name}: {value}\r\n".encode("ascii")  # another one in each letter: not worth keeping
    return _folded(name, value)


@lru_cache(maxsize=1024)
def _folded(name: str, value: str) -> bytes:
    return SMTP.fold_binary(name, value)


def message_id(letter: str, fact_id: str, branding: Branding) -> str:
    """Return the Message-ID of the letter called `letter` about one fact: no name, no address, no id in clear."""
    return f"<{_key(letter, fact_id)}@{branding.from_address.rpartition('@')[2]}>"


def _part(subtype: str, content: str) -> str:
    """A part with its boundary before it, in quoted-printable by the C routine, which is eight times as fast."""
    encoded = binascii.b2a_qp(content.encode(), istext=True).decode("ascii").replace("\n", "\r\n")
    return (
        f"--{_BOUNDARY}\r\n"
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        f"{encoded}\r\n"
    )


@lru_cache(maxsize=1024)
def _header(name: str, value: str) -> str:
    """The header, parsed once: most are the same in every letter, and parsing them is most of the work.

    Raises ValueError where the value holds a line break.
    """
    if "\n" in value or "\r" in value:
        raise ValueError(f"the header {name} holds a line break")
    return SMTP.header_factory(name, value)


def _key(letter: str, fact_id: str) -> uuid.UUID:
    return uuid.uuid5(_LETTERS, f"{letter}:{fact_id}")
