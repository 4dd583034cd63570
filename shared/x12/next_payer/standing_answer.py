"""Which of several answers about one claim stands: the correction after a reversal, and one of several copies. Pure.

Source of the rule: 005010X221A1 section 1.10.2.8 (reversals and corrections) and X12 RFI 288: a reversal repeats the
earlier answer with the amounts negated, the correction that follows it has a status of its own.
"""

from collections.abc import Sequence

from shared.x12.next_payer.next_claim import Refusal
from shared.x12.remittance_835.remittance import RemittedClaim


def standing_answer(answers: Sequence[RemittedClaim]) -> RemittedClaim | Refusal:
    """The answer that counts among `answers` (at least one), all about the same claim, in the order they came."""
    reversals = [each for each in answers if each.reversal]
    left = list(dict.fromkeys(each for each in answers if not each.reversal))
    for reversal in reversals:
        reversed_answer = next((each for each in left if _takes_back(reversal, each)), None)
        if reversed_answer is not None:
            left.remove(reversed_answer)
    if not left:
        return Refusal("reversed_without_correction", "the payment was taken back and no correction came with it")
    if len(left) > 1:
        return Refusal("answered_more_than_once", "the remittance answers this claim more than once and differently")
    return left[0]


def _takes_back(reversal: RemittedClaim, answer: RemittedClaim) -> bool:
    """Whether `reversal` negates `answer`, charge and payment alike."""
    return (reversal.charge_cents, reversal.paid_cents) == (-answer.charge_cents, -answer.paid_cents)
