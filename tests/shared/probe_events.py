"""Sessions for the probe service, and what it remembers of them."""

from shared.events.sessions import SessionConfirmed
from tests.harness import ServiceUnderTest


def confirmed(client: str, session: str, provider: str = "provider-1") -> SessionConfirmed:
    """A session; `provider` says what the probe's handler does."""
    return SessionConfirmed.model_validate(
        {
            "client_id": client,
            "session_id": session,
            "provider_id": provider,
            "date_of_service": "2026-03-02",
            "lines": [{"procedure": "90837", "modifiers": ["95"], "charge_cents": 22000}],
            "diagnoses": ["F411"],
        }
    )


async def seen(probe: ServiceUnderTest) -> dict[str, tuple[int, int]]:
    """By session: how often it was handled, and as which of its client's."""
    rows = await probe.pool.fetch("select session_id, times, place from seen order by place")
    return {row["session_id"]: (row["times"], row["place"]) for row in rows}
