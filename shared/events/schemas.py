"""Writes the contract for other languages: JSON Schemas, examples, and an AsyncAPI 3.1 document.

`python -m shared.events.schemas` writes them; `--check` only says what is stale, and ends with 1 if anything is.
Examples are kept for ever: one that a changed model would write differently gets a new number beside the old one.
"""

import json
import sys
from pathlib import Path
from typing import Any

from shared.events import asyncapi_document
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import dumps
from shared.events.examples import example
from shared.events.types import Event

HERE = Path(__file__).parent
SCHEMAS, EXAMPLES, ASYNCAPI = HERE / "schemas", HERE / "examples", HERE / "asyncapi.json"


def envelope_schema(model: type[Event]) -> dict[str, Any]:
    """The JSON Schema of one event with its CloudEvents attributes."""
    data = model.model_json_schema(mode="validation", ref_template="#/$defs/{model}")
    defs = data.pop("$defs", {})
    text = {"type": "string", "minLength": 1}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": model.wire_type(),
        "description": (model.__doc__ or "").strip(),
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": text,
            "source": text,
            "type": {"const": model.wire_type()},
            "subject": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "correlationid": text,
            "causationid": text,
            "data": data,
        },
        "$defs": defs,
    }


def envelope_example(model: type[Event]) -> dict[str, Any]:
    """One event as it is on the wire."""
    event = model.model_validate(example(model))
    return {
        "specversion": "1.0",
        "id": "0b7f2a5e-6c7e-5a52-9a53-2d9a3a2f6b10",
        "source": f"/{model.topic}",
        "type": model.wire_type(),
        "subject": event.key(),
        "time": "2026-03-02T09:00:00Z",
        "datacontenttype": "application/json",
        "correlationid": "0b7f2a5e-6c7e-5a52-9a53-2d9a3a2f6b10",
        "data": event.model_dump(mode="json"),
    }


def wanted() -> dict[Path, str]:
    """Every file of the contract with its text."""
    files = {ASYNCAPI: dumps(asyncapi_document.document(envelope_example))}
    for kind, model in CATALOGUE.items():
        files[SCHEMAS / f"{kind}.json"] = dumps(envelope_schema(model))
        files[_example_file(kind, dumps(envelope_example(model)))] = dumps(envelope_example(model))
    return files


def _example_file(kind: str, text: str) -> Path:
    """The committed example of this very text, or the next free number."""
    number = 1
    while (path := EXAMPLES / f"{kind}.{number}.json").exists() and path.read_text() != text:
        number += 1
    return path


def stale() -> list[str]:
    """The files that are missing or no longer what the models say, and schemas of events that are gone."""
    files = wanted()
    changed = [path.name for path, text in files.items() if not path.exists() or path.read_text() != text]
    return changed + [path.name for path in SCHEMAS.glob("*.json") if path not in files]


def write() -> None:
    """Write what is stale; examples are only ever added."""
    for path, text in wanted().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    for path in SCHEMAS.glob("*.json"):
        if path.name.removesuffix(".json") not in CATALOGUE:
            path.unlink()


if __name__ == "__main__":
    if "--check" in sys.argv:
        print(json.dumps({"stale": stale()}))
        sys.exit(1 if stale() else 0)
    write()
