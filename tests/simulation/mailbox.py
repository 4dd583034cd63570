"""The client's mailbox, which may take no letters for a while: they are refused at once, or they come back later.

Moves: `mailbox` (from its day on for so many days. How: `refuses`; `returns`, as a mailbox that is gone; `full`, as one
that takes letters again), `readdress` (the client has another address).
"""

import functools
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notification.commands.operator_session import acting
from services.notification.sending.bounced import take_notice
from shared.database.postgres import Connection
from tests.services.notification.bounce_notice import notice
from tests.simulation.moves import Move, Plan
from tests.simulation.operating import Order

_STATUS = {"returns": "5.1.1", "full": "5.2.2"}
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Mailbox:
    """The mailbox of the client of this plan, whose world begins at `begins`."""

    plan: Plan
    begins: datetime

    def trouble(self, mail_to: str, now: datetime) -> Move | None:
        """Why a letter to this address does not arrive now; None: it does."""
        if mail_to.lower().partition("@")[0] != self.plan.name.lower():
            return None
        day = (now - self.begins) / timedelta(days=1)
        return next((move for move in self.plan.of("mailbox") if move.day <= day < move.day + move["lasts"]), None)


def message_id(mail: bytes) -> bytes:
    """The identity of a letter, with its brackets."""
    identity = _MESSAGE_ID.search(mail)
    assert identity is not None
    return identity[1]


def come_back(mail: bytes, how: str) -> Order:
    """The notice of a mail server that a letter has not arrived, as notification is given it."""
    raw = notice(message_id(mail).decode(), _STATUS[how])

    async def give(connection: Connection) -> object:
        return await take_notice(raw, connection, functools.partial(acting, connection))

    return Order("notification", f"a letter comes back ({_STATUS[how]})", give, who="a mail server")
