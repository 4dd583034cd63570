"""What the adjustments and remarks of a remittance say: CAS groups and reasons (CARC), LQ and MOA remarks (RARC)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.claims.codes import code_meaning, payer_codes
from services.claims.codes.code_meaning import Signal, review
from services.claims.codes.payer_answer import Adjustment, PayerAnswer
from services.claims.codes.payer_codes import AnswerClass, Code, Reads, adjustment_code
from services.claims.codes.who_must_act import Place


def adjustment_signals(answer: PayerAnswer) -> Iterable[Signal]:
    """What the adjustments and remarks of an 835 say, one signal for each code."""
    if _is_reversal(answer):
        answer = _without_what_is_taken_back(answer)
    for adjustment in answer.adjustments:
        yield from _group(adjustment)
        yield from _reason(adjustment, answer)
        yield from (_remark(remark, _reasons(adjustment), answer) for remark in adjustment.remarks)
    yield from (_remark(remark, answer.every_reason, answer) for remark in answer.remarks)


def _is_reversal(answer: PayerAnswer) -> bool:
    return payer_codes.table()["claim_status"].get(answer.claim_status or "", {}).get("reversal", False)


def _without_what_is_taken_back(answer: PayerAnswer) -> PayerAnswer:
    """A reversal repeats the codes it takes back: only its own reason, and what nobody can read, counts."""

    def counts(code: Code | None) -> bool:
        return code is None or code.reads is Reads.TAKEBACK

    def remaining(remarks: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(remark for remark in remarks if counts(adjustment_code("rarc", remark)))

    def reason(adjustment: Adjustment) -> str | None:
        return adjustment.reason if counts(adjustment_code("carc", adjustment.reason or "")) else None

    kept = tuple(
        Adjustment(adjustment.group, reason(adjustment), remaining(adjustment.remarks))
        for adjustment in answer.adjustments
    )
    said = tuple(adjustment for adjustment in kept if adjustment.reason or adjustment.remarks)
    return replace(answer, adjustments=said, remarks=remaining(answer.remarks))


def _reasons(adjustment: Adjustment) -> list[str]:
    return [adjustment.reason] if adjustment.reason else []


def _group(adjustment: Adjustment) -> Iterable[Signal]:
    if adjustment.group is not None and adjustment.group not in payer_codes.GROUPS:
        yield review(f"the group {adjustment.group} is unknown")
    elif adjustment.group is not None and not adjustment.reason and not adjustment.remarks:
        yield review(f"the group {adjustment.group} comes without a reason")


def _reason(adjustment: Adjustment, answer: PayerAnswer) -> Iterable[Signal]:
    if adjustment.reason is None:
        return
    code = adjustment_code("carc", adjustment.reason)
    match code:
        case None:
            yield review(payer_codes.not_sorted("carc", adjustment.reason))
        case Code(reads=Reads.ORDER):
            yield _care_covered_elsewhere(code, adjustment, answer)
        case Code(reads=Reads.NEEDS_REMARK):
            yield _told_by_its_remark(code, adjustment, answer)
        case _:
            yield code_meaning.read(code, answer)


def _told_by_its_remark(code: Code, adjustment: Adjustment, answer: PayerAnswer) -> Signal:
    """CARC 16 and its like mean what their remark means: their own remark, else any other of the same claim."""
    silent = (Reads.INFORMATIONAL, Reads.CROSSOVER, Reads.NOT_CROSSOVER)
    remarks = _known((*adjustment.remarks, *answer.every_remark))
    telling = next((remark for remark in remarks if remark.reads not in silent), None)
    if telling is None:
        return review(f"{code.name} says nothing without a remark that explains it")
    return _explained(code, telling, answer)


def _known(remarks: Iterable[str]) -> list[Code]:
    codes = (adjustment_code("rarc", remark) for remark in remarks)
    return [code for code in codes if code is not None]


def _explained(code: Code, remark: Code, answer: PayerAnswer) -> Signal:
    return replace(code_meaning.read(remark, answer), why=f"{code.name} is explained by {remark.name}")


def _care_covered_elsewhere(code: Code, adjustment: Adjustment, answer: PayerAnswer) -> Signal:
    """CARC 22 alone does not say who must act: its remark and our own record do."""
    remarks = (*adjustment.remarks, *answer.remarks)
    known = _known(remarks)
    for remark in known:
        if remark.reads in (Reads.ACTOR, Reads.LIABILITY):
            return _explained(code, remark, answer)
    if len(known) < len(remarks):
        return review(f"{code.name} comes with a remark that is not sorted")
    missing_data = next((remark for remark in known if _names_a_fix(remark)), None)
    if missing_data is not None and not _nothing_to_resend(answer):
        return _explained(code, missing_data, answer)
    return code_meaning.read(code, answer)


def _names_a_fix(remark: Code) -> bool:
    """Whether the remark says by itself what we can put right; MA130 leaves that to the code it comes with."""
    return remark.answer is AnswerClass.FIX_AND_RESEND and remark.fix != "named_elsewhere"


def _nothing_to_resend(answer: PayerAnswer) -> bool:
    """The primary's data is no answer where we know of no other plan, or the other payer is not primary either."""
    other = code_meaning.other_says_first(answer)
    return other is False or (other is None and code_meaning.place(answer) is Place.ALONE)


def _remark(remark: str, reasons: Sequence[str], answer: PayerAnswer) -> Signal:
    code = adjustment_code("rarc", remark)
    if code is None:
        return review(payer_codes.not_sorted("rarc", remark))
    if code.reads is Reads.ALERT and reasons and all(_is_ordinary(reason) for reason in reasons):
        return Signal(AnswerClass.ORDINARY, f"{code.name}: {code.meaning}; an alert, not a denial", settles=True)
    return code_meaning.read(code, answer)


def _is_ordinary(reason: str) -> bool:
    code = adjustment_code("carc", reason)
    return code is not None and code.answer is AnswerClass.ORDINARY
