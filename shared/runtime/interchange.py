"""An X12 interchange on `payers.inbound` or `payers.outbound`: the bytes as they are, CloudEvents in binary mode."""

import hashlib
from dataclasses import dataclass

from shared.runtime.outbox import Outgoing

TYPE = "payers.interchange.exchanged.v1"


@dataclass(frozen=True, slots=True)
class Interchange:
    """One interchange as it came: `key` is payer and interchange, `id` names these very bytes."""

    key: str
    id: str
    value: bytes

    @classmethod
    def incoming(cls, key: str, value: bytes, ce_id: str | None) -> "Interchange":
        """What a payer or clearinghouse sent; without an id of its own the bytes are the identity."""
        return cls(key=key, id=ce_id or hashlib.sha256(value).hexdigest(), value=value)


def key(payer_id: str, control: str) -> str:
    """The key of the interchange with this control number: what goes under one key is read in its order."""
    return f"{payer_id}-{control}"


def outgoing(topic: str, *, payer_id: str, control: str, value: bytes, source: str) -> Outgoing:
    """The message that carries `value` to `topic`: id from sender, interchange control number and bytes."""
    identity = hashlib.sha256(value).hexdigest()[:32]
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": f"{payer_id}-{control}-{identity}",
        "ce_source": source,
        "ce_type": TYPE,
        "ce_subject": payer_id,
        "content-type": "application/edi-x12",
    }
    headers = [(name, text.encode()) for name, text in attributes.items()]
    return Outgoing(topic=topic, key=key(payer_id, control), value=value, headers=headers)
