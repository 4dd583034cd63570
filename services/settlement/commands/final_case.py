"""The case that `final` takes: remittances by file, claims by number, and the answer as JSON."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from services.settlement.answers.adjudication import Adjudication, Level
from services.settlement.answers.final_cost import FinalCost, final_cost
from services.settlement.answers.remitted import Remitted, find
from services.settlement.answers.review import Review
from services.settlement.commands.case import Cents, Part, parse
from services.settlement.terms import LARGEST_CENTS
from shared.commands.command import RefusedError, UnreadableInputError, file_argument, read_bytes, read_json
from shared.x12.document.interchange import X12File, read_file


def _name_of_a_file(name: str) -> str:
    if not name.strip() or "\0" in name:
        raise ValueError("must name a file")
    return name


class AnswerPart(Part):
    """One payer's answer: the remittance's file and the claim's number in it (CLP01)."""

    role: Literal["primary", "secondary", "tertiary"]
    file: Annotated[str, AfterValidator(_name_of_a_file)]
    claim: str


class FinalCase(Part):
    """What the client has paid, and the payers' answers in the order of their arrival."""

    charged_cents: Cents
    adjudications: list[AnswerPart]


set_up = file_argument


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """The final cost for the case in a file; its remittances lie beside it. Raises as `answer` does."""
    folder = Path() if arguments.file == "-" else Path(arguments.file).parent
    return answer(read_json(arguments.file), lambda name: read_file(read_bytes(str(folder / name))))


def answer(document: Any, read: Callable[[str], X12File]) -> dict[str, Any]:
    """The final cost for a case as decoded JSON; `read` reads the X12 file of a name.

    Raises UnreadableInputError: a field is missing or wrong, or a file holds no X12. RefusedError: an absurd amount.
    """
    case = parse(FinalCase, document)
    if case.charged_cents > LARGEST_CENTS:
        why = f"charged_cents is {case.charged_cents}: more than {LARGEST_CENTS} cents is taken for a wrong unit"
        raise RefusedError({"refused": True, "reason": "amount_too_large", "why": why})
    files = {name: _read(name, read) for name in dict.fromkeys(part.file for part in case.adjudications)}
    answers: list[Adjudication] = []
    unusable: list[Review] = []
    notes: list[str] = []
    for arrived, part in enumerate(case.adjudications):
        level = Level(part.role)
        numbers = {answer.claim.payer_claim_id for answer in answers if answer.level is level}
        for claim in find(files[part.file], part.claim, level, numbers):
            match claim:
                case Remitted():
                    answers.append(claim.adjudication(level, arrived))
                    notes += [f"{part.file}: claim_repeated"] if claim.repeated else []
                case Review():
                    unusable.append(claim)
    missing = {review.level for review in unusable if review.level is not None}
    cost = final_cost(_dated_alike(answers), expected=missing)
    document = _as_json(case.charged_cents, replace(cost, review=(*unusable, *cost.review)))
    return document | {"notes": list(dict.fromkeys(notes))}


def _read(name: str, read: Callable[[str], X12File]) -> X12File:
    file = read(name)
    if not file.interchanges:
        raise UnreadableInputError(f"{name} holds no X12")
    return file


def _dated_alike(answers: Sequence[Adjudication]) -> list[Adjudication]:
    """The answers, put in order by the payers' dates only where every one of them is dated."""
    if all(answer.adjudicated_on for answer in answers):
        return list(answers)
    return [replace(answer, adjudicated_on=None) for answer in answers]


def _as_json(charged_cents: int, cost: FinalCost) -> dict[str, Any]:
    final = None if any(review.holds for review in cost.review) else cost.final_cost_cents
    return {
        "final_cost_cents": final,
        "refund_cents": None if final is None else charged_cents - final,
        "payers_paid_cents": cost.payers_paid_cents,
        "paid_cents": dict(cost.paid_cents),
        "patient_responsibility_cents": dict(cost.left_cents),
        "review": [review.as_json() for review in cost.review],
    }
