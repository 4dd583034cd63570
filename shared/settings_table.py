"""Prints the table of all settings for the README: `python -m shared.settings_table [SERVICE ...]`.

Made from the models, so that it can't say anything else than what holds.
"""

import importlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from shared.settings import ServiceSettings

_ROOT = Path(__file__).parents[1]
SERVICES = ("coverage", "claims", "settlement", "notification", "payers")
_HEAD = "| variable | of | default | what it is |\n|---|---|---|---|"


def models(services: Sequence[str]) -> dict[str, type[ServiceSettings]]:
    """The settings of each service."""
    return {name: importlib.import_module(f"services.{name}.settings").Settings for name in services}


def table(of: dict[str, type[ServiceSettings]]) -> str:
    """Markdown: first what all services share, then each service's own."""
    rows = [row for name, field in ServiceSettings.model_fields.items() for row in _row("all", name, field)]
    for service, model in of.items():
        own = {name: field for name, field in model.model_fields.items() if name not in ServiceSettings.model_fields}
        rows += [row for name, field in own.items() for row in _row(service, name, field)]
    return "\n".join([_HEAD, *rows])


def _row(service: str, name: str, field: FieldInfo) -> Iterator[str]:
    variable = "DATABASE_URL_<SERVICE>" if name == "database_url" else _alias(field) or name.upper()
    words = [word for word in (field.description or "", _choice(field.annotation)) if word]
    yield f"| `{variable}` | {service} | {_default(field)} | {_cell(' '.join(words))} |"


def _alias(field: FieldInfo) -> str | None:
    return field.validation_alias if isinstance(field.validation_alias, str) else None


def _choice(hint: Any) -> str:
    words = [word for word in get_args(hint) if isinstance(word, str)]
    return f"One of {', '.join(words)}." if words else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True) if field.default is PydanticUndefined else field.default
    if isinstance(value, SecretStr):
        return "(a key for development)"
    if isinstance(value, Path) and value.is_relative_to(_ROOT):
        value = value.relative_to(_ROOT)
    return f"`{_cell(str(value))}`" if str(value) else "empty"


def _cell(text: str) -> str:
    """One line, without what would end the cell."""
    return " ".join(text.split()).replace("|", "\\|")


def main(services: Sequence[str]) -> None:
    """Print the table of these services, all where none is named."""
    print(table(models(services or SERVICES)))


if __name__ == "__main__":
    main(sys.argv[1:])
