"""The facts of the letters about coverage, from coverage's events. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from services.notification.composing.known_names import MissingFactError, payer_name, plan_names
from services.notification.composing.occasion import Facts, Maker, Occasion
from services.notification.letters.coverage_facts import SecondaryNotBillable, question_topic, words_of
from services.notification.letters.language import telephone
from services.notification.store import Known

_LAST_REMINDER_DAY = 14
_PERSON_AFTER = timedelta(days=30)
_NOT_BILLABLE = words_of(SecondaryNotBillable, "reason")
_REASONS = {
    "payers_agree": "payers_say",
    "non_dependent_first": "own_plan_first",
    "custody": "custody",
    "parent_before_step_parent": "custody",
    "active_first": "current_job_first",
    "continuation_last": "continued_coverage_last",
    "same_birthday_longer": "longer_coverage_first",
    "child_and_spouse_birthday": "birthday",
    "child_and_spouse_longer": "longer_coverage_first",
}
_REASON_PREFIXES = {
    "payer": "payers_say",
    "birthday": "birthday",
    "court_decree": "court_decree",
    "longer": "longer_coverage_first",
    "medicare": "public_program",
    "medicaid": "public_program",
    "tricare": "public_program",
    "champva": "public_program",
}


def reorder_reason(rule: str) -> str:
    """The letter's word for the rule that decided; `rules` for one that it has no words of its own for."""
    if rule in _REASONS:
        return _REASONS[rule]
    return next((word for prefix, word in _REASON_PREFIXES.items() if rule.startswith(prefix)), "rules")


def _call(issue: Mapping[str, Any], known: Known) -> Facts:
    """Whom to call: by the directory's name and what the event knew of the line, else what the directory says.

    Raises MissingFactError: there is no more than an id to name the payer by.
    """
    payer = known.payers.get(issue["payer_id"])
    if payer is None and issue["payer_name"] == issue["payer_id"]:
        raise MissingFactError("payer_unknown")
    phone = issue.get("phone") or (payer.phone if payer else None)
    return {
        "payer_name": issue["payer_name"] if payer is None else payer.name,
        "member_phone": telephone(phone) if phone else None,
        "member_hours": issue.get("hours") or (payer.hours if payer else None),
    }


def _issues(one: Occasion) -> list[dict[str, Any]]:
    return one.data.get("issues") or [one.data["issue"]]


def _paused_on(one: Occasion) -> str | date:
    pause = one.known.pause
    if pause is not None and pause.pause_id == one.data["pause_id"]:
        return pause.paused_on
    return one.data.get("paused_on") or min(issue["opened_on"] for issue in _issues(one))


def _calls(one: Occasion) -> Facts:
    return {
        "calls": [_call(issue, one.known) for issue in _issues(one)],
        "answer_url": one.signed("coordination", pause_id=one.data["pause_id"]),
        "answer_until": one.until,
        "paused_on": _paused_on(one),
    }


def _reminder(one: Occasion) -> Facts:
    return {**_calls(one), "last_reminder": one.data["day"] >= _LAST_REMINDER_DAY}


def _still_open(one: Occasion) -> Facts:
    confirmed_on = one.known.confirmed.get(one.data["issue"]["payer_id"], one.row.asked_at.date())
    person_from = max(confirmed_on + _PERSON_AFTER, date.fromisoformat(one.data["look_again_on"]))
    looks = {"next_check_on": one.data["look_again_on"], "person_from": person_from}
    return {**_calls(one), "confirmed_on": confirmed_on, **looks}


def _unpaused(one: Occasion) -> Facts:
    """The account is open, which is the news: plans that are not known by name yet do not hold it up."""
    basis = "client_confirmed" if one.data["watched"] else "payer_agrees"
    try:
        return {"basis": basis, "plans": plan_names(one.known, one.data["order"], one.language)}
    except MissingFactError:
        return {"basis": basis, "plans": []}


def _reordered(one: Occasion) -> Facts:
    plans = plan_names(one.known, one.data["order"], one.language)
    return {"plans": plans, "reason": reorder_reason(one.data["rule"])}


def _recertification(one: Occasion) -> Facts:
    link = one.signed("recertification", payer_id=one.data["payer_id"])
    return {
        "calls": [_call(one.data, one.known)],
        "due_on": one.data["due_on"],
        "answer_url": link,
        "one_plan_url": f"{link}#one-plan",
        "answer_until": one.until,
    }


def _not_billable(one: Occasion) -> Facts:
    payers = (one.data["primary_payer_id"], one.data["payer_id"])
    return {
        "primary_payer_name": payer_name(one.known, payers[0]),
        "secondary_payer_name": payer_name(one.known, payers[1]),
        "reason": one.data["reason"] if one.data["reason"] in _NOT_BILLABLE else "other",
        "search_url": one.links.search(payers, one.client.lives_in),
    }


def _question(one: Occasion) -> Facts:
    """The fact asked for by its topic. The event's own sentence may speak of anyone's health: it stays out."""
    return {
        "asks_about": question_topic(one.data["missing"]),
        "plans": plan_names(one.known, one.data.get("about") or one.data["fallback"], one.language),
        "answer_url": one.signed("question", missing=one.data["missing"]),
        "answer_until": one.until,
    }


def _plan_unknown(one: Occasion) -> Facts:
    return {
        "payer_name": payer_name(one.known, one.data["named_by"]),
        "named_payer_name": one.data["name"] or payer_name(one.known, one.data["payer_id"] or ""),
        "pays_first": one.data["role"] == "primary",
        "answer_url": one.signed("plan", payer_id=one.data["named_by"]),
        "answer_until": one.until,
    }


def _provider(one: Occasion) -> Facts:
    if one.known.provider is None:
        raise MissingFactError("provider_unknown")
    initials = f"{one.client.first_name[:1]}. {one.client.last_name[:1]}."
    return {"provider_name": one.known.provider.name, "client_initials": initials, "paused_on": one.data["paused_on"]}


def _refused(one: Occasion) -> Facts:
    match one.data["reason"]:
        case "account_paused":
            reason, next_url = "account_paused", _answer_link(one)
        case "primary_not_billable":
            entered = [plan.payer_id for plan in one.known.plans.values() if plan.place >= 0]
            reason, next_url = "primary_not_billable", one.links.search(entered, one.client.lives_in)
        case _:
            reason, next_url = "no_active_plan", one.links.plans_url
    return {"visit_on": one.data["date_of_service"], "reason": reason, "next_url": next_url}


def _answer_link(one: Occasion) -> str | None:
    """The page that takes the insurer's answer, while the account is paused."""
    pause = one.known.pause
    return one.signed("coordination", pause_id=pause.pause_id) if pause is not None and pause.is_open else None


COVERAGE_MAKERS: dict[str, Maker] = {
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
}
