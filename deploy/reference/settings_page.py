"""The page of all settings, from the settings models."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from deploy.reference.markdown import cell, table
from services.notification.letters.branding import Branding
from shared.codes import published
from shared.settings import OwnerSettings, ServiceSettings

ROOT = Path(__file__).parents[2]
SERVICES = ("coverage", "claims", "settlement", "notification", "payers")
BESIDE = {
    published.SETTING: "A folder of code tables that are newer than ours: a `<name>.json` in it replaces the table "
    "`<name>` (`carc`, `rarc`, ...).",
    "CLOCK_OFFSET_FILE": "Development and tests only: a file with the seconds by which every process's clock is moved.",
    "OPERATOR": "Commands only: who acts, for the record, where the system's user is no person.",
}
"""Variables that no settings model reads."""

_HEAD = """# Settings

All are environment variables. A wrong one stops the start with one line that names it, without its value.
`DATABASE_URL_<SERVICE>` is `DATABASE_URL_COVERAGE`, `DATABASE_URL_CLAIMS` and so on: each service has its own.
"""


def page() -> str:
    """Markdown: what all services share, then each service's own."""
    parts = [_HEAD, "## All services\n", table(_COLUMNS, [*_rows(ServiceSettings), *_rows(OwnerSettings), *_beside()])]
    for service in SERVICES:
        parts += [f"## {service}\n", table(_COLUMNS, list(_own(service)))]
    return "\n".join(parts)


_COLUMNS = ("variable", "default", "what it is")


def _beside() -> Iterator[tuple[str, ...]]:
    yield from ((f"`{name}`", "empty", words) for name, words in BESIDE.items())


def _own(service: str) -> Iterator[tuple[str, ...]]:
    """The rows of what one service alone is told, the brand of its letters included."""
    yield from _rows(import_module(f"services.{service}.settings").Settings, beside=ServiceSettings)
    if service == "notification":
        yield from _rows(Branding)


def _rows(model: type[BaseSettings], beside: type[BaseSettings] | None = None) -> Iterator[tuple[str, ...]]:
    prefix = model.model_config.get("env_prefix") or ""
    for name, field in model.model_fields.items():
        if beside is None or name not in beside.model_fields:
            words = [word for word in (field.description or "", _choice(field.annotation)) if word]
            yield f"`{_variable(prefix, name, field)}`", _default(field), " ".join(words)


def _variable(prefix: str, name: str, field: FieldInfo) -> str:
    if name in ("database_url", "database_owner_url"):
        return f"{name}_<service>".upper()
    return field.validation_alias if isinstance(field.validation_alias, str) else f"{prefix}{name}".upper()


def _choice(hint: Any) -> str:
    words = [word for word in get_args(hint) if isinstance(word, str)]
    return f"One of {', '.join(words)}." if words else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True) if field.default is PydanticUndefined else field.default
    if isinstance(value, SecretStr):
        return "(a key for development)"
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        value = value.relative_to(ROOT)
    return "empty" if value is None or not str(value) else f"`{cell(str(value))}`"
