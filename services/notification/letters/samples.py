"""Facts to show every letter with: invented people and insurers, numbers that ring nowhere (555-01xx)."""

from typing import Any

_SITE = "https://evergreen-care.example"
_BLUEBIRD = {
    "payer_name": "Bluebird Health Plan",
    "member_phone": "1-800-555-0142",
    "member_hours": "Monday to Friday, 8 a.m. to 8 p.m. Eastern Time",
}
_HARBOR = {"payer_name": "Harbor Mutual", "member_phone": None, "member_hours": None}

COORDINATION_ISSUE: dict[str, Any] = {
    "first_name": "Sam",
    "calls": [_BLUEBIRD],
    "answer_url": f"{_SITE}/coordination/x7Qm2nT4",
    "answer_until": "2026-02-19",
    "paused_on": "2026-01-20",
}
COORDINATION_REMINDER: dict[str, Any] = {**COORDINATION_ISSUE, "calls": [_BLUEBIRD, _HARBOR], "last_reminder": False}
COORDINATION_STILL_OPEN: dict[str, Any] = {
    **COORDINATION_ISSUE,
    "confirmed_on": "2026-01-22",
    "next_check_on": "2026-01-30",
    "person_from": "2026-02-21",
}
ACCOUNT_UNPAUSED: dict[str, Any] = {
    "first_name": "Sam",
    "basis": "payer_agrees",
    "plans": ["Bluebird Health Plan", "Harbor Mutual"],
}
PLANS_REORDERED: dict[str, Any] = {
    "first_name": "Sam",
    "plans": ["Bluebird Health Plan", "Harbor Mutual"],
    "reason": "own_plan_first",
    "claims_corrected": True,
}
RECERTIFICATION_DUE: dict[str, Any] = {
    "first_name": "Sam",
    "calls": [_BLUEBIRD],
    "due_on": "2027-01-22",
    "answer_url": f"{_SITE}/recertification/p4Zr9kWb",
    "answer_until": "2027-01-22",
}
SECONDARY_NOT_BILLABLE: dict[str, Any] = {
    "first_name": "Sam",
    "primary_payer_name": "Bluebird Health Plan",
    "secondary_payer_name": "Harbor Mutual",
    "reason": "provider_not_credentialed",
    "search_url": f"{_SITE}/providers",
}
_COST: dict[str, Any] = {
    "first_name": "Sam",
    "visit_on": "2026-01-05",
    "paid_cents": 3000,
    "given_back_cents": 0,
    "statement_url": f"{_SITE}/statement/h5Vt8qLx",
    "statement_until": "2026-05-20",
    "corrects_letter_of": None,
}
COST_FINAL_REFUND: dict[str, Any] = {**_COST, "final_cost_cents": 600, "refund_cents": 2400}
COST_FINAL_BALANCE: dict[str, Any] = {
    **_COST,
    "final_cost_cents": 4250,
    "balance_cents": 1250,
    "charge_on": "2026-03-02",
    "reason": "deductible",
}
COST_FINAL_UNCHANGED: dict[str, Any] = {**_COST, "final_cost_cents": 3000, "reason": "secondary_paid_nothing"}
COST_OVERDUE: dict[str, Any] = {**_COST, "final_cost_cents": 3000, "waiting_for": "Harbor Mutual"}
SESSION_CHARGED: dict[str, Any] = {
    "first_name": "Sam",
    "visit_on": "2026-01-05",
    "charged_cents": 3000,
    "primary_payer_name": "Bluebird Health Plan",
    "has_second_plan": True,
    "rough_estimate": False,
    "statement_url": f"{_SITE}/statement/h5Vt8qLx",
    "statement_until": "2026-05-20",
}
SESSION_CANCELLED: dict[str, Any] = {**_COST, "final_cost_cents": 0, "refund_cents": 3000}
SESSION_REFUSED: dict[str, Any] = {
    "first_name": "Sam",
    "visit_on": "2026-01-27",
    "reason": "account_paused",
    "next_url": f"{_SITE}/coordination/x7Qm2nT4",
    "next_until": "2026-02-26",
    "calls": [_BLUEBIRD],
}
COORDINATION_QUESTION: dict[str, Any] = {
    "first_name": "Sam",
    "asks_about": "covered_from",
    "plans": ["Harbor Mutual"],
    "answer_url": f"{_SITE}/question/b2Nf6hKe",
    "answer_until": "2026-02-19",
}
PLAN_UNKNOWN: dict[str, Any] = {
    "first_name": "Sam",
    "payer_name": "Bluebird Health Plan",
    "named_payer_name": "Harbor Mutual",
    "pays_first": True,
    "answer_url": f"{_SITE}/plans/m9Ks4xRa",
    "answer_until": "2026-02-19",
}
NEW_LINK: dict[str, Any] = {
    "first_name": "Sam",
    "page_url": f"{_SITE}/statement/q3Wd7nTz",
    "page_until": "2026-01-27",
}
PROVIDER_CLIENT_PAUSED: dict[str, Any] = {
    "provider_name": "Dr. Rivera",
    "client_initials": "S. D.",
    "paused_on": "2026-01-20",
}
_BLUEBIRD_IN_SPANISH = {**_BLUEBIRD, "member_hours": "de lunes a viernes, de 8:00 a. m. a 8:00 p. m., hora del este"}
IN_OTHER_WORDS: dict[str, dict[str, dict[str, Any]]] = {
    "es": {
        "coordination-issue": {"calls": [_BLUEBIRD_IN_SPANISH]},
        "coordination-reminder": {"calls": [_BLUEBIRD_IN_SPANISH, _HARBOR]},
        "coordination-still-open": {"calls": [_BLUEBIRD_IN_SPANISH]},
        "recertification-due": {"calls": [_BLUEBIRD_IN_SPANISH]},
        "session-refused": {"calls": [_BLUEBIRD_IN_SPANISH]},
    }
}
"""Facts that are sentences, where a letter in another language is shown."""
