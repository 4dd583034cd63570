"""Values sealed with data keys: AES-256-GCM, each bound to the place where it stands.

A sealed value is `sealed:<number of its data key>:` followed by a random nonce of 12 bytes, the encrypted value and its
tag of 16 bytes; in text columns the latter is base64. The place (table, column, key of the row) is authenticated with
it, so that a value that was moved to another row, or changed, is refused and never read as somebody else's.

Without keys values stay as they are. A plain value that begins like a sealed one gets `plain:` in front.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
SEALED, _PLAIN = b"sealed:", b"plain:"
SEALED_TEXT, _PLAIN_TEXT = SEALED.decode(), _PLAIN.decode()


class SealingError(Exception):
    """A value in the database cannot be opened: our fault, never a message's."""


class KeyMissingError(SealingError):
    """A value is sealed with a data key that this process has not opened."""


class NotOpenedError(SealingError):
    """A sealed value is damaged, or does not belong where it stands."""


def place(table: str, column: str, key: Iterable[Any]) -> bytes:
    """What a value is bound to. PostgreSQL's text has no NUL, so that no two places have the same bytes."""
    return "\0".join((table, column, *map(str, key))).encode()


class DataKeys:
    """The opened data keys of one database, by number; one of them seals. One object for each process."""

    def __init__(self) -> None:
        self._ciphers: dict[int, AESGCM] = {}
        self._seals: AESGCM | None = None
        self._before = b""
        self.number: int | None = None
        """The data key that seals what is written; None: values are written as they are."""

    def __contains__(self, number: int) -> bool:
        return number in self._ciphers

    def add(self, number: int, secret: bytes) -> None:
        """Take up a data key that opens what it has sealed."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # a service without keys does without

        self._ciphers[number] = AESGCM(secret)

    def seal_with(self, number: int | None) -> None:
        """Seal with this data key from now on; None: leave values as they are."""
        self.number = number
        self._seals = None if number is None else self._ciphers[number]
        self._before = b"" if number is None else begins_with(number)

    def seal(self, value: bytes, about: bytes) -> bytes:
        """The value as a bytea column keeps it at the place `about`."""
        if self._seals is None:
            return _PLAIN + value if value.startswith((SEALED, _PLAIN)) else value
        nonce = os.urandom(_NONCE_BYTES)
        return b"%b%b%b" % (self._before, nonce, self._seals.encrypt(nonce, value, about))

    def open(self, stored: bytes, about: bytes) -> bytes:
        """The value of a bytea column. Raises SealingError."""
        if not stored.startswith(SEALED):
            return stored.removeprefix(_PLAIN)
        number, _, rest = stored[len(SEALED) :].partition(b":")
        return self._open(number, rest, about)

    def seal_text(self, value: str, about: bytes) -> str:
        """The value as a text column keeps it at the place `about`."""
        if self._seals is None:
            return _PLAIN_TEXT + value if value.startswith((SEALED_TEXT, _PLAIN_TEXT)) else value
        return self.seal_json(value.encode(), about)

    def seal_json(self, value: bytes, about: bytes) -> str:
        """The text that stands for a JSON document in a jsonb column, once there is a key that seals."""
        assert self._seals is not None
        nonce = os.urandom(_NONCE_BYTES)
        return (self._before + b64encode(nonce + self._seals.encrypt(nonce, value, about))).decode()

    def open_text(self, stored: str, about: bytes) -> str:
        """The value of a text column. Raises SealingError."""
        if not stored.startswith(SEALED_TEXT):
            return stored.removeprefix(_PLAIN_TEXT)
        return self._open_text(stored, about).decode()

    def open_json(self, stored: str, about: bytes) -> str | bytes:
        """The JSON document of a jsonb column, which comes as JSON text. Raises SealingError."""
        if not stored.startswith('"' + SEALED_TEXT):
            return stored
        return self._open_text(stored[1:-1], about)

    def _open_text(self, stored: str, about: bytes) -> bytes:
        number, _, rest = stored[len(SEALED_TEXT) :].partition(":")
        try:
            return self._open(number.encode(), b64decode(rest, validate=True), about)
        except ValueError:
            raise NotOpenedError(f"{_named(about)} holds a damaged sealed value") from None

    def _open(self, number: bytes, rest: bytes, about: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag

        if not number.isdigit() or len(rest) < _NONCE_BYTES:
            raise NotOpenedError(f"{_named(about)} holds a damaged sealed value")
        cipher = self._ciphers.get(int(number))
        if cipher is None:
            raise KeyMissingError(f"{_named(about)} is sealed with data key {int(number)}, which is not open here")
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], about)
        except InvalidTag:
            said = f"{_named(about)} holds a sealed value that was changed, or belongs to another row"
            raise NotOpenedError(said) from None


def begins_with(number: int) -> bytes:
    """What the values that this data key has sealed begin with."""
    return b"%b%d:" % (SEALED, number)


def _named(about: bytes) -> str:
    """The table and the column; the row's key may name a person's account, and stays out of messages."""
    return ".".join(about.decode(errors="replace").split("\0")[:2])


NO_KEYS = DataKeys()
"""For connections that were given none: they write values as they are, and open none that is sealed."""
