"""What the payment system says became of a charge or a refund. Its last word counts, whatever the order of arrival."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Moved(StrEnum):
    """What became of a charge or a refund; of two answers of one moment the later in this list counts."""

    FAILED = "failed"
    SUCCEEDED = "succeeded"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class PaymentAnswer:
    """The payment system's answer to one request, with the cents that really moved.

    Of a disputed charge `cents` were taken back; `paid` was paid before, where that is known to be more. `at` is when
    the payment system said so; None: kept by an older version, and older than any other.
    """

    moved: Moved
    cents: int
    paid: int | None = None
    at: datetime | None = None

    @property
    def paid_cents(self) -> int:
        """What went through, taken back or not."""
        return 0 if self.moved is Moved.FAILED else self.cents if self.paid is None else self.paid

    @property
    def kept_cents(self) -> int:
        """What went through and was not taken back."""
        return self.paid_cents - self.cents if self.moved is Moved.DISPUTED else self.paid_cents


def last_word(first: PaymentAnswer | None, second: PaymentAnswer) -> PaymentAnswer:
    """What two answers to one request come to: the later one counts.

    A dispute may be of a part of the payment, so that what was paid before it is kept with it. A dispute that the
    marketplace wins ends with a success after it; a payment that bounces after its success has failed.
    """
    if first is None:
        return second
    earlier, later = sorted((first, second), key=_age)
    if later.moved is not Moved.DISPUTED:
        return later
    back = max(answer.cents for answer in (earlier, later) if answer.moved is Moved.DISPUTED)
    paid = max(earlier.paid_cents, later.paid_cents, back)
    return PaymentAnswer(Moved.DISPUTED, back, paid if paid > back else None, later.at)


def _age(answer: PaymentAnswer) -> tuple[datetime, int, int]:
    return (answer.at or datetime.min.replace(tzinfo=UTC), list(Moved).index(answer.moved), answer.cents)
