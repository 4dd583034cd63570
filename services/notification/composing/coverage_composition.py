"""The facts of the letters about coverage, from coverage's events. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from services.notification.composing.known_names import MissingFactError, payer_name, plan_names
from services.notification.composing.occasion import Facts, Maker, Occasion
from services.notification.composing.still_true import answered, open_issues
from services.notification.letters.coverage_facts import SecondaryNotBillable, question_topic, words_of
from services.notification.letters.language import Language, telephone
from services.notification.store import Payer
from shared.events.directory import OpeningHours
from shared.pages.links import Purpose
from shared.pages.opening_words import hours_in_words

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


def _call(issue: Mapping[str, Any], occasion: Occasion) -> Facts:
    """Whom to call: by the directory's name and what the event knew of the line, else what the directory says.

    Raises MissingFactError: there is no more than an id to name the payer by.
    """
    payer = occasion.known.payers.get(issue["payer_id"])
    if payer is None and issue["payer_name"] == issue["payer_id"]:
        raise MissingFactError("payer_unknown")
    phone = issue.get("phone") or (payer.phone if payer else None)
    return {
        "payer_name": issue["payer_name"] if payer is None else payer.name,
        "member_phone": telephone(phone) if phone else None,
        "member_hours": _hours(issue, payer, occasion.language),
    }


def _hours(issue: Mapping[str, Any], payer: Payer | None, language: Language) -> str | None:
    """When the line is open, in the client's language; where nobody gives hours as facts, in the directory's words."""
    told = OpeningHours.model_validate({name: issue[name] for name in OpeningHours.model_fields if name in issue})
    for hours in (told, payer.opening if payer else None):
        if hours is not None and (words := hours_in_words(hours, language)) is not None:
            return words
    return issue.get("hours") or (payer.hours if payer else None)


def _paused_on(occasion: Occasion) -> str | date:
    pause = occasion.known.pause
    if pause is not None and pause.pause_id == occasion.data["pause_id"]:
        return pause.paused_on
    return occasion.data.get("paused_on") or min(issue["opened_on"] for issue in _to_call(occasion))


def _calls(occasion: Occasion) -> Facts:
    return {
        "calls": [_call(issue, occasion) for issue in _to_call(occasion)],
        "answer_url": occasion.signed("coordination", pause_id=occasion.data["pause_id"]),
        "answer_until": occasion.until("coordination"),
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
        "calls": [_call(occasion.data, occasion)],
        "due_on": occasion.data["due_on"],
        "answer_url": link,
        "several_plans": sum(plan.place >= 0 for plan in occasion.known.plans.values()) > 1,
        "answer_until": occasion.until("coordination"),
    }


def _not_billable(occasion: Occasion) -> Facts:
    payers = (occasion.data["primary_payer_id"], occasion.data["payer_id"])
    return {
        "primary_payer_name": payer_name(occasion.known, payers[0]),
        "secondary_payer_name": payer_name(occasion.known, payers[1]),
        "reason": occasion.data["reason"] if occasion.data["reason"] in _NOT_BILLABLE else "other",
        "search_url": occasion.links.search(payers, occasion.client.lives_in, occasion.language),
    }


def _question(occasion: Occasion) -> Facts:
    """The fact asked for by its topic. The event's own sentence may speak of anyone's health: it stays out."""
    return {
        "asks_about": question_topic(occasion.data["missing"]),
        "plans": plan_names(occasion.known, occasion.data.get("about") or occasion.data["fallback"], occasion.language),
        "answer_url": occasion.signed("question", missing=occasion.data["missing"]),
        "answer_until": occasion.until("coordination"),
    }


def _plan_unknown(occasion: Occasion) -> Facts:
    return {
        "payer_name": payer_name(occasion.known, occasion.data["named_by"]),
        "named_payer_name": occasion.data["name"] or payer_name(occasion.known, occasion.data["payer_id"] or ""),
        "pays_first": occasion.data["role"] == "primary",
        "answer_url": occasion.signed("plan", payer_id=occasion.data["named_by"]),
        "answer_until": occasion.until("coordination"),
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
    told: Facts = {"visit_on": occasion.data["date_of_service"]}
    match occasion.data["reason"]:
        case "account_paused":
            return {**told, "reason": "account_paused", **_what_the_pause_asks(occasion)}
        case "primary_not_billable" | "payer_not_listed" | "provider_not_listed":
            entered = [plan.payer_id for plan in occasion.known.plans.values() if plan.place >= 0]
            search = occasion.links.search(entered, occasion.client.lives_in, occasion.language)
            return {**told, "reason": "primary_not_billable", "next_url": search}
        case _:
            return {**told, "reason": "no_active_plan", "next_url": occasion.links.plans_url}


def _what_the_pause_asks(occasion: Occasion) -> Facts:
    """While the account is paused: whom to call, and the page that takes the insurer's answer."""
    pause = occasion.known.pause
    if pause is None or not pause.is_open:
        return {}
    waiting = [issue for issue in pause.issues if not answered(occasion.row, occasion.known, issue["payer_id"])]
    return {
        "calls": [_call(issue, occasion) for issue in waiting],
        "next_url": occasion.signed("coordination", pause_id=pause.pause_id),
        "next_until": occasion.until("coordination"),
    }


_ABOUT: dict[Purpose, str] = {
    "coordination": "pause_id",
    "question": "missing",
    "recertification": "payer_id",
    "plan": "payer_id",
    "statement": "session_id",
}


def _new_link(occasion: Occasion) -> Facts:
    purpose: Purpose = occasion.data["purpose"]
    about = {_ABOUT[purpose]: occasion.data["about"]} if occasion.data["about"] is not None else {}
    return {"page_url": occasion.signed(purpose, **about), "page_until": occasion.until(purpose, **about)}


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
    "new-link": _new_link,
}
