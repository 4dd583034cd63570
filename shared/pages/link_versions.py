"""Which links of a client still open: notification takes older ones back, the services that serve pages keep to it.

Each of those services has the table `link_versions` among its migrations.
"""

from dataclasses import dataclass

from shared.events.notification import LinksEnded
from shared.pages.links import ExpiredLinkError, Link
from shared.runtime.table import Table
from shared.runtime.transaction import Transaction


@dataclass(frozen=True, slots=True)
class LinkVersion:
    """The lowest version of a client's links that still opens."""

    client_id: str
    version: int


LINK_VERSIONS = Table("link_versions", LinkVersion, key=("client_id",))


async def on_links_ended(event: LinksEnded, tx: Transaction) -> None:
    """Links of an earlier version do not open any more."""
    known = await tx.one(LINK_VERSIONS, event.client_id)
    if known is None or known.version < event.version:
        tx.save(LINK_VERSIONS, LinkVersion(event.client_id, event.version))


async def check(tx: Transaction, link: Link) -> None:
    """Raises ExpiredLinkError: the link was taken back."""
    known = await tx.one(LINK_VERSIONS, link.client_id)
    if known is not None and link.version < known.version:
        raise ExpiredLinkError(link)
