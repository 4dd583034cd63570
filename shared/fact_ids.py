"""Ids made from facts: the same fact has the same id, however often and wherever it is told."""

import hashlib
import uuid


class FactIds:
    """The UUIDv5s (RFC 9562 section 5.5) of one namespace, as `uuid.uuid5` writes them, in a third of its time."""

    def __init__(self, namespace: str) -> None:
        self._seed = hashlib.sha1(uuid.UUID(namespace).bytes, usedforsecurity=False)

    def of(self, fact: str) -> str:
        """The id of `fact`."""
        hashed = self._seed.copy()
        hashed.update(fact.encode())
        octets = bytearray(hashed.digest()[:16])
        octets[6], octets[8] = octets[6] & 0x0F | 0x50, octets[8] & 0x3F | 0x80
        text = octets.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
