"""Signed links in letters: one purpose a link, it expires, and its address says nothing about anyone's health.

Notification signs them, the service that serves the page reads them, with the same keys from the settings. All links of
a client that are older than a version can be taken back at once (`link_versions.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from itsdangerous import BadSignature, URLSafeSerializer

from shared import clock

Purpose = Literal["coordination", "question", "recertification", "plan", "statement"]
"""`coordination` names client_id and pause_id; `question` client_id and missing; `recertification` client_id and
payer_id; `plan` client_id and payer_id (who named it); `statement` client_id, and session_id where
it is of one visit."""

Keys = tuple[str, ...]
"""The keys whose links open; the last one signs."""
_LONGEST_TOKEN = 2_000


@dataclass(frozen=True, slots=True)
class Link:
    """What a genuine link says: the ids that it is about, and the version of the client's links that it is of."""

    purpose: Purpose
    subject: Mapping[str, str]
    version: int = 0

    @property
    def client_id(self) -> str:
        """Whose link it is."""
        return self.subject["client_id"]


class BadLinkError(Exception):
    """The link is forged, cut short, or made for another page."""


class ExpiredLinkError(Exception):
    """The link was good once; a new one can be sent to the address on file."""

    def __init__(self, link: Link) -> None:
        super().__init__("the link has expired, or was taken back")
        self.link = link


def sign(purpose: Purpose, subject: Mapping[str, str], keys: Keys, expires_at: datetime, version: int = 0) -> str:
    """The token for a page: opaque ids in `subject`, valid until `expires_at` and while `version` is."""
    content = {**subject, "exp": int(expires_at.timestamp()), "v": version}
    return str(_serializer(purpose, keys).dumps(content))


def page(base_url: str, purpose: Purpose, token: str) -> str:
    """The address of the page that takes a token, such as `https://.../coordination/<token>`."""
    return f"{base_url.rstrip('/')}/{purpose}/{token}"


def read(purpose: Purpose, token: str, keys: Keys) -> Link:
    """What a token says.

    Raises BadLinkError: not ours, changed, or of another purpose. Raises ExpiredLinkError: too old, by the clock.
    """
    if len(token) > _LONGEST_TOKEN:
        raise BadLinkError("the link is too long to be ours")
    try:
        content: dict[str, Any] = _serializer(purpose, keys).loads(token)
    except BadSignature:
        raise BadLinkError("the link's signature does not fit") from None
    if "client_id" not in content:
        raise BadLinkError("the link names no client")
    expires, version = content.pop("exp"), content.pop("v", 0)
    link = Link(purpose, {name: str(value) for name, value in content.items()}, int(version))
    if expires < clock.now().timestamp():
        raise ExpiredLinkError(link)
    return link


def _serializer(purpose: Purpose, keys: Keys) -> URLSafeSerializer:
    return URLSafeSerializer(list(keys), salt=f"link:{purpose}")
