"""What the secondary is expected to pay: a forecast and a check, never the cost itself.

Sources: NAIC Model 120 and WAC 284-51-230 (standard), WAC 284-51-195 (allowable expense), the plans' own wording for
non-duplication and maintenance of benefits, 42 CFR 411.32-33 (Medicare as secondary), 42 CFR 447 (Medicaid).
"""

from dataclasses import dataclass
from decimal import Decimal

from shared.codes.payment_method import Method
from shared.money import half_up


@dataclass(frozen=True, slots=True)
class PrimaryResult:
    """What the primary allowed and paid, and the three parts of what it left to the client, in cents."""

    allowed_cents: int
    deductible_cents: int
    coinsurance_cents: int
    copay_cents: int
    paid_cents: int
    denied: bool = False

    @property
    def patient_responsibility_cents(self) -> int:
        """What the primary leaves to the client."""
        return self.deductible_cents + self.coinsurance_cents + self.copay_cents


@dataclass(frozen=True, slots=True)
class SecondaryTerms:
    """The secondary's contracted amount and cost share. `coinsurance_percent` is the client's share, 0 to 100."""

    method: Method
    allowed_cents: int = 0
    deductible_remaining_cents: int = 0
    coinsurance_percent: Decimal = Decimal(0)
    copay_cents: int = 0

    def pays_cents(self, of_cents: int) -> int:
        """What the plan pays of an allowed amount: deductible first, then copay, then coinsurance of the rest.

        Half a cent of the client's share goes up. Never below 0.
        """
        rest = max(0, of_cents - self.deductible_remaining_cents - self.copay_cents)
        return rest - half_up(rest * self.coinsurance_percent / 100)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The expected answer of the secondary, in cents.

    `secondary_alone_cents` is what it would pay as the only plan. `client_owes_least_cents` is what the client owes
    where the secondary's remittance writes its discount off instead of leaving it to the client;
    `client_owes_most_cents` what the primary left, for the secondary can't raise it. A negative refund is a balance
    due. `variance_cents` is the part of the primary's allowed amount that nobody pays: the marketplace bears it; None
    where the primary denied, for then there is no such amount.
    """

    secondary_pays_cents: int
    client_owes_cents: int
    refund_cents: int
    secondary_alone_cents: int
    client_owes_least_cents: int
    client_owes_most_cents: int
    variance_cents: int | None


def forecast(charge_cents: int, primary: PrimaryResult, secondary: SecondaryTerms, charged_cents: int) -> Forecast:
    """What the secondary will pay and the client will owe of a service charged at `charge_cents`.

    `charged_cents` is what the client has paid already. Where the primary denied, the secondary pays as if alone.
    """
    alone = secondary.pays_cents(secondary.allowed_cents)
    if primary.denied and secondary.method is not Method.NONE:
        pays, owes = alone, secondary.allowed_cents - alone
        least = most = owes
    else:
        pays = max(0, _secondary_pays(charge_cents, primary, secondary, alone))
        owes = _client_owes(primary, secondary, pays)
        least = _if_written_off(primary, secondary, pays, owes)
        most = max(owes, primary.patient_responsibility_cents)
    return Forecast(
        secondary_pays_cents=pays,
        client_owes_cents=owes,
        refund_cents=charged_cents - owes,
        secondary_alone_cents=alone,
        client_owes_least_cents=least,
        client_owes_most_cents=most,
        variance_cents=None if primary.denied else primary.allowed_cents - primary.paid_cents - pays - owes,
    )


def _secondary_pays(charge_cents: int, primary: PrimaryResult, secondary: SecondaryTerms, alone_cents: int) -> int:
    """The secondary's payment in cents; below 0 where the primary has paid more than the method would give."""
    left = primary.patient_responsibility_cents
    match secondary.method:
        case Method.LESSER_OF:
            return min(alone_cents, left)
        case Method.NAIC_STANDARD:
            return min(alone_cents, _allowable_cents(primary, secondary) - primary.paid_cents)
        case Method.BASIC:
            return min(alone_cents, secondary.allowed_cents - primary.paid_cents)
        case Method.NON_DUPLICATION:
            return alone_cents - primary.paid_cents
        case Method.MAINTENANCE_OF_BENEFITS:
            return secondary.pays_cents(secondary.allowed_cents - primary.paid_cents)
        case Method.MEDICAID_LESSER_OF:
            return min(left, secondary.allowed_cents - primary.paid_cents)
        case Method.MEDICARE_SECONDARY:
            return _medicare_pays(charge_cents, primary, secondary, alone_cents)
        case Method.SUPPLEMENT:
            return secondary.pays_cents(left)
        case Method.NONE:
            return 0


def _allowable_cents(primary: PrimaryResult, secondary: SecondaryTerms) -> int:
    """The allowable expense under two contracts: what is above the higher negotiated fee is not allowable."""
    return max(primary.allowed_cents, secondary.allowed_cents)


def _medicare_pays(charge_cents: int, primary: PrimaryResult, secondary: SecondaryTerms, alone_cents: int) -> int:
    """The lowest of three amounts (42 CFR 411.33(a)); nothing where the primary paid in full (411.32(b))."""
    if primary.paid_cents >= primary.allowed_cents:
        return 0
    return min(
        charge_cents - primary.paid_cents,
        alone_cents,
        _allowable_cents(primary, secondary) - primary.paid_cents,
    )


def _client_owes(primary: PrimaryResult, secondary: SecondaryTerms, pays_cents: int) -> int:
    """What is left to the client, never below 0. Medicaid leaves its own nominal copay and nothing else."""
    left = max(0, primary.patient_responsibility_cents - pays_cents)
    if secondary.method is Method.MEDICAID_LESSER_OF:
        return min(secondary.copay_cents, left)
    return left


def _if_written_off(primary: PrimaryResult, secondary: SecondaryTerms, pays_cents: int, owes_cents: int) -> int:
    """What the client owes where the secondary's contract writes off what is above its own allowed amount."""
    if secondary.method in (Method.NONE, Method.SUPPLEMENT):
        return owes_cents
    return max(0, min(owes_cents, secondary.allowed_cents - primary.paid_cents - pays_cents))
