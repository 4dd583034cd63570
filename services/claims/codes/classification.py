"""What a payer's answer means: one class, the reason in a sentence, and whether only the client can settle it.

Pure and driven by the code tables (`status_codes.toml`, `shared/codes`). An 835 speaks by CAS groups and reasons
(CARC), remarks (RARC) and CLP02; a 277CA or 277 by STC01-1 to -3 (005010X221A1, 005010X214, 005010X212). Where several
codes speak the gravest wins.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from services.claims.codes import code_meaning, payer_codes, who_must_act
from services.claims.codes.adjustment_meaning import adjustment_signals
from services.claims.codes.code_meaning import Signal, review
from services.claims.codes.payer_answer import CodeSaid, PayerAnswer, codes_said, normalized
from services.claims.codes.payer_codes import AnswerClass, Reads, adjustment_code
from services.claims.codes.who_must_act import Place

GRAVITY = (
    AnswerClass.CLIENT_MUST_CALL,
    AnswerClass.OTHER_PLAN_FIRST,
    AnswerClass.REVIEW,
    AnswerClass.FIX_AND_RESEND,
    AnswerClass.DUPLICATE,
    AnswerClass.NOT_COVERED,
    AnswerClass.TOO_LATE,
    AnswerClass.FORWARDED,
    AnswerClass.ORDINARY,
)
"""Gravest first. What only the client can settle, then a wrong order, because every claim hangs on them; then what
nobody can read, so that nothing is resent or written off by machine beside an unread code."""


@dataclass(frozen=True)
class Classification:
    """The class of an answer.

    `settles`: the answer decides on benefits, so that its figures may settle the client's cost.
    `this_payer_says`: primary or not_primary, where the answer states another level than the one we billed.
    """

    answer: AnswerClass
    why: str
    codes: tuple[CodeSaid, ...]
    contradictions: tuple[str, ...]
    settles: bool
    this_payer_says: str | None

    @property
    def pause(self) -> bool:
        """Whether the account is paused: exactly when only the client can settle it."""
        return self.answer is AnswerClass.CLIENT_MUST_CALL


@lru_cache(maxsize=8192)
def classify(answer: PayerAnswer) -> Classification:
    """The class of `answer`; never raises, whatever the codes: what nobody knows is for a person (`review`)."""
    said = normalized(answer)
    signals = [*_signals(said)] or [review("the answer names no code")]
    gravest = min(signals, key=lambda signal: GRAVITY.index(signal.answer))
    return Classification(
        answer=gravest.answer,
        why=_sentence(gravest, signals),
        codes=codes_said(said),
        contradictions=tuple(dict.fromkeys(signal.contradiction for signal in signals if signal.contradiction)),
        settles=all(signal.settles for signal in signals),
        this_payer_says=next((signal.payer_says for signal in signals if signal.payer_says), None),
    )


def _sentence(gravest: Signal, signals: Sequence[Signal]) -> str:
    same = dict.fromkeys(signal.why for signal in signals if signal.answer is gravest.answer)
    others = dict.fromkeys(signal.answer.value for signal in signals if signal.answer is not gravest.answer)
    return "; ".join(same) + (f" (graver than {', '.join(others)})" if others else "") + "."


def _signals(answer: PayerAnswer) -> Iterable[Signal]:
    adjudicated = [*adjustment_signals(answer)]
    yield from adjudicated
    yield from _claim_status(answer, adjudicated)
    yield from _acknowledgment(answer)
    if code_meaning.forwards(answer) and code_meaning.has(answer, Reads.NOT_CROSSOVER):
        both = "some codes say that the claim was forwarded, others that it was not"
        yield review(both, both)
    if answer.other_payer_says is not None and answer.other_payer_says not in who_must_act.ROLES:
        yield review(f"the other payer's role {answer.other_payer_says} is unknown")


# The 835: CLP02, and the level at which the payer says it processed the claim


def _claim_status(answer: PayerAnswer, adjudicated: Sequence[Signal]) -> Iterable[Signal]:
    if answer.claim_status is None:
        return
    name = f"claim status {answer.claim_status}"
    match payer_codes.table()["claim_status"].get(answer.claim_status):
        case None:
            yield review(f"{name} is not in our table")
        case {"reversal": True}:
            yield Signal(AnswerClass.ORDINARY, f"{name}: a payment is taken back; what counts is the correction")
        case {"unposted": True, "meaning": meaning}:
            yield review(f"{name}: {meaning}")
        case {"denied": True}:
            if not _says_why_denied(answer, adjudicated):
                yield review(f"{name}: denied, and no code says why", "denied without a reason")
        case row:
            if row.get("forwarded", False):
                yield Signal(AnswerClass.FORWARDED, f"{name}: {row['meaning']}", settles="level" in row)
            if all(signal.answer in (AnswerClass.ORDINARY, AnswerClass.FORWARDED) for signal in adjudicated):
                yield from _level(name, row.get("level"), row["meaning"], answer)


def _says_why_denied(answer: PayerAnswer, adjudicated: Sequence[Signal]) -> bool:
    if any(signal.answer is not AnswerClass.ORDINARY for signal in adjudicated):
        return True
    reasons = (adjustment_code("carc", reason) for reason in answer.every_reason)
    remarks = (adjustment_code("rarc", remark) for remark in answer.every_remark)
    return any(code is not None and code.denies for code in (*reasons, *remarks))


def _level(name: str, level: int | None, meaning: str, answer: PayerAnswer) -> Iterable[Signal]:
    """A claim processed at another level than we billed says something about the order; a denial's level does not."""
    if level is None:
        return
    order, said = answer.our_order or (), f"{name}: {meaning}"
    billed_as = 1 if code_meaning.place(answer) is Place.ALONE else None
    if billed_as is None and answer.billed is not None and order:
        if answer.billed not in order:
            yield review(f"{said}, and our order leaves this plan out", "the payer contradicts our order")
            return
        billed_as = order.index(answer.billed) + 1
    in_a_later_place = answer.passed_on and level > 1 and billed_as != 1
    if billed_as in (None, level) or in_a_later_place:
        yield Signal(AnswerClass.ORDINARY, said, settles=True)
    elif level == 1:
        verdict = who_must_act.says_first(code_meaning.other_says_first(answer))
        yield Signal(verdict.answer, f"{said}, and {verdict.because}", verdict.contradiction, payer_says="primary")
    elif billed_as == 1:
        verdict = code_meaning.not_first(answer)
        yield Signal(verdict.answer, f"{said}, and {verdict.because}", verdict.contradiction, payer_says="not_primary")
    else:
        yield review(f"{said}, billed in place {billed_as}", "the payer contradicts our order")


