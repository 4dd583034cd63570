"""Fields of a document that nobody reads: a reader ignores them, and whoever mistyped one wants to hear of it."""

import difflib
import types
import typing
from collections.abc import Iterator
from typing import Any, cast

from pydantic import BaseModel


def unknown_fields(model: type[BaseModel], data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The fields of `data`, as decoded JSON, that `model` would silently ignore: where, and the nearest known name."""
    if not isinstance(data, dict):
        return
    for name, value in cast(dict[str, Any], data).items():
        field = model.model_fields.get(name)
        if field is None:
            yield f"{path}.{name}".removeprefix("."), nearest(name, model.model_fields)
            continue
        for inner in _models(field.annotation):
            for at, part in _parts(value, inner):
                yield from unknown_fields(inner, part, f"{path}.{name}{at}")


def nearest(name: str, names: typing.Iterable[str]) -> str:
    """The name among `names` that may be meant, as a question; "" where none is near."""
    near = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""


def _models(hint: Any) -> Iterator[type[BaseModel]]:
    """The models that a type may hold, its own self included."""
    if isinstance(hint, type) and not isinstance(hint, types.GenericAlias):
        if issubclass(hint, BaseModel):
            yield hint
        return
    for inner in typing.get_args(hint):
        yield from _models(inner)


def _parts(value: Any, model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    """The objects in a field's value that are of `model`: itself, those of a list, or those of a mapping by id."""
    match value:
        case list():
            yield from ((f".{at}", part) for at, part in enumerate(cast(list[Any], value)))
        case dict():
            entries = cast(dict[str, Any], value)
            if (
                entries
                and all(isinstance(part, dict) for part in entries.values())
                and not (entries.keys() & model.model_fields.keys())
            ):
                yield from ((f".{name}", part) for name, part in entries.items())
            else:
                yield "", entries
        case _:
            return
