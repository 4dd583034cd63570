"""Writes the pages of `docs/reference`: `python -m deploy.reference`; `--check` only says which are stale.

`--check` ends with 1 if any is.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.reference import (
    characters_page,
    codes_page,
    commands_page,
    events_page,
    metrics_page,
    settings_page,
    x12_page,
)

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "characters": characters_page.page,
    "codes": codes_page.page,
    "commands": commands_page.page,
    "events": events_page.page,
    "metrics": metrics_page.page,
    "settings": settings_page.page,
    "x12": x12_page.page,
}
_MADE = "<!-- Made by `make schemas` from the models: change those. -->\n\n"


def stale() -> dict[Path, str]:
    """The pages that are missing or no longer what the models say, with what they should say."""
    wanted = {FOLDER / f"{name}.md": _MADE + page() for name, page in PAGES.items()}
    return {path: text for path, text in wanted.items() if not path.exists() or path.read_text() != text}


def main() -> None:
    """Write what is stale, or with `--check` say what is."""
    files = stale()
    if "--check" in sys.argv:
        print(json.dumps({"stale": [path.name for path in files]}))
        sys.exit(1 if files else 0)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
