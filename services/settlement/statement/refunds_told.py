"""The money that went back to the client, and what is on its way, in words. Pure."""

from services.settlement.answers.payment_answer import Moved, PaymentAnswer
from services.settlement.answers.session_facts import SessionFacts
from services.settlement.statement.page_words import day, money, words
from shared.events.types import Language


def gone_cents(facts: SessionFacts) -> int:
    """What the payment system has given back."""
    return sum(facts.payment_answers[key].kept_cents for key in facts.refunds if _went_through(facts, key))


def refunds_told(facts: SessionFacts, credited_cents: int, language: Language) -> list[str]:
    """A sentence for each refund that went through, with its day, and one for what of `credited_cents` has not yet."""
    t = words(language)
    answers = [facts.payment_answers[key] for key in facts.refunds if _went_through(facts, key)]
    told = [_went_back(answer, language) for answer in answers]
    coming = credited_cents - gone_cents(facts)
    if coming > 0:
        waits_for_person = facts.failed_refunds and not facts.refund_pending
        told.append(t["back_failed" if waits_for_person else "back_coming"].format(back=money(coming, language)))
    return told


def _went_back(answer: PaymentAnswer, language: Language) -> str:
    t, back = words(language), money(answer.kept_cents, language)
    if answer.at is None:
        return t["back_gone_undated"].format(back=back)
    return t["back_gone"].format(back=back, day=day(answer.at.date(), language))


def _went_through(facts: SessionFacts, key: str) -> bool:
    answer = facts.payment_answers.get(key)
    return answer is not None and answer.moved is Moved.SUCCEEDED
