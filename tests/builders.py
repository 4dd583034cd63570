"""Events that the tests of several services need: one plausible client, session and directory, with changes by name.

The client is `c`, with session `s` at provider `p` on 2026-03-02. Their own plan is payer ONE's, their spouse's TWO's.
"""

from typing import Any

from shared.events.clients import ClientRegistered
from shared.events.coverage import SessionCleared
from shared.events.directory import ProviderListed
from shared.events.sessions import SessionCompleted, SessionConfirmed

ADDRESS = {"line1": "1 Elm Street", "city": "Albany", "state": "NY", "postal_code": "12207"}
LEVELS = ("primary", "secondary", "tertiary")
PAYERS = {"own": "ONE", "spouses": "TWO"}


def registered(**changes: Any) -> ClientRegistered:
    """The client, as upstream registers them."""
    facts = {
        "client_id": "c",
        "first_name": "Sam",
        "last_name": "Doe",
        "email": "sam@example.test",
        "birth_date": "1990-05-04",
        "gender": "M",
        "address": ADDRESS,
    }
    return ClientRegistered.model_validate({**facts, **changes})


def provider(**changes: Any) -> ProviderListed:
    """The provider of the session."""
    facts = {
        "provider_id": "p",
        "first_name": "Ann",
        "last_name": "Lee",
        "npi": "1993999998",
        "taxonomy": "103TC0700X",
        "address": ADDRESS,
        "states": ["NY"],
    }
    return ProviderListed.model_validate({**facts, **changes})


def confirmed(*charges: int, **changes: Any) -> SessionConfirmed:
    """A session of psychotherapy, with a screening where a second charge is given."""
    lines = [
        {"procedure": procedure, "modifiers": ["95"], "charge_cents": cents}
        for procedure, cents in zip(("90837", "96127"), charges or (22000,), strict=False)
    ]
    facts = {
        "client_id": "c",
        "session_id": "s",
        "provider_id": "p",
        "date_of_service": "2026-03-02",
        "place": "10",
        "lines": lines,
        "diagnoses": ["F411"],
    }
    return SessionConfirmed.model_validate({**facts, **changes})


def completed(**changes: Any) -> SessionCompleted:
    """The session took place."""
    facts = {"client_id": "c", "session_id": "s", "date_of_service": "2026-03-02"}
    return SessionCompleted.model_validate({**facts, **changes})


def cleared(*plans: str, **changes: Any) -> SessionCleared:
    """Coverage's decision: `plans` in their order, with "-" before one that cannot be billed."""
    facts = {
        "client_id": "c",
        "session_id": "s",
        "provider_id": "p",
        "date_of_service": "2026-03-02",
        "confirmed_on": "2026-03-02",
        "state": "NY",
        "place": "10",
        "lines": [{"procedure": "90837", "modifiers": ["95"], "charge_cents": 22000}],
        "plans": [
            {
                "plan_id": plan.lstrip("-"),
                "payer_id": PAYERS[plan.lstrip("-")],
                "level": level,
                "billable": not plan.startswith("-"),
                "reason": "secondary_out_of_network" if plan.startswith("-") else None,
            }
            for plan, level in zip(plans or ("own", "spouses"), LEVELS, strict=False)
        ],
        "rule": "non_dependent_first",
        "cost_share": {"coinsurance_percent": 20.0, "deductible_remaining_cents": 0, "confidence": "high"},
        "rate_payer_id": "ONE",
    }
    return SessionCleared.model_validate({**facts, **changes})
