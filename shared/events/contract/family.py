"""The examples of the contract: one client with two plans, one session, from the first message to the refund.

Sam Doe has a plan of their own employer (Plan One) and is covered by their spouse Kim's (Plan Two). The session of
2026-03-02 costs 220.00, the contracted rate is 150.00. Sam is charged 30.00, Plan One pays 120.00, Plan Two 24.00:
24.00 go back. What did not happen to Sam happened to somebody like them. `family.json` holds the data of each event.
"""

import json
import uuid
from functools import cache
from pathlib import Path
from typing import Any

from shared.events.topics import UPSTREAM_TOPICS
from shared.events.types import Event

FILE = Path(__file__).parent / "family.json"


@cache
def _family() -> dict[str, dict[str, Any]]:
    return json.loads(FILE.read_text())


def example(model: type[Event]) -> dict[str, Any]:
    """The event as it is on the wire. Raises KeyError: the family does not have it yet."""
    event = model.model_validate(_family()[f"{model.topic}.{model.noun_verb}"])
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, model.wire_type()))
    return {
        "specversion": "1.0",
        "id": identity,
        "source": "/practice-system" if model.topic in UPSTREAM_TOPICS else f"/{model.topic}",
        "type": model.wire_type(),
        "subject": event.key(),
        "time": "2026-03-02T09:00:00Z",
        "datacontenttype": "application/json",
        "correlationid": identity,
        "data": event.model_dump(mode="json"),
    }
