"""The facts of the letters about money, from settlement's events. Pure."""

from typing import get_args

from services.notification.composing.known_names import payer_name
from services.notification.composing.occasion import Facts, Maker, Occasion
from services.notification.letters.cost_facts import CostFinalBalance
from shared.events.settlement import OverdueBecause

_BALANCES = frozenset(get_args(CostFinalBalance.model_fields["reason"].annotation))
_UNCHANGED = {"one_plan", "secondary_not_billed", "secondary_paid_nothing", "balance_forgiven", "as_estimated"}

_OVERDUE = frozenset(get_args(OverdueBecause))


def _statement(occasion: Occasion) -> Facts:
    """The link to this visit, and how long it works."""
    session_id = occasion.data["session_id"]
    return {
        "statement_url": occasion.signed("statement", session_id=session_id),
        "statement_until": occasion.until("statement", session_id=session_id),
    }


def _cost(occasion: Occasion) -> Facts:
    """What was paid is net of what earlier letters gave back; events of older versions state the two apart."""
    paid = occasion.data.get("paid_cents")
    if paid is None:
        paid = occasion.data["charged_cents"] - occasion.data.get("given_back_cents", 0)
    return {
        "visit_on": occasion.data["date_of_service"],
        "paid_cents": paid,
        "given_back_cents": occasion.data["charged_cents"] - paid,
        "final_cost_cents": occasion.data["final_cost_cents"],
        **_statement(occasion),
        "corrects_letter_of": occasion.known.corrects_letter_of,
    }


def _refund(occasion: Occasion) -> Facts:
    return {
        **_cost(occasion),
        "refund_cents": occasion.data["refund_cents"],
        "by_hand": occasion.data.get("refund_by_hand_cents", 0) > 0,
    }


def _balance(occasion: Occasion) -> Facts:
    reason = occasion.data["reason"] if occasion.data["reason"] in _BALANCES else "estimate_too_low"
    charge_on = occasion.data["charge_on"] or occasion.row.asked_at.date()
    return {
        **_cost(occasion),
        "balance_cents": -occasion.data["refund_cents"],
        "charge_on": charge_on,
        "sent_to_client_cents": occasion.data.get("paid_to_client_cents", 0),
        "reason": reason,
    }


def _unchanged(occasion: Occasion) -> Facts:
    reason = occasion.data["reason"] if occasion.data["reason"] in _UNCHANGED - {"balance_forgiven"} else "as_estimated"
    return {**_cost(occasion), "reason": "balance_forgiven" if occasion.data["forgiven_cents"] else reason}


def _overdue(occasion: Occasion) -> Facts:
    awaited = occasion.data["awaited_payer_id"]
    return {
        **_cost(occasion),
        "waiting_for": payer_name(occasion.known, awaited) if awaited in occasion.known.payers else None,
        "reason": occasion.data["reason"] if occasion.data["reason"] in _OVERDUE else "payer_has_not_answered",
    }


def _charged(occasion: Occasion) -> Facts:
    return {
        "visit_on": occasion.data["date_of_service"],
        "charged_cents": occasion.data["amount_cents"],
        "primary_payer_name": payer_name(occasion.known, occasion.data["primary_payer_id"]),
        "has_second_plan": occasion.data["has_secondary"],
        "rough_estimate": occasion.data["confidence"] != "high",
        **_statement(occasion),
    }


COST_MAKERS: dict[str, Maker] = {
    "session-charged": _charged,
    "cost-final-refund": _refund,
    "session-cancelled": _refund,
    "cost-final-balance": _balance,
    "cost-final-unchanged": _unchanged,
    "cost-overdue": _overdue,
}
