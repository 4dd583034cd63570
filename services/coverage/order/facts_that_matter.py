"""Whether a missing fact matters: try every value it could have, and ask only where the answers differ."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.coverage.order.missing_facts import Key, MissingFact, Question

Answer = TypeVar("Answer")


class TooManyTrialsError(Exception):
    """So many facts are missing that trying them all is not worth while; the first one is asked for."""


@dataclass(frozen=True, slots=True)
class _Leaf(Generic[Answer]):
    answer: Answer


@dataclass(frozen=True, slots=True)
class _Fork(Generic[Answer]):
    question: Question
    branches: "list[_Fork[Answer] | _Leaf[Answer]]"


def settle(
    answer: Callable[[dict[Key, object]], Answer],
    same: Callable[[Answer], object],
    missing: MissingFact,
    trials: int,
) -> list[Answer] | Question:
    """All the answers, where they are the same for every value of the missing facts; else the question to ask.

    `answer` takes assumed values and may raise MissingFact again; `same` is equal for answers that count as the same.
    The question is for the first fact on the way whose value changes the answer, or simply for the first one where
    `trials` are not enough to find out.
    """
    try:
        tree = _Search(answer, trials).fork({}, missing)
    except TooManyTrialsError:
        return missing.question
    answers = _leaves(tree)
    return _question(tree, same) if len({same(answer) for answer in answers}) > 1 else answers


class _Search(Generic[Answer]):
    def __init__(self, answer: Callable[[dict[Key, object]], Answer], trials: int) -> None:
        self.answer = answer
        self.trials_left = trials

    def fork(self, assumed: dict[Key, object], missing: MissingFact) -> "_Fork[Answer]":
        """The answers for every value of the missing fact. Raises TooManyTrialsError: none is left."""
        return _Fork(missing.question, [self._grow({**assumed, missing.key: value}) for value in missing.values])

    def _grow(self, assumed: dict[Key, object]) -> "_Fork[Answer] | _Leaf[Answer]":
        self.trials_left -= 1
        if self.trials_left < 0:
            raise TooManyTrialsError
        try:
            return _Leaf(self.answer(assumed))
        except MissingFact as missing:
            return self.fork(assumed, missing)


def _leaves(tree: "_Fork[Answer] | _Leaf[Answer]") -> list[Answer]:
    if isinstance(tree, _Leaf):
        return [tree.answer]
    return [leaf for branch in tree.branches for leaf in _leaves(branch)]


def _question(tree: "_Fork[Answer]", same: Callable[[Answer], object]) -> Question:
    """The fact at the root, unless it changes neither the answers nor what would be asked after it."""
    answers = [{same(leaf) for leaf in _leaves(branch)} for branch in tree.branches]
    if any(answer != answers[0] for answer in answers):
        return tree.question
    after = {_question(branch, same) for branch in tree.branches if isinstance(branch, _Fork)}
    return after.pop() if len(after) == 1 else tree.question
