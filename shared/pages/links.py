"""Signed links in letters: one purpose a link, it expires, and its address says nothing about anyone's health.

Notification signs them, the service that serves the page reads them, with the same key from the settings.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from itsdangerous import BadSignature, URLSafeSerializer

from shared import clock

Purpose = Literal["coordination", "question", "recertification", "plan", "statement"]
"""`coordination` names client_id and pause_id; `question` client_id and missing; `recertification` client_id and
payer_id; `plan` client_id and payer_id (who named it); `statement` client_id."""


class BadLinkError(Exception):
    """The link is forged, cut short, or made for another page."""


class ExpiredLinkError(Exception):
    """The link was good once; the next reminder carries a fresh one."""


def sign(purpose: Purpose, subject: Mapping[str, str], key: str, expires_at: datetime) -> str:
    """The token for a page: opaque ids in `subject`, valid until `expires_at`."""
    return str(_serializer(purpose, key).dumps({**subject, "exp": int(expires_at.timestamp())}))


def page(base_url: str, purpose: Purpose, token: str) -> str:
    """The address of the page that takes a token, such as `https://.../coordination/<token>`."""
    return f"{base_url.rstrip('/')}/{purpose}/{token}"


def read(purpose: Purpose, token: str, key: str) -> dict[str, str]:
    """The subject of a token.

    Raises BadLinkError: not ours, changed, or of another purpose. Raises ExpiredLinkError: too old, by the clock.
    """
    if len(token) > 2_000:
        raise BadLinkError("the link is too long to be ours")
    try:
        subject: dict[str, Any] = _serializer(purpose, key).loads(token)
    except BadSignature:
        raise BadLinkError("the link's signature does not fit") from None
    if subject.pop("exp") < clock.now().timestamp():
        raise ExpiredLinkError("the link has expired")
    return {name: str(value) for name, value in subject.items()}


def _serializer(purpose: Purpose, key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=f"link:{purpose}")
