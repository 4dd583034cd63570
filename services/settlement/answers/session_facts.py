"""All that is known of one session's money: what the ledger's state is a function of. Nothing in it has an order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.settlement.answers.adjudication import Adjudication, Level


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
    """The payment system's answer to one request, with the cents that really moved.

    Of a disputed charge `cents` were taken back; `paid` was paid before, where that is known to be more.
    """

    moved: Moved
    cents: int
    paid: int | None = None

    @property
    def paid_cents(self) -> int:
        """What went through, taken back or not."""
        return 0 if self.moved is Moved.FAILED else self.cents if self.paid is None else self.paid

    @property
    def kept_cents(self) -> int:
        """What went through and was not taken back."""
        return self.paid_cents - self.cents if self.moved is Moved.DISPUTED else self.paid_cents


def stronger(first: PaymentAnswer | None, second: PaymentAnswer) -> PaymentAnswer:
    """What two answers to one request come to, whichever came first: a dispute may be of a part of the payment."""
    if first is None:
        return second
    if Moved.DISPUTED in (first.moved, second.moved):
        back = max(answer.cents for answer in (first, second) if answer.moved is Moved.DISPUTED)
        paid = max(first.paid_cents, second.paid_cents, back)
        return PaymentAnswer(Moved.DISPUTED, back, paid if paid > back else None)
    order = list(Moved)
    return max(first, second, key=lambda answer: (order.index(answer.moved), answer.cents))


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """A charge that we asked for."""

    cents: int
    purpose: Purpose = Purpose.ESTIMATE


@dataclass(frozen=True, slots=True)
class Deposit:
    """Money from a payer for this session; negative where the payer took it back.

    It belongs to the payment `trace` of `payer`, and to the level of `plan` by the last decision.
    """

    level: Level
    cents: int
    payer: str = ""
    trace: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """One session. Mappings are keyed by the fact's own id: the idempotency key, the deposit's trace, the payout.

    `rate_cents` is the primary's contracted rate on the date of service, known at completion. `expected` are the
    payers that coverage decided to bill (None: it has not decided) and `plans` the level of each plan by that decision.
    `given_up` are plans to which no claim goes, `written_off` those whose claim was given up at the marketplace's
    cost: a denial of theirs holds nothing up. `deadline_passed`: 90 days are over.
    """

    charge_cents: int = 0
    rate_cents: int | None = None
    expected: frozenset[Level] | None = None
    plans: Mapping[str, Level] = field(default_factory=dict[str, Level])
    given_up: frozenset[str] = frozenset()
    written_off: frozenset[str] = frozenset()
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

    def level_of(self, plan: str, stated: Level) -> Level | None:
        """The level of a plan by the last decision, or None if it has none; before any decision, the level stated.

        A corrected order moves a plan to another level, and its answers with it.
        """
        return self.plans.get(plan) if plan and self.plans else stated

    @property
    def given_up_levels(self) -> frozenset[Level]:
        """The levels from which no answer is awaited any more; the primary's only if its claim was written off."""
        later = {self.plans[plan] for plan in self.given_up & self.plans.keys()} - {Level.PRIMARY}
        return frozenset(later | {self.plans[plan] for plan in self.written_off & self.plans.keys()})

    @property
    def awaited(self) -> frozenset[Level]:
        """The levels that are, or will be, billed: the cost waits for the answer of each."""
        if self.expected is None:
            return frozenset(Level)
        return self.expected - self.given_up_levels

    @property
    def estimate_cents(self) -> int:
        """What was asked of the client at confirmation."""
        return sum(charge.cents for charge in self.charges.values() if charge.purpose is Purpose.ESTIMATE)

    @property
    def paid_cents(self) -> int:
        """What the client has paid and the client's bank has not taken back."""
        return sum(answer.kept_cents for key, answer in self.payment_answers.items() if key in self.charges)

    @property
    def disputed(self) -> bool:
        """Whether the client's bank took a charge back: it is not simply asked for again."""
        return any(
            answer.moved is Moved.DISPUTED for key, answer in self.payment_answers.items() if key in self.charges
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

    def asked_cents(self, key: str, otherwise: int) -> int:
        """What the request of that key asked for; `otherwise` where it was never made."""
        charge = self.charges.get(key)
        return self.refunds.get(key, otherwise) if charge is None else charge.cents

    def moved_otherwise(self) -> list[tuple[str, int, int]]:
        """The requests of which another amount went through than was asked for: key, asked, moved."""
        asked = {key: charge.cents for key, charge in self.charges.items()} | dict(self.refunds)
        return [
            (key, asked[key], answer.cents)
            for key, answer in self.payment_answers.items()
            if key in asked and answer.moved is Moved.SUCCEEDED and answer.cents != asked[key]
        ]

    def unasked(self) -> list[str]:
        """The keys of payment answers to requests that were never made."""
        return sorted(self.payment_answers.keys() - self.charges.keys() - self.refunds.keys())
