"""From an event to a letter's facts: names from the directory, links signed, rules put into the letter's words.

Pure: a letter's row, what is known of its people and payers, and the present time in; facts out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.notification.store import Known, LetterRow
from shared import links
from shared.links import Purpose

Facts = dict[str, Any]

_REASONS = {
    "payers_agree": "payers_say",
    "payer_stated": "payers_say",
    "non_dependent_first": "own_plan_first",
    "custody": "custody",
    "parent_before_step_parent": "custody",
    "active_first": "current_job_first",
    "continuation_last": "continued_coverage_last",
    "longer_first": "longer_coverage_first",
    "same_birthday_longer": "longer_coverage_first",
}
_REASON_PREFIXES = {
    "birthday": "birthday",
    "court_decree": "court_decree",
    "longer": "longer_coverage_first",
    "payer": "payers_say",
    "medicare": "public_program",
    "medicaid": "public_program",
    "tricare": "public_program",
    "champva": "public_program",
}


class MissingFactError(LookupError):
    """A fact that the letter needs is not known (yet); the text is its reason word, such as `client_unknown`."""


@dataclass(frozen=True)
class Addresses:
    """Where the pages are, the key that signs their links, and how long a link works."""

    coverage_url: str
    settlement_url: str
    key: str
    link_days: int

    def until(self, now: datetime) -> date:
        """The last day on which a link signed now works."""
        return (now + timedelta(days=self.link_days)).date()

    def link(self, purpose: Purpose, now: datetime, **subject: str) -> str:
        """A fresh signed link to a page."""
        base = self.settlement_url if purpose == "statement" else self.coverage_url
        token = links.sign(purpose, subject, self.key, now + timedelta(days=self.link_days))
        return links.page(base, purpose, token)


def payer_name(known: Known, payer_id: str) -> str:
    """The payer's public name. Raises MissingFactError."""
    if payer_id not in known.payers:
        raise MissingFactError("payer_unknown")
    return known.payers[payer_id].name


def plan_name(known: Known, plan_id: str) -> str:
    """A plan goes by its payer's name. Raises MissingFactError."""
    if plan_id not in known.plans:
        raise MissingFactError("plan_unknown")
    return payer_name(known, known.plans[plan_id].payer_id)


def compose(row: LetterRow, known: Known, addresses: Addresses, now: datetime) -> Facts:
    """The facts of one letter, as its model takes them. Raises MissingFactError."""
    make = _MAKERS[row.letter]
    if row.provider_id is None:
        if known.recipient is None:
            raise MissingFactError("client_unknown")
        return {"first_name": known.recipient.first_name, **make(row, known, addresses, now)}
    return make(row, known, addresses, now)


def _call(issue: Mapping[str, Any], known: Known) -> Facts:
    """Whom to call: what the event knew, else what the directory says."""
    payer = known.payers.get(issue["payer_id"])
    return {
        "payer_name": issue["payer_name"],
        "member_phone": issue.get("phone") or (payer.phone if payer else None),
        "member_hours": issue.get("hours") or (payer.hours if payer else None),
    }


def _calls(row: LetterRow, known: Known, addresses: Addresses, now: datetime) -> Facts:
    issues = row.data.get("issues") or [row.data["issue"]]
    paused_on = row.data.get("paused_on") or min(issue["opened_on"] for issue in issues)
    link = addresses.link("coordination", now, client_id=row.client_id, pause_id=row.data["pause_id"])
    return {
        "calls": [_call(issue, known) for issue in issues],
        "answer_url": link,
        "answer_until": addresses.until(now),
        "paused_on": paused_on,
    }


def _reminder(row: LetterRow, known: Known, addresses: Addresses, now: datetime) -> Facts:
    return {**_calls(row, known, addresses, now), "last_reminder": row.data["day"] >= 14}


def _still_open(row: LetterRow, known: Known, addresses: Addresses, now: datetime) -> Facts:
    person_from = date.fromisoformat(row.data["issue"]["opened_on"]) + timedelta(days=30)
    confirmed_on = row.data.get("confirmed_on") or row.asked_at.date()
    looks = {"confirmed_on": confirmed_on, "next_check_on": row.data["look_again_on"], "person_from": person_from}
    return {**_calls(row, known, addresses, now), **looks}


def _unpaused(row: LetterRow, known: Known, _: Addresses, __: datetime) -> Facts:
    plans = [plan_name(known, plan) for plan in row.data["order"]]
    return {"basis": "client_confirmed" if row.data["watched"] else "payer_agrees", "plans": plans}


def reorder_reason(rule: str) -> str:
    """The letter's word for the rule that decided."""
    if rule in _REASONS:
        return _REASONS[rule]
    return next((word for prefix, word in _REASON_PREFIXES.items() if rule.startswith(prefix)), "rules")


def _reordered(row: LetterRow, known: Known, _: Addresses, __: datetime) -> Facts:
    plans = [plan_name(known, plan) for plan in row.data["order"]]
    return {"plans": plans, "reason": reorder_reason(row.data["rule"])}


def _recertification(row: LetterRow, known: Known, addresses: Addresses, now: datetime) -> Facts:
    link = addresses.link("recertification", now, client_id=row.client_id, payer_id=row.data["payer_id"])
    until = {"answer_until": addresses.until(now), "due_on": row.data["due_on"]}
    return {"calls": [_call(row.data, known)], "answer_url": link, "one_plan_url": f"{link}#one-plan", **until}


