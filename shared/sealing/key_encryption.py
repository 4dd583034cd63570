"""Wraps data keys with a key from the settings: the database alone opens none of them."""

import hashlib
import os
from typing import Protocol

from shared.sealing.data_keys import SealingError

_NONCE_BYTES = 12


class KeyRefusedError(SealingError):
    """A data key cannot be unwrapped, or wrapped, with what the settings name."""


class KeyWrapper(Protocol):
    """Wraps data keys, and unwraps what it has wrapped. `name` tells which one wrapped a key, and is no secret."""

    @property
    def name(self) -> str:
        """What stands beside the keys that it has wrapped."""
        ...

    async def wrap(self, secret: bytes, about: str) -> bytes:
        """The data key as the database keeps it. Raises KeyRefusedError."""
        ...

    async def unwrap(self, wrapped: bytes, about: str) -> bytes:
        """The data key that was wrapped. Raises KeyRefusedError."""
        ...


class KeyEncryptionKey:
    """A key from the settings, any text of 32 random characters or more; AES-256-GCM with a key derived from it."""

    def __init__(self, text: str) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        secret = HKDF(SHA256(), 32, salt=None, info=b"wrapping data keys").derive(text.encode())
        self._cipher = AESGCM(secret)
        self.name = f"key {hashlib.sha256(b'name:' + secret).hexdigest()[:8]}"

    async def wrap(self, secret: bytes, about: str) -> bytes:
        """The data key, encrypted and bound to the database that it is for."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, about.encode())

    async def unwrap(self, wrapped: bytes, about: str) -> bytes:
        """The data key. Raises KeyRefusedError: it is damaged, or was wrapped for another database."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError):
            raise KeyRefusedError(f"{about} is damaged, or is another service's") from None
