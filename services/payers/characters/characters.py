"""The characters: what real insurers do wrong. A new one is a class that changes a step, and a line here.

A member or an insurer (in the book), a pattern of member ids (in the settings) or a member id itself names them, as
`name` or `name=argument`. Several can be combined; they act in the order in which they are named.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache

from services.payers.book.book import Book
from services.payers.characters.acknowledgment_characters import (
    AcknowledgesLate,
    AnswersAfter,
    DeniesTimelyFiling,
    NeverAnswers,
    RejectsAt277CA,
    RejectsAt999,
)
from services.payers.characters.character import Character
from services.payers.characters.coordination_characters import (
    ChangesOrder,
    ClaimsToBeSecond,
    ContradictsUntilConfirmed,
    DisputesUntilConfirmed,
    NamesUnenteredPlan,
    NeverAnswersInquiries,
    UnableFirst,
)
from services.payers.characters.crossover_characters import ForgetsToForward, Forwards, ForwardsWithOneSignal
from services.payers.characters.remittance_characters import (
    DropsLineControls,
    DropsModifiers,
    PaysTwice,
    RenumbersLines,
    ReversesAfter,
    ReversesWithoutCorrection,
    SendsInPieces,
    Unbalanced,
)

CHARACTERS: dict[str, type[Character]] = {
    "ordinary": Character,
    "disputes_until_confirmed": DisputesUntilConfirmed,
    "contradicts_until_confirmed": ContradictsUntilConfirmed,
    "claims_to_be_second": ClaimsToBeSecond,
    "changes_order": ChangesOrder,
    "names_unentered_plan": NamesUnenteredPlan,
    "unable_first": UnableFirst,
    "never_answers_inquiries": NeverAnswersInquiries,
    "forwards": Forwards,
    "forgets_to_forward": ForgetsToForward,
    "forwards_with_one_signal": ForwardsWithOneSignal,
    "rejects_at_999": RejectsAt999,
    "rejects_at_277ca": RejectsAt277CA,
    "acknowledges_late": AcknowledgesLate,
    "answers_after": AnswersAfter,
    "never_answers": NeverAnswers,
    "denies_timely_filing": DeniesTimelyFiling,
    "unbalanced": Unbalanced,
    "drops_line_controls": DropsLineControls,
    "drops_modifiers": DropsModifiers,
    "renumbers_lines": RenumbersLines,
    "pays_twice": PaysTwice,
    "sends_in_pieces": SendsInPieces,
    "reverses_after": ReversesAfter,
    "reverses_without_correction": ReversesWithoutCorrection,
}


class UnknownCharacterError(Exception):
    """No such character, or not such an argument of it; the text names it and lists those there are."""


@lru_cache(maxsize=1024)
def called(word: str) -> Character:
    """The character of a `name` or `name=argument`. Raises UnknownCharacterError."""
    name, _, argument = word.partition("=")
    kind = CHARACTERS.get(name)
    if kind is None:
        raise UnknownCharacterError(f"{name} is no character; there are {', '.join(CHARACTERS)}")
    try:
        return kind(argument)
    except ValueError as error:
        raise UnknownCharacterError(f"{word}: {error}") from None


def cast(words: Sequence[str]) -> tuple[Character, ...]:
    """The characters of these words, in order. Raises UnknownCharacterError."""
    return tuple(called(word) for word in words)


def named_in(member_id: str) -> tuple[Character, ...]:
    """The characters that a member id itself names: `ONE7.pays_twice.answers_after-60`.

    A word that names none is a part of the id: ids come from outside.
    """
    characters: list[Character] = []
    for word in member_id.split(".")[1:]:
        with suppress(UnknownCharacterError):
            characters.append(called(word.replace("-", "=", 1)))
    return tuple(characters)


def check(book: Book, more: Iterable[str] = ()) -> None:
    """See that every character that the book or `more` names exists. Raises UnknownCharacterError."""
    for insurer in (*book.insurers, *filter(None, [book.any_other])):
        cast(insurer.characters)
        for plan in insurer.plans:
            for member in plan.members:
                cast(member.characters)
    cast(tuple(more))