def _not_billable(row: LetterRow, known: Known, addresses: Addresses, _: datetime) -> Facts:
    payers = (row.data["primary_payer_id"], row.data["payer_id"])
    search = "&".join(f"plan={payer}" for payer in payers)
    return {
        "primary_payer_name": payer_name(known, payers[0]),
        "secondary_payer_name": row.data["payer_name"],
        "reason": row.data["reason"],
        "search_url": f"{addresses.coverage_url.rstrip('/')}/search?{search}",
    }


def _question(row: LetterRow, known: Known, addresses: Addresses, now: datetime) -> Facts:
    link = addresses.link("question", now, client_id=row.client_id, missing=row.data["missing"])
    spanish = known.recipient is not None and known.recipient.language == "es"
    question = (row.data.get("question_es") if spanish else None) or row.data["question"]
    return {"question": question, "answer_url": link, "answer_until": addresses.until(now)}


def _plan_unknown(row: LetterRow, known: Known, addresses: Addresses, now: datetime) -> Facts:
    link = addresses.link("plan", now, client_id=row.client_id, payer_id=row.data["named_by"])
    return {
        "payer_name": payer_name(known, row.data["named_by"]),
        "named_payer_name": row.data["name"] or payer_name(known, row.data["payer_id"] or ""),
        "pays_first": row.data["role"] == "primary",
        "answer_url": link,
        "answer_until": addresses.until(now),
    }


def _provider(row: LetterRow, known: Known, _: Addresses, __: datetime) -> Facts:
    if known.provider is None:
        raise MissingFactError("provider_unknown")
    if known.recipient is None:
        raise MissingFactError("client_unknown")
    initials = f"{known.recipient.first_name[:1]}.{known.recipient.last_name[:1]}."
    return {"provider_name": known.provider.name, "client_initials": initials, "paused_on": row.data["paused_on"]}


def _refused(row: LetterRow, _: Known, addresses: Addresses, __: datetime) -> Facts:
    reasons = {"account_paused": "account_paused", "primary_not_billable": "primary_not_billable"}
    reason = reasons.get(row.data["reason"], "no_active_plan")
    return {"visit_on": row.data["date_of_service"], "reason": reason, "next_url": f"{addresses.coverage_url}/search"}


def _charged(row: LetterRow, known: Known, addresses: Addresses, now: datetime) -> Facts:
    return {
        "visit_on": row.data["date_of_service"],
        "charged_cents": row.data["amount_cents"],
        "primary_payer_name": payer_name(known, row.data["primary_payer_id"]),
        "has_second_plan": row.data["has_secondary"],
        "rough_estimate": row.data["confidence"] != "high",
        "statement_url": addresses.link("statement", now, client_id=row.client_id),
    }


def _cost(row: LetterRow, known: Known, addresses: Addresses, now: datetime) -> Facts:
    return {
        "visit_on": row.data["date_of_service"],
        "paid_cents": row.data["charged_cents"],
        "final_cost_cents": row.data["final_cost_cents"],
        "statement_url": addresses.link("statement", now, client_id=row.client_id),
        "corrects_letter_of": known.corrects_letter_of,
    }


def _refund(row: LetterRow, known: Known, addresses: Addresses, now: datetime) -> Facts:
    return {**_cost(row, known, addresses, now), "refund_cents": row.data["refund_cents"]}


_BALANCES = {"estimate_too_low", "deductible", "plan_did_not_pay", "payer_corrected"}
_UNCHANGED = {"one_plan", "secondary_not_billed", "secondary_paid_nothing", "balance_forgiven", "as_estimated"}


def _balance(row: LetterRow, known: Known, addresses: Addresses, now: datetime) -> Facts:
    reason = row.data["reason"] if row.data["reason"] in _BALANCES else "estimate_too_low"
    charge_on = row.data["charge_on"] or row.asked_at.date()
    balance = {"balance_cents": -row.data["refund_cents"], "charge_on": charge_on, "reason": reason}
    return {**_cost(row, known, addresses, now), **balance}


def _unchanged(row: LetterRow, known: Known, addresses: Addresses, now: datetime) -> Facts:
    reason = row.data["reason"] if row.data["reason"] in _UNCHANGED else "as_estimated"
    if row.data["forgiven_cents"]:
        reason = "balance_forgiven"
    return {**_cost(row, known, addresses, now), "reason": reason}


def _overdue(row: LetterRow, known: Known, addresses: Addresses, now: datetime) -> Facts:
    awaited = row.data["awaited_payer_id"]
    if awaited is None:
        raise MissingFactError("payer_unknown")
    return {**_cost(row, known, addresses, now), "waiting_for": payer_name(known, awaited)}


_MAKERS: dict[str, Callable[[LetterRow, Known, Addresses, datetime], Facts]] = {
    "coordination-issue": _calls,
    "coordination-reminder": _reminder,
    "coordination-still-open": _still_open,
    "account-unpaused": _unpaused,
    "plans-reordered": _reordered,
    "recertification-due": _recertification,
    "secondary-not-billable": _not_billable,
    "coordination-question": _question,
    "plan-unknown": _plan_unknown,
    "provider-client-paused": _provider,
    "session-refused": _refused,
    "session-charged": _charged,
    "cost-final-refund": _refund,
    "cost-final-balance": _balance,
    "cost-final-unchanged": _unchanged,
    "cost-overdue": _overdue,
}
