"""What an operator sets for the stand-in, and what its handlers get of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import NoDecode

from services.payers.book.book import DEMO_BOOK, Book, BookError, read_book, read_insurer
from services.payers.characters.characters import UnknownCharacterError, check
from shared import settings
from shared.settings import ServiceSettings


@dataclass(frozen=True)
class Directions:
    """What the handlers go by. `characters` maps patterns of member ids to characters, beside those of the book."""

    book: Book
    characters: Mapping[str, tuple[str, ...]]
    seed: str = "1"
    adjudication_days: float = 5


def _from_json(value: object) -> object:
    """An environment variable is JSON; wrong JSON is one clear line, like any other wrong value."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from None


class Settings(ServiceSettings):
    """The stand-in's settings. A book that cannot be used stops the start with one line."""

    payers_book: Path = Field(default=DEMO_BOOK, description="The JSON file of insurers, plans and members.")
    payers_any_other: Path | None = Field(
        default=None,
        description="A JSON file with one insurer: what every payer is like that the book lacks. `make up` has one.",
    )
    payers_characters: Annotated[dict[str, tuple[str, ...]], NoDecode, BeforeValidator(_from_json)] = Field(
        default_factory=dict[str, tuple[str, ...]],
        description='Characters by pattern of member ids, as JSON: {"ONE7*": ["pays_twice"]}.',
    )
    payers_seed: str = Field(default="1", description="Payer claim numbers and traces are made from it.")
    payers_adjudication_days: float = Field(default=5, ge=0, le=365, description="Days from a claim to its 835.")

    @model_validator(mode="after")
    def _book_can_be_used(self) -> Self:
        self.directions()
        return self

    def directions(self) -> Directions:
        """What the handlers go by. Raises ValueError: the book or a character is wrong."""
        try:
            book = read_book(self.payers_book.read_bytes())
            if self.payers_any_other is not None:
                book = book.model_copy(update={"any_other": read_insurer(self.payers_any_other.read_bytes())})
            check(book, [word for words in self.payers_characters.values() for word in words])
        except (OSError, BookError, UnknownCharacterError) as error:
            raise ValueError(f"PAYERS_BOOK, PAYERS_ANY_OTHER or PAYERS_CHARACTERS: {error}") from None
        return Directions(book, self.payers_characters, self.payers_seed, self.payers_adjudication_days)


@lru_cache(maxsize=1)
def current() -> Directions:
    """What this process was told, from its environment."""
    return settings.load(Settings, "payers").directions()
