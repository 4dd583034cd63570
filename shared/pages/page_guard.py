"""What stands before every signed page: the headers, the limits on how often, and the reading of links and forms."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterable
from dataclasses import dataclass
from urllib.parse import parse_qs

from aiolimiter import AsyncLimiter

from shared.pages import links
from shared.pages.links import Keys, Link, Purpose

MOST_FORM_BYTES = 64 * 1024
FORM_SECONDS = 20.0
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


class FormTooSlowError(Exception):
    """The form did not come whole in the time that any connection needs."""


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

    keys: Keys
    addresses: Limiter
    forgeries: Limiter

    async def open(self, address: str, purpose: Purpose, token: str) -> Link:
        """What a link says that came from a network address. Forged ones do not use up what good ones may.

        Raises TooOftenError, and BadLinkError or ExpiredLinkError as `links.read` does.
        """
        try:
            link = links.read(purpose, token, self.keys)
        except links.BadLinkError:
            await self.forgeries.take(address)
            raise
        except links.ExpiredLinkError:
            await self.addresses.take(address)
            raise
        await self.addresses.take(address)
        return link


async def form_of(stream: AsyncIterable[bytes]) -> dict[str, str]:
    """The fields of a form, each its last value; what is not UTF-8 is replaced.

    Raises FormTooLargeError, FormTooSlowError.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(FORM_SECONDS):
            async for chunk in stream:
                body += chunk
                if len(body) > MOST_FORM_BYTES:
                    raise FormTooLargeError
    except TimeoutError:
        raise FormTooSlowError from None
    try:
        fields = parse_qs(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace"
        )
    except ValueError:
        raise FormTooLargeError from None
    return {name: values[-1].replace("\x00", "") for name, values in fields.items()}
