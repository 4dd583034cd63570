"""All that is known of one session's money: what the ledger's state is a function of. Nothing in it has an order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.settlement.adjudication import Adjudication, Level


class Moved(StrEnum):
    """What became of a charge or a refund; where several answers came, the later in this list counts."""

    FAILED = "failed"
    SUCCEEDED = "succeeded"
    DISPUTED = "disputed"


class Purpose(StrEnum):
    """Why a client is charged."""

    ESTIMATE = "estimate"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class PaymentAnswer:
    """The payment system's answer to one request, with the cents that really moved."""

    moved: Moved
    cents: int


def stronger(one: PaymentAnswer | None, other: PaymentAnswer) -> PaymentAnswer:
    """Of two answers to one request the one that counts, whichever came first."""
    order = list(Moved)
    if one is None or (order.index(other.moved), other.cents) > (order.index(one.moved), one.cents):
        return other
    return one


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """A charge that we asked for."""

    cents: int
    purpose: Purpose = Purpose.ESTIMATE


@dataclass(frozen=True, slots=True)
class Deposit:
    """Money from a payer for this session, found on the bank account; negative where the payer took it back."""

    level: Level
    cents: int


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """One session. Mappings are keyed by the fact's own id: the idempotency key, the deposit's trace, the payout.

    `rate_cents` is the primary's contracted rate on the date of service, known at completion. `expected` are the
    payers that are, or will be, billed (None: coverage has not decided); `given_up` those to which no claim goes, or
    whose claim was written off: a denial of theirs holds nothing up. `deadline_passed`: the 90 days are over.
    """

    charge_cents: int = 0
    rate_cents: int | None = None
    expected: frozenset[Level] | None = None
    given_up: frozenset[Level] = frozenset()
    completed: bool = False
    cancelled: bool = False
    deadline_passed: bool = False
    charges: Mapping[str, ChargeRequest] = field(default_factory=dict[str, ChargeRequest])
    refunds: Mapping[str, int] = field(default_factory=dict[str, int])
    payment_answers: Mapping[str, PaymentAnswer] = field(default_factory=dict[str, PaymentAnswer])
    answers: Mapping[str, Adjudication] = field(default_factory=dict[str, Adjudication])
    deposits: Mapping[str, Deposit] = field(default_factory=dict[str, Deposit])
    payouts: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def booked(self) -> bool:
        """Whether the service is in the books: it took place, and its rate is known."""
        return self.completed and not self.cancelled and self.rate_cents is not None

    @property
    def estimate_cents(self) -> int:
        """What was asked of the client at confirmation."""
        return sum(each.cents for each in self.charges.values() if each.purpose is Purpose.ESTIMATE)

    @property
    def paid_cents(self) -> int:
        """What the client has paid and the client's bank has not taken back."""
        return sum(
            answer.cents for key, answer in self.payment_answers.items() if key in self.charges and _holds(answer)
        )

    @property
    def refunded_cents(self) -> int:
        """What was asked to be given back and did not fail."""
        return sum(cents for key, cents in self.refunds.items() if not self.failed(key))

    @property
    def charge_pending(self) -> bool:
        """Whether a charge has no answer yet."""
        return any(key not in self.payment_answers for key in self.charges)

    @property
    def paid_out_cents(self) -> int:
        """What the provider was paid for the session."""
        return sum(self.payouts.values())

    def failed(self, key: str) -> bool:
        """Whether the request of that key did not go through."""
        answer = self.payment_answers.get(key)
        return answer is not None and answer.moved is Moved.FAILED

    def unasked(self) -> list[str]:
        """The keys of payment answers to requests that were never made."""
        return sorted(self.payment_answers.keys() - self.charges.keys() - self.refunds.keys())


def _holds(answer: PaymentAnswer) -> bool:
    return answer.moved is Moved.SUCCEEDED
