"""How a secondary plan counts what came before it: the payment methods, as this stand-in's insurers use them.

Sources: NAIC Model 120 and WAC 284-51-230 (standard), the plans' own wording for non-duplication and maintenance of
benefits, 42 CFR 411.32-33 (Medicare as secondary), 42 CFR 447 (Medicaid).
"""

from dataclasses import dataclass

from shared.codes.payment_method import Method


@dataclass(frozen=True, slots=True)
class Prior:
    """What all payers before this one made of a line: paid by them, and left to the patient by the last of them.

    `denied`: they paid nothing and shared nothing, so there is nothing to coordinate with.
    """

    paid_cents: int
    left_cents: int
    denied: bool = False


def shared_base_cents(method: Method, own_fee_cents: int, prior: Prior) -> int:
    """The amount to which the plan applies its own deductible, copay and coinsurance."""
    match method:
        case Method.MAINTENANCE_OF_BENEFITS:
            return max(0, own_fee_cents - prior.paid_cents)
        case Method.SUPPLEMENT | Method.MEDICAID_LESSER_OF:
            return prior.left_cents
        case _:
            return own_fee_cents


def pays_cents(method: Method, charge_cents: int, own_fee_cents: int, alone_cents: int, prior: Prior) -> int:
    """What the plan pays of a line, from 0 to what is left of the charge.

    `alone_cents` is what its own cost share leaves of `shared_base_cents`.
    """
    expense = max(own_fee_cents, prior.paid_cents + prior.left_cents)
    match method:
        case Method.LESSER_OF:
            pays = min(alone_cents, prior.left_cents)
        case Method.NAIC_STANDARD:
            pays = min(alone_cents, expense - prior.paid_cents)
        case Method.BASIC:
            pays = min(alone_cents, own_fee_cents - prior.paid_cents)
        case Method.NON_DUPLICATION:
            pays = alone_cents - prior.paid_cents
        case Method.MAINTENANCE_OF_BENEFITS | Method.SUPPLEMENT:
            pays = alone_cents
        case Method.MEDICAID_LESSER_OF:
            pays = min(prior.left_cents, own_fee_cents - prior.paid_cents)
        case Method.MEDICARE_SECONDARY:
            pays = min(charge_cents - prior.paid_cents, alone_cents, expense - prior.paid_cents)
            pays = 0 if prior.left_cents == 0 else pays
        case Method.NONE:
            pays = 0
    return max(0, min(pays, charge_cents - prior.paid_cents))


def owes_cents(method: Method, own_fee_cents: int, copay_cents: int, pays: int, prior: Prior, writes_off: bool) -> int:
    """What the plan leaves to the member: never more than the payers before it left.

    Medicaid leaves its nominal copay at most. A plan that `writes_off` what is above its own fee leaves no more than
    that fee less all payments.
    """
    left = max(0, prior.left_cents - pays)
    if method is Method.MEDICAID_LESSER_OF:
        return min(copay_cents, left)
    if writes_off and method not in (Method.NONE, Method.SUPPLEMENT):
        return max(0, min(left, own_fee_cents - prior.paid_cents - pays))
    return left