# The 277CA and 277: category, status, entity


def _acknowledgment(answer: PayerAnswer) -> Iterable[Signal]:
    status = _status(answer)
    harmless = status is None or status.answer in (AnswerClass.ORDINARY, AnswerClass.FORWARDED)
    refuses = not harmless and status is not None and status.answer is not AnswerClass.REVIEW
    category = _category(answer.category, explained=not harmless, refuses=refuses)
    yield from (signal for signal in (category,) if signal is not None)
    if status is not None and (category is None or category.contradiction is None):
        yield replace(status, settles=False)


def _category(category: str | None, *, explained: bool, refuses: bool) -> Signal | None:
    """What the category says. `explained`: the status says why it may refuse; `refuses`: the status does refuse.

    A category that accepts beside a status that refuses is a contradiction, and neither is then believed.
    """
    if category is None:
        return None
    row = payer_codes.table()["category"].get(category)
    if row is None:
        return review(f"category {category} is not in our table")
    said = f"category {category}: {row['meaning']}"
    match row["kind"]:
        case "crossover":
            return Signal(AnswerClass.FORWARDED, said)
        case "refused" if not explained:
            return review(f"{said}, and no status says why")
        case "accepted" if refuses:
            return review(f"{said}, although its status refuses", "category and status contradict each other")
        case _:
            return Signal(AnswerClass.ORDINARY, said)


def _status(answer: PayerAnswer) -> Signal | None:
    if answer.status is None:
        return None
    code = adjustment_code("status", answer.status)
    if code is None:
        return review(payer_codes.not_sorted("status", answer.status))
    return code_meaning.read(code, answer)
