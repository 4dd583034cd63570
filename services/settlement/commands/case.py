"""A case on its way in: strictly typed, so that a wrong word or a fraction of a cent is named, and none is guessed."""

from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from shared.commands.command import UnreadableInputError


def _exact(value: object) -> object:
    """A JSON number as the decimal that was written; text and truth values are not numbers."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(repr(value))
    return value


Cents = Annotated[int, Field(ge=0)]
Percent = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=100, allow_inf_nan=False)]

M = TypeVar("M", bound="Part")


class Part(BaseModel):
    """A part of a case. Fields that it does not know are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


def parse(model: type[M], document: Any) -> M:
    """The case that `document` (decoded JSON) states.

    Raises UnreadableInputError: a field is missing or is not what it must be; the first one is named.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first, *others = error.errors(include_url=False, include_input=False, include_context=False)
        where = ".".join(str(part) for part in first["loc"]) or "the case"
        more = f" (and {len(others)} more)" if others else ""
        raise UnreadableInputError(f"{where}: {_words(first['type'], first['msg'])}{more}") from None


def _words(kind: str, message: str) -> str:
    match kind:
        case "missing":
            return "is missing"
        case "int_type" | "int_from_float":
            return "must be a whole number of cents"
        case "is_instance_of":
            return "must be a number"
        case "model_type" | "model_attributes_type":
            return "must be a JSON object"
        case "value_error":
            return message.removeprefix("Value error, ")
        case _:
            return message[:1].lower() + message[1:]
