"""A client is forgotten: asked for upstream, then passed from service to service, each of which says what it did.

coverage (no session is open) -> settlement (no money is open) -> notification -> coverage -> claims. So nobody erases
what another still needs. Keyed by client.
"""

from shared.events.types import ClientEvent, Day, Fact, Note, Reason, SessionId, event


@event("clients", "client.erasure_requested")
class ErasureRequested(ClientEvent):
    """The client wants to be forgotten. Sessions that are open go on to their end; new ones are refused from now on."""

    requested_on: Day


class ErasureWaits(ClientEvent):
    """Something of the client is still open; looked at again every day, told again when the reasons change."""

    waits_for: tuple[Reason, ...]
    sessions: tuple[SessionId, ...] = ()


@event("coverage", "client.erasure_waits")
class CoverageErasureWaits(ErasureWaits):
    """Sessions of the client are not decided, held or adjudicated yet."""


@event("coverage", "client.erasure_passed_on")
class ErasurePassedOn(ClientEvent):
    """No session of the client is open any more: settlement looks whether money is."""


@event("settlement", "client.erasure_waits")
class SettlementErasureWaits(ErasureWaits):
    """Money of the client is still open."""


class Kept(Fact):
    """A kind of record that outlives the erasure, until when, and why. `until` None: as long as `why` says."""

    category: Reason
    until: Day | None
    why: Note


class Erased(ClientEvent):
    """The service has erased its part. `kept`: what law makes it keep, under the client's opaque id."""

    kept: tuple[Kept, ...] = ()


@event("settlement", "client.erased")
class SettlementErased(Erased):
    """Settlement, which knows no names, is done with the client; its ledger stays."""


@event("notification", "client.erased")
class NotificationErased(Erased):
    """Name, address and letters are forgotten; letters not sent yet are cancelled, links do not open any more."""


@event("coverage", "client.erased")
class CoverageErased(Erased):
    """Details, plans, payers' answers and decisions are forgotten."""


@event("claims", "client.erased")
class ClaimsErased(Erased):
    """Details and plans are forgotten; claims that were sent stay as records of billing."""
