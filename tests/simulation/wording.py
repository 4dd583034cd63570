"""Letters as a client reads them: the figures and days that stand in the text, and nothing behind it."""

import json
import quopri
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zlib import decompress

_KINDS = {
    "Your payment and what comes next": "charged",
    "Your final cost and a refund": "refund",
    "Your final cost and a balance": "balance",
    "Your final cost": "unchanged",
    "Your cost: an update after 90 days": "overdue",
    "Your visit was cancelled": "cancelled",
}
_MONEY = r"\$([\d,]+\.\d\d)"
_DAY = r"([A-Z][a-z]+ \d{1,2}, \d{4})"
_FIGURES = {
    "paid": re.compile(rf"You paid:? {_MONEY}"),
    "final": re.compile(rf"Your (?:final cost|cost for now): {_MONEY}"),
    "refund": re.compile(rf"You get (?:back: )?{_MONEY}"),
    "balance": re.compile(rf"(?:Still to pay: |leaves ){_MONEY}"),
}
_CHARGED_ON = re.compile(rf"We charge (?:\S+ from )?your usual way of paying on {_DAY}")
_STATEMENT = re.compile(r"/statement/(\.?)([\w-]+)\.")
_BOUNDARY = re.compile(r'boundary="?([^";]+)')
_VISIT = re.compile(rf"[Vv]isit on {_DAY}")


@dataclass(frozen=True)
class Letter:
    """One letter. `kind` is a word of `_KINDS` for those about money, else its subject.

    `figures` are the cents that it names: paid, final, refund, balance. `visit_on` is the day of the visit that it is
    about, `charge_on` the day on which it says that a balance is taken. `session` is the one that its link opens.
    """

    kind: str
    to: str
    text: str
    figures: Mapping[str, int]
    visit_on: date | None
    charge_on: date | None
    session: int | None = None

    def __str__(self) -> str:
        figures = " ".join(f"{name} {cents / 100:.2f}" for name, cents in self.figures.items())
        about = f"visit {self.visit_on}" if self.visit_on else ""
        charge = f"charge on {self.charge_on}" if self.charge_on else ""
        return " ".join(part for part in (self.kind, about, figures, charge, f"to {self.to}") if part)


def read_letter(mail: bytes) -> Letter:
    """The letter of a mail as it went over the wire: its subject, and its plain text, which is the first part."""
    head, _, body = mail.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in _unfolded(head))
    boundary = _BOUNDARY.search(headers["Content-Type"])
    assert boundary is not None
    # A line of a part may itself begin with two hyphens: such as the second half of a link.
    plain = body.partition(b"\r\n\r\n")[2].partition(b"\r\n--" + boundary[1].encode())[0]
    text = quopri.decodestring(plain).decode()
    said = " ".join(text.split())
    subject = headers["Subject"]
    figures = {name: _cents(match[1]) for name, pattern in _FIGURES.items() if (match := pattern.search(said))}
    return Letter(
        kind=_KINDS.get(subject, subject),
        to=headers["To"],
        text=text,
        figures=figures,
        visit_on=_day(_VISIT, said),
        charge_on=_day(_CHARGED_ON, said),
        session=_session(text),
    )


def _session(text: str) -> int | None:
    """The session of the statement that the letter links to."""
    link = _STATEMENT.search(text)
    if link is None:
        return None
    content = urlsafe_b64decode(link[2] + "=" * (-len(link[2]) % 4))
    named = json.loads(decompress(content) if link[1] else content).get("session_id", "")
    return int(named.rpartition("-")[2]) if named else None


def _unfolded(head: bytes) -> list[str]:
    return head.decode().replace("\r\n ", " ").split("\r\n")


def _cents(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))


def _day(pattern: re.Pattern[str], text: str) -> date | None:
    match = pattern.search(text)
    return None if match is None else datetime.strptime(match[1], "%B %d, %Y").date()  # noqa: DTZ007 a day, no time
