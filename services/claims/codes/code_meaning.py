"""What one code of a payer says, given the rest of its answer and our own order of the plans."""

from dataclasses import dataclass
from typing import assert_never

from services.claims.codes import payer_codes, who_must_act
from services.claims.codes.payer_answer import PayerAnswer
from services.claims.codes.payer_codes import AnswerClass, Code, Reads
from services.claims.codes.who_must_act import Place, Verdict


@dataclass(frozen=True)
class Signal:
    """One thing that an answer says: the class it stands for and why.

    `settles`: it is a decision on benefits. `payer_says`: primary or not_primary, where the payer speaks of its role.
    """

    answer: AnswerClass
    why: str
    contradiction: str | None = None
    settles: bool = False
    payer_says: str | None = None


def review(why: str, contradiction: str | None = None) -> Signal:
    """A signal that a person must read, and why."""
    return Signal(AnswerClass.REVIEW, why, contradiction)


def read(code: Code, answer: PayerAnswer) -> Signal:
    """What `code` says within `answer`."""
    plain = _plain(code)
    match code.reads:
        case Reads.ORDER | Reads.ORDER_SOFTLY:
            return of_order(code, not_first(answer, softly=code.reads is Reads.ORDER_SOFTLY))
        case Reads.ROUTING:
            return _routed(code, answer, plain)
        case Reads.ENTITY:
            return _by_entity(answer, plain)
        case Reads.TRANSIT:
            # A clearinghouse forwards claims to the payer (A0, A1); only a finalized claim goes on to the next payer.
            inbound = (answer.category or "").startswith("A")
            return Signal(AnswerClass.ORDINARY, plain.why) if inbound else plain
        case (
            Reads.ALWAYS
            | Reads.NEEDS_REMARK
            | Reads.ACTOR
            | Reads.ALERT
            | Reads.INFORMATIONAL
            | Reads.CROSSOVER
            | Reads.NOT_CROSSOVER
            | Reads.LIABILITY
            | Reads.BENEFIT
            | Reads.TAKEBACK
        ):
            return plain
        case _:
            assert_never(code.reads)


def not_first(answer: PayerAnswer, softly: bool = False) -> Verdict:
    """The verdict on this payer saying that another plan is first; see `payer_order.says_not_first`."""
    return who_must_act.says_not_first(place(answer), other_says_first(answer), len(answer.our_order or ()), softly)


def of_order(code: Code, verdict: Verdict) -> Signal:
    """The signal of a `code` by which the payer says that it is not first."""
    why = f"{code.name}: {code.meaning}, and {verdict.because}"
    return Signal(verdict.answer, why, verdict.contradiction, payer_says="not_primary")


def place(answer: PayerAnswer) -> Place:
    """Where our order puts the plan that answers."""
    return who_must_act.place(answer.our_order, answer.billed)


def other_says_first(answer: PayerAnswer) -> bool | None:
    """Whether the other payer says that it is first; None when it says nothing (or a word that nobody knows)."""
    return who_must_act.ROLES.get(answer.other_payer_says or "")


def forwards(answer: PayerAnswer) -> bool:
    """Whether any code of the answer says that the claim was forwarded to the next payer."""
    claim_status = payer_codes.table()["claim_status"].get(answer.claim_status or "", {})
    category = payer_codes.table()["category"].get(answer.category or "", {})
    return claim_status.get("forwarded", False) or category.get("kind") == "crossover" or has(answer, Reads.CROSSOVER)


def has(answer: PayerAnswer, reads: Reads) -> bool:
    """Whether any reason or remark of the answer is read as `reads`."""
    reasons = (payer_codes.adjustment_code("carc", reason) for reason in answer.every_reason)
    remarks = (payer_codes.adjustment_code("rarc", remark) for remark in answer.every_remark)
    return any(code is not None and code.reads is reads for code in (*reasons, *remarks))


def _plain(code: Code) -> Signal:
    benefits = code.answer in (AnswerClass.ORDINARY, AnswerClass.FORWARDED) or code.reads is Reads.BENEFIT
    return Signal(code.answer, f"{code.name}: {code.meaning}", settles=benefits)


def _routed(code: Code, answer: PayerAnswer, plain: Signal) -> Signal:
    """A wrong address comes before a wrong order, unless the payer forwarded the claim or the order is known wrong."""
    if forwards(answer):
        return Signal(AnswerClass.FORWARDED, f"{plain.why}, and the payer has forwarded the claim")
    ours, other = place(answer), other_says_first(answer)
    if other is True and ours is not Place.LATER:
        return of_order(code, Verdict(AnswerClass.OTHER_PLAN_FIRST, "the other payer says that it is primary"))
    if code.name == "status 116" and ours is Place.LATER:
        return of_order(code, Verdict(AnswerClass.OTHER_PLAN_FIRST, "our order has another plan first"))
    return plain


def _by_entity(answer: PayerAnswer, plain: Signal) -> Signal:
    entity = payer_codes.table()["entity"].get(answer.entity or "")
    category = payer_codes.table()["category"].get(answer.category or "", {})
    if answer.entity is not None and entity is None:
        return review(f"{plain.why}, of the unknown entity {answer.entity}")
    if category.get("client", False) or (entity is not None and entity["client"]):
        whom = entity["meaning"] if entity is not None else "patient"
        return Signal(AnswerClass.CLIENT_MUST_CALL, f"{plain.why}, from the {whom}")
    return plain
