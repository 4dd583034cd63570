"""The phone number for a payer's members, as the directory lists it. Pure."""

from typing import Any

from shared.events.directory import PayerListed


def member_line(payer_id: str, listed: PayerListed | None) -> dict[str, Any]:
    """The payer, its name and its line, as the events say them; of a payer that is not listed the id alone is known."""
    if listed is None:
        return {"payer_id": payer_id, "payer_name": payer_id, "phone": None}
    return {
        "payer_id": payer_id,
        "payer_name": listed.name,
        "phone": listed.member_phone,
        "hours": listed.member_hours,
        "opening": listed.opening,
        "time_zone": listed.time_zone,
    }
