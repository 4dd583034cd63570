"""What stands before every signed page: the headers, the limits on how often, and the reading of links and forms."""

from collections import OrderedDict
from collections.abc import AsyncIterable
from dataclasses import dataclass
from urllib.parse import parse_qs

from aiolimiter import AsyncLimiter

from shared.pages import links
from shared.pages.links import Purpose

MOST_FORM_BYTES = 64 * 1024
_MOST_FIELDS = 60
_MOST_NAMES = 50_000

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class TooOftenError(Exception):
    """Too many requests from one address, or answers through one link; the page says to wait."""


class FormTooLargeError(Exception):
    """The form is larger than any answer could be."""


class Limiter:
    """Lets `per_minute` requests a minute through for each name, and as many at once.

    A request that is refused is not counted: whoever keeps knocking gets through as often as one who waits, and one
    reader behind a shared address cannot shut the others out by knocking.
    """

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._buckets: OrderedDict[str, AsyncLimiter] = OrderedDict()

    async def take(self, name: str) -> None:
        """Count one request. Raises TooOftenError."""
        bucket = self._buckets.pop(name, None) or AsyncLimiter(self.per_minute, 60)
        self._buckets[name] = bucket
        while len(self._buckets) > _MOST_NAMES:  # those unseen for longest may have as many as ever by now
            self._buckets.popitem(last=False)
        if not bucket.has_capacity():
            raise TooOftenError
        await bucket.acquire()


@dataclass(frozen=True)
class Guard:
    """Opens signed links, within the limits of how often: by address, and by address for links that are not ours."""

    key: str
    addresses: Limiter
    forgeries: Limiter

    async def open(self, address: str, purpose: Purpose, token: str) -> dict[str, str]:
        """The subject of a link that came from a network address; it names a client.

        Raises TooOftenError, and BadLinkError or ExpiredLinkError as `links.read` does.
        """
        await self.addresses.take(address)
        try:
            subject = links.read(purpose, token, self.key)
            if "client_id" not in subject:
                raise links.BadLinkError("the link names no client")
        except links.BadLinkError:
            await self.forgeries.take(address)
            raise
        return subject


async def form_of(stream: AsyncIterable[bytes]) -> dict[str, str]:
    """The fields of a form, each its last value; what is not UTF-8 is replaced. Raises FormTooLargeError."""
    body = bytearray()
    async for chunk in stream:
        body += chunk
        if len(body) > MOST_FORM_BYTES:
            raise FormTooLargeError
    try:
        fields = parse_qs(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace"
        )
    except ValueError:
        raise FormTooLargeError from None
    return {name: values[-1].replace("\x00", "") for name, values in fields.items()}
