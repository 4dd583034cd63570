"""An example of every event, made from the examples of its fields."""

from datetime import date
from types import UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined


def example(model: type[BaseModel]) -> dict[str, Any]:
    """A document that `model` accepts, with every field filled."""
    return {name: _field(field) for name, field in model.model_fields.items()}


def _field(field: FieldInfo) -> Any:
    given = _of_examples(field.examples, *field.metadata)
    if given is not PydanticUndefined:
        return given
    return _value(field.annotation, None if field.default is PydanticUndefined else field.default)


def _of_examples(*sources: Any) -> Any:
    """The first example that one of a field's annotations gives."""
    for source in sources:
        listed = cast(list[Any], source) if isinstance(source, list) else getattr(source, "examples", None)
        if listed:
            return listed[0]
    return PydanticUndefined


def _value(hint: Any, default: Any) -> Any:
    """A value of type `hint`: the first option of a union, one entry of a collection."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        given = _of_examples(*arguments[1:])
        return _value(arguments[0], default) if given is PydanticUndefined else given
    if origin is Literal:
        return default if default in arguments else arguments[0]
    if origin in (Union, UnionType):
        return _value(arguments[0], default)
    if origin is tuple:
        return [_value(arguments[0], None)]
    if origin is dict:
        return {_value(arguments[0], None): _value(arguments[1], None)}
    return _plain(hint, default)


def _plain(hint: Any, default: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return example(hint)
    if default is not None:
        return default
    return {bool: False, int: 1, float: 1.0, str: "text", date: "2026-03-02"}.get(
        cast(Any, hint), {"id": "C7Q2M4K9P-P"}
    )
