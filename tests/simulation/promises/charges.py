"""Charges: each is announced, and none takes what a payer may still pay."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from shared.events.answers_awaited import AnswersAwaited
from shared.events.claims import ClaimHeld, ClaimSubmitted, ClaimWrittenOff, SecondaryWithheld
from shared.events.coverage import ClearedPlan, SessionCleared
from shared.events.notification import LetterSkipped
from shared.events.payments import PaymentSucceeded
from shared.events.settlement import BalanceDue, ChargeRequested, CostFinalized
from tests.simulation.history import Filed, Said
from tests.simulation.promises.promise import (
    A_DAY,
    NO_LETTERS,
    OF_THE_MAILBOX,
    ON_DAY_90,
    Broken,
    Case,
    Promise,
    each_session,
)
from tests.simulation.wording import Letter

_ANNOUNCED_DAYS = timedelta(days=5)
_NOT_BY_ANSWERS = (*ON_DAY_90, "session_cancelled")
_PAID_WITHIN = timedelta(days=4)
"""How long the payment system may take to answer a charge; the cost is told when it has."""


@each_session
def _announced(case: Case, session: int) -> Iterator[Broken]:
    for at, charge in case.said(session, ChargeRequested):
        if charge.purpose == "estimate":
            yield from _told_of_estimate(case, session, charge)
            yield from _asked_after_the_cost_was_known(case, session, charge, at)
        elif not _told_before(case, session, charge, at):
            yield Broken(at, session, f"{_money(charge.amount_cents)} is charged, and no letter said so days before")


def _told_of_estimate(case: Case, session: int, charge: ChargeRequested) -> Iterator[Broken]:
    for at, paid in case.told(session, PaymentSucceeded):
        if paid.idempotency_key != charge.idempotency_key:
            continue
        letters = [
            letter
            for sent, letter in case.letters(session)
            if sent <= at + A_DAY and letter.figures.get("paid") in (paid.amount_cents, case.paid_cents(session, sent))
        ]
        if not letters and case.ends > at + A_DAY and not _no_mail(case, session, at, paid.amount_cents):
            yield Broken(at, session, f"the estimate of {_money(paid.amount_cents)} is paid, and no letter tells it")
        return


def _asked_after_the_cost_was_known(
    case: Case, session: int, charge: ChargeRequested, at: datetime
) -> Iterator[Broken]:
    """An estimate, and then at once the cost, by answers that are days old: what they left is a balance to announce.

    A cost of day 90 is known by the day alone, one of a claim given up by its filing limit, one of a cancelled visit at
    once.
    """
    for then, cost in [(when, cost) for when, cost in case.said(session, CostFinalized) if when >= at][:1]:
        answers = [when for when, _ in case.remitted(session) if when <= then]
        if (
            answers
            and max(answers) <= at - 2 * A_DAY
            and then <= at + _PAID_WITHIN
            and cost.reason not in _NOT_BY_ANSWERS
        ):
            yield Broken(
                at, session, f"{_money(charge.amount_cents)} is charged as an estimate of a cost that is known"
            )


def _no_mail(case: Case, session: int, at: datetime, paid_cents: int) -> bool:
    """Whether the letter about what was paid did not reach the client's mailbox, or was not sent there again."""
    lost = [when for when, lost in case.lost(session) if lost.letter.figures.get("paid") == paid_cents]
    skipped = [when for when, event in case.said(None, LetterSkipped) if event.reason in OF_THE_MAILBOX | NO_LETTERS]
    return any(abs(when - at) <= A_DAY for when in (*lost, *skipped))


def _told_before(case: Case, session: int, charge: ChargeRequested, at: datetime) -> bool:
    """Whether the last letter about money before the charge announced it, for that day."""
    letters = [(sent, letter) for sent, letter in _letters_before(case, session, charge) if letter.kind != "charged"]
    if _told_by_upstream(case, session, charge, at):
        return True
    if not letters:
        return False
    sent, letter = letters[-1]
    fits = letter.charge_on is not None and abs((letter.charge_on - at.date()).days) <= 1
    return fits and letter.figures.get("balance") == charge.amount_cents and at - sent >= _ANNOUNCED_DAYS


def _told_by_upstream(case: Case, session: int, charge: ChargeRequested, at: datetime) -> bool:
    """Whether the client gets no letters, and upstream, which tells them, knew the amount and the day days before."""
    due = [(when, event) for when, event in case.said(session, BalanceDue) if when <= at][-1:]
    return any(
        case.gets_no_letters("letters_off", when)
        and event.amount_cents == charge.amount_cents
        and event.charge_on is not None
        and abs((event.charge_on - at.date()).days) <= 1
        and at - when >= _ANNOUNCED_DAYS
        for when, event in due
    )


def _letters_before(case: Case, session: int, charge: ChargeRequested) -> list[tuple[datetime, Letter]]:
    """The letters that came before a charge, of one moment with it, too; what comes of it later can't announce it."""
    asked = next(n for n, e in enumerate(case.history.entries) if isinstance(e.thing, Said) and e.thing.event is charge)
    before = {id(entry.thing) for entry in case.history.entries[:asked]}
    return [(sent, letter) for sent, letter in case.letters(session) if id(letter) in before]


@each_session
def _nobody_may_still_pay(case: Case, session: int) -> Iterator[Broken]:
    for at, charge in case.said(session, ChargeRequested):
        if charge.purpose == "estimate":
            continue
        awaited = [
            *_unanswered(case, session, at),
            *_held(case, session, at),
            *_awaited(case, session, at),
            *_to_be_filed(case, session, at),
        ]
        for why in awaited[:1]:
            yield Broken(at, session, f"{_money(charge.amount_cents)} is charged while {why}")


