"""The 271 (005010X279A1) as values: what a payer says about one person's cover.

`other_coverage` reads coordination of benefits out of it, `cost_share` the money.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shared.x12.syntax.parties import NO_PROVIDER, Party, Payer, Person, Provider, Subscriber
from shared.x12.syntax.problems import Problem


@dataclass(frozen=True, slots=True)
class Period:
    """A DTP: its qualifier (291 plan, 290 COB, 346 plan begin ...) and the dates; `to` is None for a single date."""

    qualifier: str
    since: date | None
    to: date | None = None


@dataclass(frozen=True, slots=True)
class BenefitEntity:
    """A party of loop 2120: `code` is NM101 (PRP, SEP, TTP, PR, IL, P4, 36, X3 ...)."""

    code: str
    party: Party


@dataclass(frozen=True, slots=True)
class Benefit:
    """One EB segment with what follows it (loop 2110).

    `code` is EB01, `level` EB02 (IND, FAM), `service_types` EB03, `insurance_type` EB04, `plan` EB05, `period` EB06,
    `amount_cents` EB07, `share` EB08 as a fraction (0.2 = the member pays 20 %), `network` EB12 (Y, N, W, U or "").
    """

    code: str
    level: str = ""
    service_types: tuple[str, ...] = ()
    insurance_type: str = ""
    plan: str = ""
    period: str = ""
    amount_cents: int | None = None
    share: Decimal | None = None
    quantity_kind: str = ""
    quantity: Decimal | None = None
    authorization: str = ""
    network: str = ""
    procedure: str = ""
    periods: tuple[Period, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    messages: tuple[str, ...] = ()
    entities: tuple[BenefitEntity, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """An AAA: the payer could not answer. `reason` is AAA03, `follow_up` AAA04; it never means inactive.

    `level` says about whom: payer, provider, subscriber or dependent; "benefit" inside loop 2110.
    """

    reason: str
    follow_up: str = ""
    level: str = "subscriber"


@dataclass(frozen=True, slots=True)
class BenefitsReport:
    """The answer about one person: the subscriber, or `dependent` where a dependent was asked about.

    `trace` is the inquiry's (TRN*2). `relation` is INS02 (18 self, 01 spouse, 19 child ...), "" where not stated.
    """

    trace: str
    payer: Payer
    subscriber: Subscriber
    benefits: tuple[Benefit, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    dependent: Person | None = None
    relation: str = ""
    provider: Provider = NO_PROVIDER
    periods: tuple[Period, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    reported_on: date | None = None
    trace_origin: str = ""
    problems: tuple[Problem, ...] = field(default=(), compare=False)
