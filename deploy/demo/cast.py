"""Who appears in the stories: payers, providers and clients, all made up. The stand-in's book has them too."""

from datetime import date

from shared.events.clients import ClientRegistered, CoordinationConfirmed, PlansEntered
from shared.events.directory import PayerListed, ProviderCredentialed, ProviderListed, RateAgreed
from shared.events.sessions import SessionCancelled, SessionCompleted, SessionConfirmed
from shared.events.types import Event

PROVIDER, COLLEAGUE = "provider-kim", "provider-lee"
"""The first can bill every payer; the second cannot bill Plan Two."""
RATE_CENTS, CHARGE_CENTS = 15_000, 22_000

_PAYERS = (
    ("PLANONE", "Plan One Health", "+1-800-555-0101", True),
    ("PLANTWO", "Plan Two Mutual", "+1-800-555-0102", True),
    ("OUTNET", "Outland Insurance", "+1-800-555-0103", False),
    ("DISPUTE", "Harbor Life", "+1-800-555-0104", True),
)
_ADDRESS = {"line1": "12 Elm Street", "city": "Albany", "state": "NY", "postal_code": "12207"}


def directory() -> list[Event]:
    """The payers, two providers, their credentials, and the contracted rates."""
    events: list[Event] = [_payer(*payer) for payer in _PAYERS]
    for number, (provider, name) in enumerate(((PROVIDER, "Kim"), (COLLEAGUE, "Lee"))):
        events.append(_provider(provider, name, number))
        for payer, *_ in _PAYERS:
            if (provider, payer) != (COLLEAGUE, "PLANTWO"):
                events.append(_credential(provider, payer))
            events.append(_rate(provider, payer))
    return events


def _payer(payer_id: str, name: str, phone: str, in_network: bool) -> PayerListed:
    spans = [{"from_day": "2020-01-01"}] if in_network else []
    return PayerListed.model_validate(
        {
            "payer_id": payer_id,
            "name": name,
            "member_phone": phone,
            "opening": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from_time": "08:00", "to_time": "20:00"}],
            "time_zone": "America/New_York",
            "in_network": spans,
            "coordination_method": "maintenance_of_benefits" if payer_id == "PLANTWO" else "lesser_of",
        }
    )


def _provider(provider_id: str, name: str, number: int) -> ProviderListed:
    npi = ("1999999984", "1999999992")[number]
    return ProviderListed.model_validate(
        {
            "provider_id": provider_id,
            "first_name": "Jo",
            "last_name": name,
            "npi": npi,
            "taxonomy": "103TC0700X",
            "address": _ADDRESS,
            "states": ["NY"],
            "email": f"{provider_id}@example.test",
            "phone": f"+1-800-555-012{number}",
            "profile_url": f"https://care.example.test/{provider_id}",
        }
    )


def _credential(provider_id: str, payer_id: str) -> ProviderCredentialed:
    facts = {"provider_id": provider_id, "payer_id": payer_id, "state": "NY", "from_day": "2020-01-01"}
    return ProviderCredentialed.model_validate(facts)


def _rate(provider_id: str, payer_id: str) -> RateAgreed:
    facts = {"payer_id": payer_id, "provider_id": provider_id, "procedure": "90837", "rate_cents": RATE_CENTS}
    return RateAgreed.model_validate({**facts, "from_day": "2020-01-01"})


def registered(client_id: str, email: str, first_name: str, last_name: str) -> ClientRegistered:
    """A client joins."""
    return ClientRegistered.model_validate(
        {
            "client_id": client_id,
            "first_name": first_name,
            "last_name": last_name,
            "email": email,
            "birth_date": "1988-04-12",
            "gender": "F",
            "address": _ADDRESS,
        }
    )


def own(plan_id: str, payer_id: str, member_id: str) -> dict[str, object]:
    """A plan of the client's own employer."""
    return {"plan_id": plan_id, "payer_id": payer_id, "member_id": member_id, "subscriber": {"relation": "self"}}


def spouses(plan_id: str, payer_id: str, member_id: str, first_name: str, last_name: str) -> dict[str, object]:
    """A plan of the spouse's employer, which covers the client as a dependent."""
    subscriber = {
        "relation": "spouse",
        "first_name": first_name,
        "last_name": last_name,
        "birth_date": "1986-09-30",
        "gender": "M",
        "address": _ADDRESS,
    }
    return {"plan_id": plan_id, "payer_id": payer_id, "member_id": member_id, "subscriber": subscriber}


def entered(client_id: str, *plans: dict[str, object]) -> PlansEntered:
    """The plans, in the order in which the client typed them in."""
    return PlansEntered.model_validate({"client_id": client_id, "plans": list(plans)})


def session(client_id: str, session_id: str, day: str, provider_id: str = PROVIDER) -> SessionConfirmed:
    """One telehealth session of psychotherapy, 90837, at 220.00."""
    return SessionConfirmed.model_validate(
        {
            "client_id": client_id,
            "session_id": session_id,
            "provider_id": provider_id,
            "date_of_service": day,
            "state": "NY",
            "place": "10",
            "lines": [{"procedure": "90837", "modifiers": ["95"], "charge_cents": CHARGE_CENTS}],
            "diagnoses": ["F411"],
        }
    )


def completed(client_id: str, session_id: str, day: str) -> SessionCompleted:
    """It took place."""
    return SessionCompleted.model_validate({"client_id": client_id, "session_id": session_id, "date_of_service": day})


def confirmation(client_id: str, payer_id: str, day: date, by: str) -> CoordinationConfirmed:
    """Somebody says what the insurer told them."""
    return CoordinationConfirmed.model_validate(
        {
            "client_id": client_id,
            "payer_id": payer_id,
            "reference_number": "REF-2026-0815",
            "confirmed_on": day,
            "confirmed_by": by,
            "recorded_by": by,
            "channel": "phone",
        }
    )


def cancelled(client_id: str, session_id: str) -> SessionCancelled:
    """It did not."""
    return SessionCancelled.model_validate({"client_id": client_id, "session_id": session_id})
