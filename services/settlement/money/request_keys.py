"""The idempotency keys of what settlement asks of others: each of a business fact, unique by client and session.

The payment system does a thing once for each key. A key never contains an attempt or an amount: asking again asks for
the same. Session ids may be the same for two clients, and long: the digest tells them apart.
"""

from collections.abc import Iterable
from hashlib import sha256

_LONGEST_ID = 40


def digest(*parts: str) -> str:
    """A short name for facts that together decided something."""
    return sha256("\n".join(parts).encode()).hexdigest()[:12]


def session_name(client_id: str, session_id: str) -> str:
    """What names a session in keys: readable, and unique by client and session."""
    return f"{session_id[:_LONGEST_ID]}-{digest(client_id, session_id)}"


def estimate_key(name: str) -> str:
    """The charge of the estimate, once a session."""
    return f"charge-{name}"


def balance_key(name: str, edition: int) -> str:
    """The charge that the cost of that edition has announced."""
    return f"balance-{name}-{edition}"


def refund_key(name: str, decided_by: Iterable[str], paid: Iterable[str], given_back: Iterable[str]) -> str:
    """What these adjudications and payments made due, beyond the refunds that were asked for before."""
    return f"refund-{name}-{digest(*sorted(decided_by), '', *sorted(paid), '', *sorted(given_back))}"


def payout_key(name: str, paid_before: int) -> str:
    """The session's first payout, or the further one that a restated rate made due."""
    return f"payout-{name}-{paid_before + 1}"
