"""The facts of the letters about coverage, from coverage's events. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from services.notification.composing.known_names import MissingFactError, payer_name, plan_names
from services.notification.composing.occasion import Facts, Maker, Occasion
from services.notification.composing.still_true import open_issues
from services.notification.known_store import Known
from services.notification.letters.coverage_facts import SecondaryNotBillable, question_topic, words_of
from services.notification.letters.language import telephone

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


def _paused_on(occasion: Occasion) -> str | date:
    pause = occasion.known.pause
    if pause is not None and pause.pause_id == occasion.data["pause_id"]:
        return pause.paused_on
    return occasion.data.get("paused_on") or min(issue["opened_on"] for issue in _to_call(occasion))


def _calls(occasion: Occasion) -> Facts:
    return {
        "calls": [_call(issue, occasion.known) for issue in _to_call(occasion)],
        "answer_url": occasion.signed("coordination", pause_id=occasion.data["pause_id"]),
        "answer_until": occasion.until,
        "paused_on": _paused_on(occasion),
    }


def _to_call(occasion: Occasion) -> list[Mapping[str, Any]]:
    """What is still to be answered; of an answer that is not on the insurer's records yet, that insurer."""
    if "issue" in occasion.data:
        return [occasion.data["issue"]]
    return open_issues(occasion.row, occasion.known)


def _reminder(occasion: Occasion) -> Facts:
    return {**_calls(occasion), "last_reminder": occasion.data["day"] >= _LAST_REMINDER_DAY}


def _still_open(occasion: Occasion) -> Facts:
    confirmed_on = occasion.known.confirmed.get(occasion.data["issue"]["payer_id"], occasion.row.asked_at.date())
    person_from = max(confirmed_on + _PERSON_AFTER, date.fromisoformat(occasion.data["look_again_on"]))
    looks = {"next_check_on": occasion.data["look_again_on"], "person_from": person_from}
    return {**_calls(occasion), "confirmed_on": confirmed_on, **looks}


def _unpaused(occasion: Occasion) -> Facts:
    """The account is open, which is the news: plans that are not known by name yet do not hold it up."""
    basis = "client_confirmed" if occasion.data["watched"] else "payer_agrees"
    try:
        return {"basis": basis, "plans": plan_names(occasion.known, occasion.data["order"], occasion.language)}
    except MissingFactError:
        return {"basis": basis, "plans": []}


def _reordered(occasion: Occasion) -> Facts:
    plans = plan_names(occasion.known, occasion.data["order"], occasion.language)
    return {"plans": plans, "reason": reorder_reason(occasion.data["rule"])}


def _recertification(occasion: Occasion) -> Facts:
    link = occasion.signed("recertification", payer_id=occasion.data["payer_id"])
    return {
        "calls": [_call(occasion.data, occasion.known)],
        "due_on": occasion.data["due_on"],
        "answer_url": link,
        "one_plan_url": f"{link}#one-plan",
        "answer_until": occasion.until,
    }


def _not_billable(occasion: Occasion) -> Facts:
    payers = (occasion.data["primary_payer_id"], occasion.data["payer_id"])
    return {
        "primary_payer_name": payer_name(occasion.known, payers[0]),
        "secondary_payer_name": payer_name(occasion.known, payers[1]),
        "reason": occasion.data["reason"] if occasion.data["reason"] in _NOT_BILLABLE else "other",
        "search_url": occasion.links.search(payers, occasion.client.lives_in),
    }


def _question(occasion: Occasion) -> Facts:
    """The fact asked for by its topic. The event's own sentence may speak of anyone's health: it stays out."""
    return {
        "asks_about": question_topic(occasion.data["missing"]),
        "plans": plan_names(occasion.known, occasion.data.get("about") or occasion.data["fallback"], occasion.language),
        "answer_url": occasion.signed("question", missing=occasion.data["missing"]),
        "answer_until": occasion.until,
    }


def _plan_unknown(occasion: Occasion) -> Facts:
    return {
        "payer_name": payer_name(occasion.known, occasion.data["named_by"]),
        "named_payer_name": occasion.data["name"] or payer_name(occasion.known, occasion.data["payer_id"] or ""),
        "pays_first": occasion.data["role"] == "primary",
        "answer_url": occasion.signed("plan", payer_id=occasion.data["named_by"]),
        "answer_until": occasion.until,
    }


def _provider(occasion: Occasion) -> Facts:
    if occasion.known.provider is None:
        raise MissingFactError("provider_unknown")
    initials = f"{occasion.client.first_name[:1]}. {occasion.client.last_name[:1]}."
    return {
        "provider_name": occasion.known.provider.name,
        "client_initials": initials,
        "paused_on": occasion.data["paused_on"],
    }


def _refused(occasion: Occasion) -> Facts:
    match occasion.data["reason"]:
        case "account_paused":
            reason, next_url = "account_paused", _answer_link(occasion)
        case "primary_not_billable" | "payer_not_listed" | "provider_not_listed":
            entered = [plan.payer_id for plan in occasion.known.plans.values() if plan.place >= 0]
            reason, next_url = "primary_not_billable", occasion.links.search(entered, occasion.client.lives_in)
        case _:
            reason, next_url = "no_active_plan", occasion.links.plans_url
    return {"visit_on": occasion.data["date_of_service"], "reason": reason, "next_url": next_url}


def _answer_link(occasion: Occasion) -> str | None:
    """The page that takes the insurer's answer, while the account is paused."""
    pause = occasion.known.pause
    return occasion.signed("coordination", pause_id=pause.pause_id) if pause is not None and pause.is_open else None


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
