"""`python -m services.claims classify CODES.json`: what a payer's codes mean, as one JSON document."""

import argparse
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from services.claims.codes.classification import Classification, classify
from services.claims.codes.payer_answer import Adjustment, CodeSaid, PayerAnswer
from shared.codes import published
from shared.commands.command import UnreadableInputError, file_argument, read_json

_PUBLISHED = {
    "carc": "carc",
    "rarc": "rarc",
    "status": "claim_status",
    "category": "claim_status_category",
    "claim_status": "claim_payment_status",
    "group": "adjustment_group",
}
"""The published tables in which a code that we have not sorted may still have a meaning."""


def _encodable(text: str) -> str:
    """JSON can hold halves of characters (lone surrogates), which nothing can print."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("is not Unicode text")
    return text


def _digits(stated: Any) -> Any:
    """A code of digits may come as a JSON number; every other type stays what it is and is refused."""
    return str(stated) if type(stated) is int else stated


Text = Annotated[str, AfterValidator(_encodable)]
Code = Annotated[Text, BeforeValidator(_digits)]


class AdjustmentInput(BaseModel):
    """One CAS adjustment; more fields (amounts, lines) may stand beside and are not read."""

    model_config = ConfigDict(strict=True)

    group: Text | None = None
    reason: Code | None = None
    remarks: list[Text] | None = None

    def value(self) -> Adjustment:
        """The adjustment as the rules take it."""
        return Adjustment(self.group, self.reason, tuple(self.remarks or ()))


class CodesInput(AdjustmentInput):
    """The codes of an answer: one adjustment at the top, or a list of them; with a list, `remarks` are the claim's."""

    adjustments: list[AdjustmentInput] | None = None
    claim_status: Code | None = None
    category: Text | None = None
    status: Code | None = None
    entity: Code | None = None
    our_order: list[Text] | None = None
    billed: Text | None = None
    other_payer_says: Text | None = None

    def answer(self) -> PayerAnswer:
        """The answer as the rules take it."""
        return PayerAnswer(
            adjustments=self._adjustments(),
            remarks=tuple(self.remarks or ()) if self.adjustments else (),
            claim_status=self.claim_status,
            category=self.category,
            status=self.status,
            entity=self.entity,
            our_order=None if self.our_order is None else tuple(self.our_order),
            billed=self.billed,
            other_payer_says=self.other_payer_says,
        )

    def _adjustments(self) -> tuple[Adjustment, ...]:
        listed = tuple(adjustment.value() for adjustment in self.adjustments or ())
        own = Adjustment(self.group, self.reason, () if listed else tuple(self.remarks or ()))
        return listed if own == Adjustment(None, None) else (own, *listed)


def document(classification: Classification) -> dict[str, Any]:
    """The JSON document that the command prints for a `classification`."""
    return {
        "class": classification.answer.value,
        "pause": classification.pause,
        "why": classification.why,
        "codes": [
            {"system": said.system, "code": said.code, "meaning": _meaning(said)} for said in classification.codes
        ],
        "contradictions": list(classification.contradictions),
        "settles": classification.settles,
        "this_payer_says": classification.this_payer_says,
    }


def _meaning(said: CodeSaid) -> str | None:
    if said.meaning is not None or said.system not in _PUBLISHED:
        return said.meaning
    try:
        return published.table(_PUBLISHED[said.system]).codes.get(said.code)
    except published.UnreadableCodeTableError as error:
        raise UnreadableInputError(str(error)) from None


def parse(document: Any) -> PayerAnswer:
    """The answer that a JSON document describes.

    Raises UnreadableInputError: not an object, or a field of the wrong type; the message names the first such field.
    """
    try:
        return CodesInput.model_validate(document).answer()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the document"
        wanted = "should be a JSON object" if first["type"] == "model_type" else first["msg"]
        raise UnreadableInputError(f"{field}: {wanted}") from None


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Classify the codes in the file that the arguments name."""
    return document(classify(parse(read_json(arguments.file))))


set_up = file_argument
