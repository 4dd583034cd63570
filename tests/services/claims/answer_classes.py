"""What a payer's answer is taken for, in short: `answer_class(carc("22", "N598"))`."""

from services.claims.codes.classification import classify
from services.claims.codes.payer_answer import Adjustment, PayerAnswer
from services.claims.codes.payer_codes import AnswerClass

CALL, OTHER, FIX, REVIEW = (
    AnswerClass.CLIENT_MUST_CALL,
    AnswerClass.OTHER_PLAN_FIRST,
    AnswerClass.FIX_AND_RESEND,
    AnswerClass.REVIEW,
)
FORWARDED, ORDINARY = AnswerClass.FORWARDED, AnswerClass.ORDINARY


def carc(reason: str, *remarks: str, group: str = "CO") -> Adjustment:
    """A line adjusted for this reason, with remarks on the line."""
    return Adjustment(group, reason, remarks)


def answer_class(*adjustments: Adjustment, **facts: object) -> AnswerClass:
    """The class of an answer of A, which was billed as the first of two."""
    known = {"our_order": ("A", "B"), "billed": "A", **facts}
    return classify(PayerAnswer(adjustments=adjustments, **known)).answer  # type: ignore[arg-type]
