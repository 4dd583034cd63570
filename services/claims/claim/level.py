"""A payer's place in the order: a number in the rows of claims (1 is the primary), a word in events and for people."""

from typing import Annotated

from pydantic import Field

from shared.events.types import Level

LEVELS: tuple[Level, ...] = ("primary", "secondary", "tertiary")
MOST_LEVELS = len(LEVELS)
"""How many payers of a session get claims; a person bills a fourth."""

Ordinal = Annotated[int, Field(alias="role")]
"""A level as a number. Its column, and its key in a jsonb column, have been called `role` since the first release."""


def level_name(level: int) -> Level:
    """The word for a level; whatever comes after the third is called tertiary.

    >>> level_name(2)
    'secondary'
    """
    return LEVELS[min(level, MOST_LEVELS) - 1]


def level_number(level: Level) -> int:
    """The number of a level.

    >>> level_number("secondary")
    2
    """
    return LEVELS.index(level) + 1
