"""The facts of the letters about money, from settlement's events. Pure."""

from services.notification.composing.known_names import payer_name
from services.notification.composing.occasion import Facts, Maker, Occasion

_BALANCES = {"estimate_too_low", "deductible", "plan_did_not_pay", "payer_corrected"}
_UNCHANGED = {"one_plan", "secondary_not_billed", "secondary_paid_nothing", "balance_forgiven", "as_estimated"}


def _cost(one: Occasion) -> Facts:
    return {
        "visit_on": one.data["date_of_service"],
        "paid_cents": one.data["charged_cents"],
        "final_cost_cents": one.data["final_cost_cents"],
        "statement_url": one.signed("statement"),
        "corrects_letter_of": one.known.corrects_letter_of,
    }


def _refund(one: Occasion) -> Facts:
    return {**_cost(one), "refund_cents": one.data["refund_cents"]}


def _balance(one: Occasion) -> Facts:
    reason = one.data["reason"] if one.data["reason"] in _BALANCES else "estimate_too_low"
    charge_on = one.data["charge_on"] or one.row.asked_at.date()
    return {**_cost(one), "balance_cents": -one.data["refund_cents"], "charge_on": charge_on, "reason": reason}


def _unchanged(one: Occasion) -> Facts:
    reason = one.data["reason"] if one.data["reason"] in _UNCHANGED - {"balance_forgiven"} else "as_estimated"
    return {**_cost(one), "reason": "balance_forgiven" if one.data["forgiven_cents"] else reason}


def _overdue(one: Occasion) -> Facts:
    awaited = one.data["awaited_payer_id"]
    return {**_cost(one), "waiting_for": payer_name(one.known, awaited) if awaited in one.known.payers else None}


def _charged(one: Occasion) -> Facts:
    return {
        "visit_on": one.data["date_of_service"],
        "charged_cents": one.data["amount_cents"],
        "primary_payer_name": payer_name(one.known, one.data["primary_payer_id"]),
        "has_second_plan": one.data["has_secondary"],
        "rough_estimate": one.data["confidence"] != "high",
        "statement_url": one.signed("statement"),
    }


COST_MAKERS: dict[str, Maker] = {
    "session-charged": _charged,
    "cost-final-refund": _refund,
    "cost-final-balance": _balance,
    "cost-final-unchanged": _unchanged,
    "cost-overdue": _overdue,
}
