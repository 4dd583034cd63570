"""The `explain` command: facts in, the order of benefits out, in words that a support agent can read to a client."""

import argparse
import json
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from services.coverage.order import plausibility
from services.coverage.order.decision import Decision, decide
from services.coverage.order.facts import Facts
from services.coverage.order.missing_facts import Question
from services.coverage.order.payers_word import Dispute, DisputeKind
from services.coverage.order.ranking import Pair
from services.coverage.order.rule import Rule
from shared.commands.command import RefusedError, UnreadableInputError, file_argument, read_json
from shared.unknown_fields import unknown_fields

DISPUTE_WORDS = {
    DisputeKind.BOTH_PRIMARY: "More than one insurer says that it pays first.",
    DisputeKind.NOBODY_PRIMARY: "Every insurer says that another plan pays first.",
    DisputeKind.SAME_PLACE: "Two insurers say that they have the same place in the order.",
    DisputeKind.UNKNOWN_PLAN: "An insurer counts on another plan, not listed here or not paying on this date.",
    DisputeKind.AGAINST_THE_LAW: (
        "The insurers agree on an order that federal law does not allow. A person looks into it."
    ),
    DisputeKind.AGAINST_THE_RULES: "An insurer states an order that the rules and the known facts contradict.",
}
CALL = (
    "Please call the number on the back of each card and ask which plan is primary. "
    "Ask them to update their records, and for a reference number."
)
PROBLEMS_SHOWN = 5


set_up = file_argument


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """The answer for the facts in a file. Raises UnreadableInputError and RefusedError as `explain` does."""
    return explain(read_json(arguments.file))


def explain(document: Any) -> dict[str, Any]:
    """The answer for facts as they were read from JSON; `unread` names the fields that nothing reads.

    Raises UnreadableInputError: not the shape of facts (each wrong field is named). Raises RefusedError: facts that
    contradict themselves; its document says what to correct.
    """
    facts = _read(document)
    problems = plausibility.problems(facts)
    if problems:
        raise RefusedError(
            {
                "refused": True,
                "reason": problems[0].reason.value,
                "problems": [
                    {"reason": problem.reason.value, "field": problem.field, "correct": problem.correct}
                    for problem in problems
                ],
            }
        )
    unread = [{"field": field, "hint": hint} for field, hint in unknown_fields(Facts, document)]
    return answer(decide(facts)) | ({"unread": unread} if unread else {})


def _read(document: Any) -> Facts:
    try:
        return Facts.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        lines = [f"{'.'.join(str(part) for part in error['loc']) or 'the document'}: {error['msg']}" for error in wrong]
        more = f"; and {len(lines) - PROBLEMS_SHOWN} more" if len(lines) > PROBLEMS_SHOWN else ""
        raise UnreadableInputError("; ".join(lines[:PROBLEMS_SHOWN]) + more) from None


def answer(decision: Decision) -> dict[str, Any]:
    """The decision as the document that `explain` prints and operators script against."""
    return {
        "order": None if decision.order is None else list(decision.order),
        "rule": None if decision.rule is None else decision.rule.value,
        "reordered": decision.reordered,
        "excluded": [
            {"id": exclusion.id, "reason": exclusion.reason.value, "why": exclusion.words}
            for exclusion in decision.excluded
        ],
        "undetermined": None if decision.undetermined is None else _question(decision.undetermined),
        "dispute": None if decision.dispute is None else _dispute(decision.dispute),
        "note": decision.note,
        "pays_as_primary": decision.pays_as_primary,
        "rules": [_pair(pair) for pair in decision.pairs],
        "explanation": explanation(decision),
    }


def _question(question: Question) -> dict[str, Any]:
    return {"missing": question.missing, "question": question.question, "about": list(question.about)}


def _dispute(dispute: Dispute) -> dict[str, Any]:
    return {
        "kind": dispute.kind.value,
        "why": DISPUTE_WORDS[dispute.kind],
        "statements": [{"id": statement.id, "says": statement.role.value} for statement in dispute.statements],
        "rules_say": None if dispute.rules_say is None else list(dispute.rules_say),
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "first": pair.first,
        "second": pair.second,
        "rule": pair.rule.value,
        "why": _why(pair),
        "source": pair.rule.source,
    }


def _why(pair: Pair) -> str:
    if pair.whatever_is_missing:
        return f"{pair.first} pays before {pair.second}, whatever the facts that we don't know."
    return pair.rule.words(pair.first, pair.second)


def explanation(decision: Decision) -> list[str]:
    """Sentences that say to a client which plan pays first and why, or what is needed to know it."""
    left_out = [exclusion.words for exclusion in decision.excluded]
    if decision.dispute is not None:
        return [*_dispute_words(decision.dispute), *left_out]
    if decision.undetermined is not None:
        return ["We can't tell yet which plan pays first.", decision.undetermined.question, *left_out]
    return [*_order_words(decision), *left_out]


def _dispute_words(dispute: Dispute) -> list[str]:
    stated = [
        f"The insurer of {statement.id} says: {statement.role.value.replace('_', ' ')}."
        for statement in dispute.statements
    ]
    rules_say = [f"The rules give {', '.join(dispute.rules_say)}."] if dispute.rules_say else []
    call = [] if dispute.kind is DisputeKind.AGAINST_THE_LAW else [CALL]
    return [DISPUTE_WORDS[dispute.kind], *stated, *rules_say, *call]


def _order_words(decision: Decision) -> list[str]:
    order: list[str] = list(decision.order or ())
    words = [_who_pays(order)]
    neighbours = set(pairwise(order))
    words += [_why(pair) for pair in decision.pairs if (pair.first, pair.second) in neighbours]
    if decision.note is not None:
        words.append(decision.note)
    if decision.pays_as_primary is not None:
        words.append(f"{order[0]} does not pay this provider, so {decision.pays_as_primary} pays as if it were first.")
    if decision.reordered:
        words.append("The plans were entered in another order. We corrected it; you don't need to do anything.")
    return words


def _who_pays(order: list[str]) -> str:
    match order:
        case []:
            return Rule.NO_ACTIVE_PLAN.sentence
        case [only]:
            return Rule.ONLY_PLAN.words(only)
        case [first, *others]:
            return f"{first} pays first, then {', then '.join(others)}."
        case _:
            raise AssertionError(order)
