"""Refunds: what is told is done, once, and comes to an end; the books of each session add up."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from shared.events.payments import RefundFailed, RefundSucceeded
from shared.events.settlement import ChargeRequested, CostFinalized, RefundRequested
from tests.simulation.promises.promise import A_DAY, Broken, Case, Promise, each_session


@each_session
def _told_is_done(case: Case, session: int) -> Iterator[Broken]:
    asked = [(at, event.amount_cents) for at, event in case.said(session, RefundRequested)]
    told = [(at, event.refund_cents) for at, event in case.said(session, CostFinalized) if event.refund_cents > 0]
    told += [(at, letter.figures["refund"]) for at, letter in case.letters(session) if "refund" in letter.figures]
    by_hand = _sent_by_hand(case, session)
    for at, cents in told:
        near = [amount for when, amount in asked if abs(when - at) <= A_DAY]
        near += [rest + hand for when, hand in by_hand if abs(when - at) <= A_DAY for rest in (0, *near)]
        if cents not in near and at + A_DAY <= case.ends:
            yield Broken(at, session, f"a refund of {cents / 100:.2f} is told and not requested ({near or 'none'})")
    letters = [(at, letter.figures["refund"]) for at, letter in case.letters(session) if "refund" in letter.figures]
    for cents, times in Counter(cents for _, cents in letters).items():
        if times > sum(amount == cents for _, amount in asked) + len(by_hand):
            yield Broken(letters[-1][0], session, f"a refund of {cents / 100:.2f} is told {times} times")


@each_session
def _requested_is_told(case: Case, session: int) -> Iterator[Broken]:
    """The cost that a refund comes of is told with it, and a letter brings it to the client."""
    letters = [when for when, letter in case.letters(session) if "final" in letter.figures]
    for at, refund in case.said(session, RefundRequested):
        costs = [cost for when, cost in case.said(session, CostFinalized) if when == at and cost.refund_cents > 0]
        arrived = any(at <= when <= at + A_DAY for when in letters) or at + A_DAY >= case.ends
        if not costs:
            yield Broken(at, session, f"{refund.amount_cents / 100:.2f} goes back, and no word on the cost says so")
        elif not arrived and not case.undelivered(session, costs[-1].edition):
            yield Broken(at, session, f"{refund.amount_cents / 100:.2f} goes back, and no letter says so")


def _sent_by_hand(case: Case, session: int) -> list[tuple[datetime, int]]:
    """What is told of refunds that failed and that a person sends, where the payment system did refuse that much."""
    failed = [(at, event.amount_cents) for at, event in case.told(session, RefundFailed)]
    told = [(at, event.refund_by_hand_cents) for at, event in case.said(session, CostFinalized)]
    return [
        (at, cents)
        for at, cents in told
        if 0 < cents <= sum(amount for when, amount in failed if when <= at)
        and case.person(session, {"refund_failed"}, case.history.begins, at)
    ]


@each_session
def _requested_once_and_ended(case: Case, session: int) -> Iterator[Broken]:
    keys: Counter[str] = Counter()
    for at, refund in case.said(session, RefundRequested):
        keys[refund.idempotency_key] += 1
        if keys[refund.idempotency_key] > 1:
            yield Broken(at, session, f"the refund {refund.idempotency_key} is requested twice")
        answers = [
            (when, event)
            for when, event in case.told(session, RefundSucceeded, RefundFailed)
            if event.idempotency_key == refund.idempotency_key
        ]
        if not answers or isinstance(answers[-1][1], RefundSucceeded):
            continue
        failed_at = answers[-1][0]
        told = case.person(session, {"refund_failed", "refund_taken_back"}, failed_at, failed_at + A_DAY)
        # Where the payment has bounced before, nothing of the client's is kept that could go back.
        kept = case.paid_cents(session, failed_at) - case.given_back_cents(session, failed_at)
        if kept > 0 and failed_at + A_DAY < case.ends and not told:
            yield Broken(failed_at, session, "a refund failed, and nobody was told")


@each_session
def _never_more_than_paid(case: Case, session: int) -> Iterator[Broken]:
    kept = 0
    moves = [(at, event.amount_cents) for at, event in case.said(session, ChargeRequested)]
    moves += [(at, -event.amount_cents) for at, event in case.told(session, RefundSucceeded)]
    for at, cents in sorted(moves, key=lambda move: move[0]):  # of one moment the charge comes first
        kept += cents
        if kept < 0:
            yield Broken(at, session, f"{-kept / 100:.2f} more went back than was ever charged")


@each_session
def _books(case: Case, session: int) -> Iterator[Broken]:
    costs = case.said(session, CostFinalized)
    if not costs:
        return
    at, cost = costs[-1]
    kept = case.paid_cents(session, case.ends) - case.given_back_cents(session, case.ends)
    owed = cost.final_cost_cents - cost.forgiven_cents - kept
    if owed and not _explained(case, session, owed, at):
        yield Broken(
            at, session, f"cost {cost.final_cost_cents}, kept {kept}, forgiven {cost.forgiven_cents}: off {owed}"
        )


_MONEY_WITH_A_PERSON = {
    "balance_unpaid",
    "balance_not_announced",
    "refund_failed",
    "charge_disputed",
    "refunded_more_than_paid",
}


def _failed_refunds(case: Case, session: int) -> list[RefundFailed]:
    last = {event.idempotency_key: event for _, event in case.told(session, RefundSucceeded, RefundFailed)}
    return [event for event in last.values() if isinstance(event, RefundFailed)]


def _explained(case: Case, session: int, owed: int, at: datetime) -> bool:
    """Whether what is off waits for a person, or for the day that a letter names."""
    if case.person(session, _MONEY_WITH_A_PERSON, at) or (owed < 0 and _failed_refunds(case, session)):
        return True
    days = [letter.charge_on for _, letter in case.letters(session) if letter.charge_on]
    return bool(days) and days[-1] >= case.ends.date()


@each_session
def _told_is_booked(case: Case, session: int) -> Iterator[Broken]:
    """What is told of a cost is what the books of that moment hold, and it adds up; in the letter, too."""
    for at, cost in case.said(session, CostFinalized):
        held = case.kept_of_late(session, at)
        if cost.paid_cents not in held:
            yield Broken(at, session, f"{cost.paid_cents} is told as paid, the books hold {sorted(held)}")
        if cost.refund_cents != (cost.paid_cents or 0) - cost.final_cost_cents:
            yield Broken(at, session, f"{cost.paid_cents} less {cost.final_cost_cents} is told as {cost.refund_cents}")
    for at, letter in case.letters(session):
        figures = letter.figures
        if "paid" in figures and "final" in figures:
            over = figures["paid"] - figures["final"]
            told = {name: figures[name] for name in ("refund", "balance") if name in figures}
            if told not in ({}, {"refund": over}, {"balance": -over}):
                yield Broken(at, session, f"a letter does not add up: {letter}")


PROMISES = (
    Promise("told_is_done", "Every refund that a letter or event tells is requested within a day.", _told_is_done),
    Promise(
        "refund_ends", "Every refund is requested once, and is made or left to a person.", _requested_once_and_ended
    ),
    Promise("never_more_than_paid", "No more goes back than was charged.", _never_more_than_paid),
    Promise("requested_is_told", "Every refund that is requested is told.", _requested_is_told),
    Promise("told_is_booked", "What is told of a cost is what the books hold, and it adds up.", _told_is_booked),
    Promise("books", "Paid - refunds requested + owed + forgiven = final cost.", _books),
)