def _unanswered(case: Case, session: int, at: datetime) -> Iterator[str]:
    """The payers that have a claim of ours and have not answered its last submission; a void of it ends the wait."""
    last: dict[str, tuple[datetime, Filed]] = {}
    for sent, filed in case.filed(session):
        if sent <= at - A_DAY or (sent <= at and filed.claim.frequency == "8"):
            last[filed.payer] = (sent, filed)
    for sent, filed in last.values():
        answered = any(
            sent <= when <= at and remitted.payer == filed.payer and not remitted.claim.reversal
            for when, remitted in case.remitted(session)
        )
        over = _given_up(case, session, filed.payer, sent, at) or _to_be_voided(case, session, filed, at)
        if not answered and filed.claim.frequency != "8" and not over:
            yield f"{filed.payer} has our claim {filed.claim.id} and has not answered"


def _given_up(case: Case, session: int, payer: str, since: datetime, at: datetime) -> bool:
    return any(
        since <= when <= at and event.plan_id == payer
        for when, event in case.said(session, ClaimWrittenOff, SecondaryWithheld)
    )


def _to_be_voided(case: Case, session: int, filed: Filed, at: datetime) -> bool:
    """Whether the plan pays no longer by the last decision, and its claim cannot be taken back yet.

    Its payer has given no number for it, or it is a fourth one, which a person was told to take back.
    """
    pays = any(plan.plan_id == filed.payer and plan.billable for plan in _decided_plans(case, session, at))
    numbered = any(
        when <= at and note.who == f"{filed.payer} acknowledges" and note.words.startswith(f"{filed.claim.id} ")
        for when, note in case.history.others()
    )
    return not pays and (not numbered or case.person(session, {"too_many_payers"}, case.history.begins, at))


def _decided_plans(case: Case, session: int, at: datetime) -> tuple[ClearedPlan, ...]:
    """The session's plans by coverage's last decision; none where that refused it."""
    decisions = [decision for when, decision in case.decisions(session) if when <= at]
    return decisions[-1].plans if decisions and isinstance(decisions[-1], SessionCleared) else ()


def _held(case: Case, session: int, at: datetime) -> Iterator[str]:
    """The plans whose claim is held, by the last that claims said of it, and that have not answered by another way.

    A claim to a plan that coverage's last decision no longer names is not to be sent: that decision says so.
    """
    last: dict[str, tuple[datetime, object]] = {}
    kinds = (ClaimHeld, ClaimSubmitted, ClaimWrittenOff, SecondaryWithheld)
    for when, event in case.said(session, *kinds):
        if when <= at:
            last[event.plan_id] = (when, event)
    answered = {remitted.payer for when, remitted in case.remitted(session) if when <= at}
    named = {plan.plan_id for plan in _decided_plans(case, session, at)} or set(last)
    for plan, (since, event) in last.items():
        if isinstance(event, ClaimHeld) and since <= at - A_DAY and plan in named - answered:
            yield f"the claim to {plan} is held ({event.reason})"


def _to_be_filed(case: Case, session: int, at: datetime) -> Iterator[str]:
    """The plans that can be billed for what the one before left to the client, and have neither claim nor answer."""
    decisions = [d for when, d in case.decisions(session) if when <= at - A_DAY and isinstance(d, SessionCleared)]
    billable = {plan.plan_id for plan in _decided_plans(case, session, at) if plan.billable}
    standing = case.standing(session, at)
    for before, plan in pairwise(decisions[-1].plans if decisions else ()):
        left = sum(remitted.claim.patient_responsibility_cents or 0 for remitted in standing[before.plan_id])
        known = any(filed.payer == plan.plan_id for when, filed in case.filed(session) if when <= at - A_DAY)
        answered = bool(standing[plan.plan_id])
        given_up = _given_up(case, session, plan.plan_id, case.history.begins, at + A_DAY)
        if plan.billable and plan.plan_id in billable and left and not known and not answered and not given_up:
            yield f"{plan.plan_id} can still be billed for {_money(left)}"


def _awaited(case: Case, session: int, at: datetime) -> Iterator[str]:
    """Whose answers claims says are still to come."""
    last = [event for when, event in case.said(session, AnswersAwaited) if when <= at - A_DAY][-1:]
    for event in last:
        yield from (f"{answer.plan_id} is awaited ({answer.why})" for answer in event.awaited)


@each_session
def _final_is_final(case: Case, session: int) -> Iterator[Broken]:
    for at, cost in case.said(session, CostFinalized):
        if cost.reason in ON_DAY_90 or case.cancelled_at(session) is not None:
            continue
        waits = [*_unanswered(case, session, at), *_held(case, session, at), *_to_be_filed(case, session, at)]
        for why in waits[:1]:
            yield Broken(at, session, f"the cost is called final while {why}")


def _money(cents: int) -> str:
    return f"{cents / 100:.2f}"


PROMISES = (
    Promise(
        "announced",
        "Every charge was announced in a letter that named its amount and day.",
        _announced,
    ),
    Promise(
        "nobody_may_still_pay",
        "No balance is charged while a payer is awaited that may pay part of it.",
        _nobody_may_still_pay,
    ),
    Promise("final_is_final", "A cost is called final only when every payer has answered.", _final_is_final),
)
