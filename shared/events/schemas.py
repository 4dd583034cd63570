"""Writes the contract for other languages: JSON Schemas, examples, and an AsyncAPI 3.1 document.

`python -m shared.events.schemas` writes them; `--check` only says what is stale, and ends with 1 if anything is.
Examples are kept for ever: one that a changed model would write differently gets a new number beside the old one.
"""

import json
import sys
from pathlib import Path

from shared.events.catalogue import CATALOGUE
from shared.events.contract import asyncapi_document, family
from shared.events.contract.schema import envelope_schema
from shared.events.envelope import dumps

HERE = Path(__file__).parent
SCHEMAS, EXAMPLES, ASYNCAPI = HERE / "schemas", HERE / "examples", HERE / "asyncapi.json"


def wanted() -> dict[Path, str]:
    """Every file of the contract with its text."""
    files = {ASYNCAPI: dumps(asyncapi_document.document(family.example))}
    for kind, model in CATALOGUE.items():
        files[SCHEMAS / f"{kind}.json"] = dumps(envelope_schema(model))
        text = dumps(family.example(model))
        files[_example_file(kind, text)] = text
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
