"""The 270 (005010X279A1) as values: asking a payer whether a person is covered, and for what."""

from dataclasses import dataclass
from datetime import date

from shared.x12.syntax.parties import Payer, Person, Provider, Subscriber


@dataclass(frozen=True, slots=True)
class EligibilityInquiry:
    """One question about one person on one date of service.

    `trace` comes back in the 271 (TRN*2) and ties both together; `trace_origin` is the 10 characters of TRN03.
    `dependent` is None where the subscriber is the patient; `relation` is the dependent's (19 child, 01 spouse, 34;
    "" where it is not stated).
    """

    trace: str
    payer: Payer
    provider: Provider
    subscriber: Subscriber
    on: date
    service_types: tuple[str, ...] = ("30",)
    dependent: Person | None = None
    relation: str = "18"
    trace_origin: str = "9000000000"
