"""The 835 (005010X221A1) as values: what a payer says it paid, per payment, claim and service line.

Amounts are integer cents; a positive adjustment reduces the payment. `reader` reads these values, `writer` writes
them, `balance` says whether they add up.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shared.codes.adjustment_codes import is_forwarding, is_paid_to_client
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.parties import NOBODY, Address, Party
from shared.x12.syntax.problems import Problem, any_grave, any_off

FORWARDED_STATUSES = frozenset({"19", "20", "21", "23"})
REVERSAL = "22"
LEVEL_OF_STATUS = {"1": 1, "2": 2, "3": 3, "19": 1, "20": 2, "21": 3}
"""The place among the payers, 1 is the primary's, in which a payer says it processed the claim (CLP02)."""
PREDETERMINATION = "25"


@dataclass(frozen=True, slots=True)
class RemittedLine:
    """One service line (loop 2110, SVC). `control` is our own line control number (REF*6R), "" where not returned.

    `allowed_cents` is AMT*B6, None where not stated. `billed_procedure` is SVC06, filled only where the payer
    adjudicated another procedure than the one that was billed. `remarks` are the LQ*HE codes.
    """

    charge_cents: int
    paid_cents: int
    procedure: str
    modifiers: tuple[str, ...] = ()
    units: Decimal | int = 1
    control: str = ""
    allowed_cents: int | None = None
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()
    service_from: date | None = None
    service_to: date | None = None
    revenue_code: str = ""
    billed_procedure: str = ""
    qualifier: str = "HC"


@dataclass(frozen=True, slots=True)
class RemittedClaim:
    """One claim of a remittance (loop 2100, CLP), balanced or not.

    `id` is our control number (CLP01), `status` CLP02, `payer_claim_id` CLP07. `adjustments` are the claim-level ones
    only; `all_adjustments` adds the lines'. `remarks` are MOA and MIA codes. `amounts` holds the claim's AMT segments
    as (qualifier, cents), `interest_cents` is AMT*I. `crossover_to` is NM1*TT, `corrected_priority_payer` NM1*PR.
    """

    id: str
    status: str
    charge_cents: int
    paid_cents: int
    patient_responsibility_cents: int | None = None
    filing_indicator: str = ""
    payer_claim_id: str = ""
    place: str = ""
    frequency: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[RemittedLine, ...] = ()
    remarks: tuple[str, ...] = ()
    patient: Party | None = None
    subscriber: Party | None = None
    corrected_patient: Party | None = None
    rendering: Party | None = None
    crossover_to: Party | None = None
    corrected_priority_payer: Party | None = None
    service_from: date | None = None
    service_to: date | None = None
    received_on: date | None = None
    amounts: tuple[tuple[str, int], ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    position: int | None = field(default=None, compare=False)
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def balanced(self) -> bool:
        """Whether every line, the claim and the patient's responsibility add up. Unbalanced is never posted."""
        return not any_off(self.problems)

    @property
    def all_adjustments(self) -> tuple[Adjustment, ...]:
        """The claim's adjustments, then those of its lines."""
        return self.adjustments + tuple(adjustment for line in self.lines for adjustment in line.adjustments)

    @property
    def all_remarks(self) -> tuple[str, ...]:
        """The claim's remark codes, then those of its lines."""
        return self.remarks + tuple(code for line in self.lines for code in line.remarks)

    @property
    def paid_to_client_cents(self) -> int:
        """What the payer sent to the client instead of us (PR-100): part of what the client owes us, and paid."""
        return sum(
            adjustment.amount_cents for adjustment in self.all_adjustments if is_paid_to_client(adjustment.reason)
        )

    @property
    def interest_cents(self) -> int:
        """Interest that the payer says it added (AMT*I); it is paid by PLB*L6, not by CLP04."""
        return sum(cents for qualifier, cents in self.amounts if qualifier == "I")

    @property
    def crossover_signals(self) -> tuple[str, ...]:
        """Which of the three signals say that the payer forwarded the claim: "status", "payer", "remark"."""
        signals = {
            "status": self.status in FORWARDED_STATUSES,
            "payer": self.crossover_to is not None,
            "remark": any(map(is_forwarding, self.all_remarks)),
        }
        return tuple(name for name, seen in signals.items() if seen)

    @property
    def forwarded(self) -> bool:
        """Whether any signal says that the payer forwarded the claim to the next payer."""
        return bool(self.crossover_signals)

    @property
    def reversal(self) -> bool:
        """Whether this takes back an earlier payment (CLP02 22)."""
        return self.status == REVERSAL


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """One pair of a PLB segment: money outside any claim. A positive amount reduces the payment."""

    reason: str
    reference: str
    amount_cents: int
    provider_id: str = ""
    fiscal_period_end: date | None = None


@dataclass(frozen=True, slots=True)
class RemittanceHeader:
    """Who pays whom how much, and by which trace (BPR, TRN, N1*PR, N1*PE).

    `payment_cents` is BPR02, negative where BPR03 says debit. `trace` is TRN02, `payer_tax_id` TRN03 as it came.
    """

    payment_cents: int
    trace: str = ""
    paid_on: date | None = None
    method: str = "CHK"
    handling: str = "I"
    payer_tax_id: str = ""
    payer: Party = NOBODY
    payee: Party = NOBODY
    payer_address: Address | None = None
    payer_contact: str = ""
    payee_address: Address | None = None
    payee_tax_id: str = ""
    produced_on: date | None = None
    control: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RemittanceTotals:
    """What is known once the last segment was read: PLB, the payment's balance, and the problems of the set."""

    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    claims: int = 0
    claims_paid_cents: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def balanced(self) -> bool:
        """Whether payment = claims - PLB (the claims' own balances are on the claims)."""
        return not any_off(self.problems)

    @property
    def postable(self) -> bool:
        """Whether the payment balances and the set is whole: nothing lost, nothing cut off."""
        return not any_grave(self.problems)


@dataclass(frozen=True, slots=True)
class Remittance:
    """One 835 transaction set, whole."""

    header: RemittanceHeader
    claims: tuple[RemittedClaim, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def balanced(self) -> bool:
        """Whether the payment and every claim in it add up."""
        return not any_off(self.problems) and all(claim.balanced for claim in self.claims)

    @property
    def postable(self) -> bool:
        """Whether it balances and the set is whole: nothing lost, nothing cut off."""
        return self.balanced and not any_grave(self.problems)
