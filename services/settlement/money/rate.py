"""The contracted rate: what a payer allows for one unit of a procedure, by a provider, on a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from shared.events.directory import RateAgreed
from shared.events.sessions import Line


class RateMissingError(Exception):
    """No contracted rate of this payer, provider and procedure is in force on the date of service."""

    def __init__(self, procedure: str) -> None:
        super().__init__(f"no contracted rate is in force for {procedure}")
        self.procedure = procedure


@dataclass(frozen=True, slots=True)
class RateKey:
    """Whose rate it is: the payer's, with a provider or with the group that the provider belongs to."""

    payer_id: str
    provider_id: str
    group_id: str | None = None


def contracted_rate_cents(rates: Iterable[RateAgreed], key: RateKey, lines: Sequence[Line], on: date) -> int:
    """What the payer allows for all `lines` together on the date of service `on`.

    A provider's own rate goes before the group's; of several in force the one that began last: an open-ended rate gives
    way to one that begins later, for that one's days.
    Raises RateMissingError: a line's procedure has no rate in force.
    """
    in_force = [
        rate
        for rate in rates
        if rate.payer_id == key.payer_id
        and rate.from_day <= on
        and (rate.to_day is None or on <= rate.to_day)
        and (rate.provider_id == key.provider_id or (rate.group_id is not None and rate.group_id == key.group_id))
    ]
    return sum(line.units * _unit_rate_cents(in_force, line.procedure) for line in lines)


def _unit_rate_cents(in_force: Iterable[RateAgreed], procedure: str) -> int:
    possible = [rate for rate in in_force if rate.procedure == procedure]
    if not possible:
        raise RateMissingError(procedure)
    return max(possible, key=lambda rate: (rate.provider_id is not None, rate.from_day)).rate_cents


def contradicted_by(rate: RateAgreed, others: Iterable[RateAgreed]) -> list[RateAgreed]:
    """Those of `others`, rates of the same payer, holder and procedure, that state another rate for one of its days.

    A rate without a last day gives way to one that begins later; a last day that was stated holds. One with the same
    first day corrects the other.
    """
    return [other for other in others if other.from_day != rate.from_day and _share_a_stated_day(rate, other)]


def _share_a_stated_day(rate: RateAgreed, other: RateAgreed) -> bool:
    earlier, later = sorted((rate, other), key=lambda span: span.from_day)
    return earlier.to_day is not None and later.from_day <= earlier.to_day
