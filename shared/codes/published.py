"""The code tables as data: CARC, RARC, claim status, place of service and the rest, each with a version.

The tables are the files of `tables/`, in our own words. Publishers change their lists three times a year: a newer
table goes into a folder of one's own, named by the setting X12_CODE_TABLES, and replaces ours without a new release.
"""

import json
import os
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

BUILT_IN = Path(__file__).with_name("tables")
SETTING = "X12_CODE_TABLES"

_PARTS = re.compile(r"([A-Z]*)(\d+)", re.ASCII)


class UnreadableCodeTableError(ValueError):
    """A code table is not there or is not JSON of the shape {"name", "version", "codes": {code: text}}."""


@dataclass(frozen=True, slots=True)
class CodeTable:
    """One table: `name`, `version` (the publication it follows) and code -> own paraphrase.

    `also_exist` are ranges of codes that are published but not paraphrased here, as (prefix, first, last).
    """

    name: str
    version: str
    codes: dict[str, str]
    source: str = ""
    also_exist: tuple[tuple[str, int, int], ...] = field(default=())

    def known(self, code: str) -> bool:
        """Whether we know what `code` means; one that we don't is kept and shown, and goes to a person."""
        return code in self.codes

    def exists(self, code: str) -> bool:
        """Whether `code` is a published code, paraphrased here or not."""
        if code in self.codes:
            return True
        parts = _PARTS.fullmatch(code)
        if parts is None or len(code) > 8:
            return False
        prefix, number = parts.group(1), int(parts.group(2))
        return any(prefix == also and first <= number <= last for also, first, last in self.also_exist)

    def text(self, code: str) -> str:
        """The paraphrase of `code`, or "unknown code <code>"."""
        return self.codes.get(code, f"unknown code {code}")


def table(name: str, folder: Path | None = None) -> CodeTable:
    """The table `name`: carc, rarc, claim_status, claim_status_category, place_of_service, ...

    `folder` (or the setting X12_CODE_TABLES) replaces single tables: a file `<name>.json` there wins.

    Raises UnreadableCodeTableError: there is no such table, or it cannot be read.
    """
    return _load(name, folder or _replacements())


def names(folder: Path | None = None) -> tuple[str, ...]:
    """The names of all tables, built in or from the folder."""
    folders = (BUILT_IN, folder or _replacements())
    return tuple(sorted({path.stem for folder in folders if folder is not None for path in folder.glob("*.json")}))


def _replacements() -> Path | None:
    folder = os.environ.get(SETTING)
    return Path(folder) if folder else None


@cache
def _load(name: str, folder: Path | None) -> CodeTable:
    replaced = folder / f"{name}.json" if folder is not None else None
    path = replaced if replaced is not None and replaced.is_file() else BUILT_IN / f"{name}.json"
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        codes = {str(code): str(text) for code, text in document["codes"].items()}
        ranges = tuple(_range(str(text)) for text in document.get("also_exist", ()))
        return CodeTable(
            str(document["name"]), str(document["version"]), codes, str(document.get("source", "")), ranges
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise UnreadableCodeTableError(f"code table {name}: {path.name} cannot be read ({error})") from None


def _range(text: str) -> tuple[str, int, int]:
    first, _, last = text.partition("-")
    from_parts, to_parts = _PARTS.fullmatch(first), _PARTS.fullmatch(last)
    if from_parts is None or to_parts is None:
        raise ValueError(f"{text!r} is no range of codes")
    return from_parts.group(1), int(from_parts.group(2)), int(to_parts.group(2))
