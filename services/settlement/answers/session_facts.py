"""All that is known of one session's money: what the ledger's state is a function of. Nothing in it has an order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from services.settlement.answers.adjudication import Adjudication, Level
from services.settlement.answers.payment_answer import Moved, PaymentAnswer
from shared.events.answers_awaited import AnswersAwaited


class Purpose(StrEnum):
    """Why a client is charged."""

    ESTIMATE = "estimate"
    BALANCE = "balance"


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

    `rate_cents` is the primary's contracted rate on the date of service, known at completion. `decision` is the number
    of coverage's last decision (None: read by an older version), `expected` the levels that it bills (None: it has not
    decided) and `plans` the level of each plan by it. `claims_say` is the claims service's last word on whose answers
    are still to come. Before its first word, for sessions under way during the upgrade, that is inferred: `given_up`
    are plans to which no claim goes, `written_off` those whose claim was given up at the marketplace's cost.
    `completed`: it took place on its confirmed date, `completed_for` the date that was said (None: said to an older
    version, or not yet). `deadline_passed`: the promised days are over. `forgiven`: a person has forgiven whatever the
    client still owes.
    """

    charge_cents: int = 0
    rate_cents: int | None = None
    decision: int | None = None
    expected: frozenset[Level] | None = None
    plans: Mapping[str, Level] = field(default_factory=dict[str, Level])
    claims_say: AnswersAwaited | None = None
    given_up: frozenset[str] = frozenset()
    written_off: frozenset[str] = frozenset()
    completed: bool = False
    completed_for: date | None = None
    cancelled: bool = False
    deadline_passed: bool = False
    forgiven: bool = False
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
    def estimate_cents(self) -> int:
        """What was asked of the client at confirmation."""
        return sum(charge.cents for charge in self.charges.values() if charge.purpose is Purpose.ESTIMATE)

    @property
    def paid_cents(self) -> int:
        """What the client has paid and the client's bank has not taken back."""
        return sum(answer.kept_cents for key, answer in self.payment_answers.items() if key in self.charges)

    @property
    def unpaid_estimate_cents(self) -> int:
        """The part of the estimate whose charge did not go through, or was taken back."""
        estimates = {key: charge for key, charge in self.charges.items() if charge.purpose is Purpose.ESTIMATE}
        paid = sum(self.payment_answers[key].kept_cents for key in estimates if key in self.payment_answers)
        return max(0, self.estimate_cents - paid)

    @property
    def disputed(self) -> bool:
        """Whether the client's bank took a charge back: it is not simply asked for again."""
        answers = [answer for key, answer in self.payment_answers.items() if key in self.charges]
        return any(answer.moved is Moved.DISPUTED for answer in answers)

    @property
    def refunded_cents(self) -> int:
        """What was asked to be given back and did not fail."""
        return sum(cents for key, cents in self.refunds.items() if not self.failed(key))

    @property
    def failed_refunds(self) -> Mapping[str, int]:
        """The refunds that did not go through: a person pays them in another way, or the payment system tries again."""
        return {key: cents for key, cents in self.refunds.items() if self.failed(key)}

    @property
    def charge_pending(self) -> bool:
        """Whether a charge has no answer yet."""
        return any(key not in self.payment_answers for key in self.charges)

    @property
    def refund_pending(self) -> bool:
        """Whether a refund has no answer yet."""
        return any(key not in self.payment_answers for key in self.refunds)

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
