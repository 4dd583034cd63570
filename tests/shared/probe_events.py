"""Sessions for the probe service, and what it remembers of them."""

from shared.events.clients import ClientRegistered
from shared.events.sessions import SessionConfirmed
from tests import builders
from tests.harness import ServiceUnderTest


def confirmed(client: str, session: str, provider: str = "provider-1") -> SessionConfirmed:
    """A session; `provider` says what the probe's handler does."""
    return builders.confirmed(client_id=client, session_id=session, provider_id=provider)


def registered(client: str) -> ClientRegistered:
    """A client, as upstream registers them."""
    return builders.registered(client_id=client)


async def seen(probe: ServiceUnderTest) -> dict[str, tuple[int, int]]:
    """By session: how often it was handled, and as which of its client's."""
    rows = await probe.pool.fetch("select session_id, times, place from seen order by place")
    return {row["session_id"]: (row["times"], row["place"]) for row in rows}
