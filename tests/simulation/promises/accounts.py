"""Pauses, payouts, letters, and what waits."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from operator import itemgetter

from shared.events.claims import ClaimsReviewRequested
from shared.events.clients import ClientChanged, CoordinationConfirmed
from shared.events.coverage import AccountPaused, AccountUnpaused, ConfirmationReceived, SessionCleared
from shared.events.notification import LetterBounced, LetterFailed, LetterSkipped, NotificationReviewRequested
from shared.events.sessions import SessionCompleted
from shared.events.settlement import CostFinalized, CostOverdue, PayoutCancelled, PayoutPaid, PayoutScheduled
from tests.simulation.history import Remitted
from tests.simulation.payers.reports import OF_THE_ORDER
from tests.simulation.promises.promise import (
    A_DAY,
    A_MINUTE,
    NO_LETTERS,
    OF_THE_MAILBOX,
    Broken,
    Case,
    Promise,
    each_session,
)
from tests.simulation.reporting import NOBODY_TO_CALL
from tests.simulation.wording import Letter

_OUT_WITHIN = timedelta(days=45)
_LATE = timedelta(days=120)
_PLACES = {"1": 0, "19": 0, "2": 1, "20": 1, "3": 2, "21": 2}
_OF_ANOTHER_PLACE = ("other_first", "other_second")
_OF_A_PAUSE = ("Action needed: your insurance information", "Your account is open again")
_SAY_THAT_IT_WAITS = ("coordination-issue", "coordination-reminder", "coordination-still-open")
_ABOUT_PAY = {"rate_differs", "payout_differs", "rate_missing", "completed_on_another_day", "amount_too_large"}


def _paused_by_payers(case: Case) -> Iterator[Broken]:
    """By the payer's own word: the client must call, another plan is first, or it has paid in another place."""
    for at, pause in case.said(None, AccountPaused):
        for issue in pause.issues:
            payer = issue.payer_id[-1]
            answered = any(
                when <= at and remitted.payer == payer and _speaks_of_the_order(remitted)
                for when, remitted in case.history.remitted()
            )
            stated = any(
                when <= at and note.who == f"{payer} is asked" and note.words.endswith(_OF_ANOTHER_PLACE)
                for when, note in case.history.others()
            )
            refused = any(
                when <= at
                and note.who in (f"{payer} acknowledges", f"{payer} answers")
                and note.words.endswith(OF_THE_ORDER)
                for when, note in case.history.others()
            )
            if not answered and not stated and not refused:
                yield Broken(at, None, f"the account is paused over {payer}, which has said nothing of the kind")


def _speaks_of_the_order(remitted: Remitted) -> bool:
    denied = "22" in {a.reason for a in remitted.claim.all_adjustments}
    return denied or remitted.level != _PLACES.get(remitted.claim.status, remitted.level)


def _way_out(case: Case) -> Iterator[Broken]:
    """Once the client has called every payer that the pause names, it ends, or a person is told of one of them."""
    outs = [at for at, _ in case.said(None, AccountUnpaused)]
    calls = _calls(case)
    pauses = case.said(None, AccountPaused)
    first_named: dict[tuple[str, str], datetime] = {}
    for at, pause in pauses:
        payers = {issue.payer_id for issue in pause.issues}
        since = {payer: first_named.setdefault((pause.pause_id, payer), at) for payer in payers}
        called = {
            payer: [when for when, word in calls if word.payer_id == payer and when >= since[payer]] for payer in payers
        }
        if not all(called.values()):
            continue
        last = max(at, *(whens[0] for whens in called.values()))
        until = last + _OUT_WITHIN
        if any(at < when <= until and {issue.payer_id for issue in later.issues} - payers for when, later in pauses):
            continue  # it names another payer by then
        ended = any(at <= out <= until for out in outs)
        if until < case.ends and not ended and not case.person_about_payers(payers, last, until):
            yield Broken(at, None, "the client has called whom the pause names, and it neither ends nor is looked at")
    for at, note in case.history.others():
        if note.words.endswith(NOBODY_TO_CALL) and (payers := _still_to_call(case, calls, at)):
            yield Broken(at, None, f"the page of a letter names nobody to call, and the account waits for {payers}")


def _calls(case: Case) -> list[tuple[datetime, CoordinationConfirmed | ConfirmationReceived]]:
    """What the client has reported of calls, in time; a reference that is given again tells of no other call."""
    words = [*case.history.told(CoordinationConfirmed), *case.history.said(ConfirmationReceived)]
    calls = sorted(((at, word) for at, word in words if word.reference_number), key=itemgetter(0))
    first: dict[tuple[str, str | None], datetime] = {}
    return [(at, word) for at, word in calls if first.setdefault((word.payer_id, word.reference_number), at) == at]


def _still_to_call(
    case: Case, calls: Sequence[tuple[datetime, CoordinationConfirmed | ConfirmationReceived]], at: datetime
) -> list[str]:
    """The payers that the client has yet to call in the pause that is open."""
    words = [(when, event) for when, event in case.said(None, AccountPaused, AccountUnpaused) if when < at]
    if not words or not isinstance(words[-1][1], AccountPaused):
        return []
    since = words[-1][0]
    for when, event in reversed(words):
        if isinstance(event, AccountUnpaused):
            break
        since = when
    called = {word.payer_id for when, word in calls if since <= when <= at}
    return [issue.payer_id[-1] for issue in words[-1][1].issues if issue.payer_id not in called]


@each_session
def _provider_paid_once(case: Case, session: int) -> Iterator[Broken]:
    paid = case.said(session, PayoutPaid)
    completed, cancelled = case.told(session, SessionCompleted), case.cancelled_at(session)
    for nth, (at, event) in enumerate(paid):
        told = _last_told_of_payment(case, session, event.idempotency_key, at)
        as_told = isinstance(told, PayoutScheduled) and (told.amount_cents, told.pay_on)
        if (event.amount_cents, event.paid_on) != as_told:
            yield Broken(at, session, f"the provider is paid {event.amount_cents} on {event.paid_on}, told was {told}")
        if any(before.idempotency_key == event.idempotency_key for _, before in paid[:nth]):
            yield Broken(at, session, f"the payment {event.idempotency_key} is made twice")
        if not any(when <= at for when, _ in completed) or (cancelled is not None and cancelled + A_DAY < at):
            yield Broken(at, session, "the provider is paid for a session that did not take place")
    if not case.completed(session) or session + 60 > (case.ends - case.history.begins).days:
        return
    total, rates = sum(event.amount_cents for _, event in paid), _rates_paid(case, session, paid)
    if rates and total not in rates and not case.person(session, _ABOUT_PAY, case.history.begins):
        yield Broken(case.ends, session, f"the provider got {total}, the rate is one of {sorted(rates)}")
    if len(paid) > 1 and len(rates) < 2:
        yield Broken(paid[1][0], session, f"the provider is paid {len(paid)} times at one rate")


def _last_told_of_payment(
    case: Case, session: int, key: str | None, at: datetime
) -> PayoutScheduled | PayoutCancelled | None:
    """What was last said of one payment: after a first one, what more was done is paid by a payment of its own."""
    told = case.said(session, PayoutScheduled, PayoutCancelled)
    return next((said for when, said in reversed(told) if when <= at and said.idempotency_key == key), None)


def _rates_paid(case: Case, session: int, paid: Sequence[tuple[datetime, PayoutPaid]]) -> set[int]:
    """The primary's rate by the last decision; where a decision was paid out before, it stands, and only rises.

    Of several decisions of one moment any may be the one that was paid out.
    """
    rates = case.rates(session)
    for at, _ in paid:
        before = [decision for when, decision in case.decisions(session) if when < at]
        of_the_moment = [decision for when, decision in case.decisions(session) if when == at]
        for decision in (*before[-1:], *of_the_moment):
            if isinstance(decision, SessionCleared):
                rates |= case.rates_of(decision)
    return rates


@each_session
def _nothing_waits(case: Case, session: int) -> Iterator[Broken]:
    """A session that took place ends with a cost that the client knows, or with a person who knows that it is open."""
    decisions = case.decisions(session)
    at = decisions[-1][0] if decisions else case.history.begins
    if not case.completed(session) or at + _LATE > case.ends:
        return
    ended = case.said(session, CostFinalized, CostOverdue)
    refused = bool(decisions) and not isinstance(decisions[-1][1], SessionCleared)
    if not ended and not refused and not case.person_about_cost(session, case.history.begins):
        yield Broken(case.ends, session, "the session has neither a cost nor a person who knows of it")


def _nothing_set_aside(case: Case) -> Iterator[Broken]:
    for at, note in case.history.others():
        if note.who.endswith("sets aside"):
            yield Broken(at, None, f"{note.who} {note.words}")


@each_session
def _withheld_is_seen(case: Case, session: int) -> Iterator[Broken]:
    """Money that a payer keeps back for a decision of ours without taking that back reaches a person."""
    numbers = {remitted.claim.payer_claim_id for _, remitted in case.remitted(session)}
    for at, note in case.history.others():
        if note.who.endswith("withholds") and note.words in numbers:
            until = at + timedelta(days=2)
            told = [when for when, _ in case.said(session, ClaimsReviewRequested) if at <= when <= until]
            if until < case.ends and not told:
                yield Broken(at, session, f"{note.who} the money of {note.words}, and nobody is told")


def _letters_arrive(case: Case) -> Iterator[Broken]:
    """None fails for a fault of ours; none is kept back from a mailbox that has not sent one back."""
    told = [when for when, _ in case.said(None, NotificationReviewRequested)]
    lost = {(when, lost.how) for when, lost in case.history.lost()}
    for at, event in case.said(None, LetterFailed):
        if event.reason.endswith("_unknown") and any(abs(when - at) <= A_DAY for when in told):
            continue
        if (at, "refuses") not in lost:
            yield Broken(at, None, f"the letter {event.letter} fails: {event.reason}")
    moved = [when for when, _ in case.history.told(ClientChanged)]
    for at, event in case.said(None, LetterSkipped):
        if event.reason in NO_LETTERS and not case.gets_no_letters(event.reason, at):
            yield Broken(at, None, f"the letter {event.letter} is not sent ({event.reason}), and that is not so")
        since = max((when for when in moved if when <= at - A_DAY), default=case.history.begins)
        returned = any(since - A_DAY <= when <= at and how == "returns" for when, how in lost)
        if event.reason in OF_THE_MAILBOX and not returned:
            yield Broken(at, None, f"the letter {event.letter} is not sent ({event.reason}), and none came back")


def _pauses_reach_a_person(case: Case) -> Iterator[Broken]:
    """An account waits, and the only one who can help does not know: a person sees to it."""
    told = [(at, event.letter_id) for at, event in case.said(None, NotificationReviewRequested)]
    for at, event in case.said(None, LetterFailed, LetterBounced, LetterSkipped):
        if event.letter not in _SAY_THAT_IT_WAITS or event.reason not in OF_THE_MAILBOX | NO_LETTERS:
            continue
        if (at, event.letter_id) not in told:
            yield Broken(at, None, f"the letter {event.letter} does not arrive ({event.reason}), and nobody is told")


@each_session
def _letters_agree(case: Case, session: int) -> Iterator[Broken]:
    """No fact twice, and none that another letter of the same minute contradicts; the last one is still true."""
    letters = [(at, letter) for at, letter in case.letters(session) if "final" in letter.figures]
    for (at, before), (then, letter) in itertools.pairwise(letters):
        if then - at < A_MINUTE and before.figures["final"] != letter.figures["final"]:
            yield Broken(then, session, f"two letters of one minute: final {before.figures} and {letter.figures}")
        elif _alike(before, letter) and not _lost_between(case, session, at, then):
            yield Broken(then, session, f"the letter {letter} comes twice")
    costs = [(at, event) for at, event in case.said(session, CostFinalized) if at + A_DAY <= case.ends]
    if not costs:
        return
    at, cost = costs[-1]
    if case.undelivered(session, cost.edition):
        return
    if not letters or letters[-1][1].figures["final"] != cost.final_cost_cents:
        last = letters[-1][1].figures["final"] if letters else "nothing"
        yield Broken(at, session, f"the cost is {cost.final_cost_cents}, the last letter says {last}")


def _alike(before: Letter, letter: Letter) -> bool:
    return (before.kind, before.figures, before.charge_on) == (letter.kind, letter.figures, letter.charge_on)


def _lost_between(case: Case, session: int, at: datetime, then: datetime) -> bool:
    """Whether the cost was another one between two letters, and that word did not arrive: the later one is news."""
    between = [cost for when, cost in case.said(session, CostFinalized) if at < when < then]
    return any(case.undelivered(session, cost.edition) for cost in between)


def _pauses_told_in_order(case: Case) -> Iterator[Broken]:
    """No letter of one minute says that the account waits, and another that it is open again: unless the client has
    reported in that minute.
    """
    reports = [at for at, _ in case.history.said(ConfirmationReceived)]
    kinds = [(at, letter.kind) for at, letter in case.history.letters() if letter.kind in _OF_A_PAUSE]
    for (at, before), (then, kind) in itertools.pairwise(kinds):
        reported = any(at - A_MINUTE <= when <= then for when in reports)
        if then - at < A_MINUTE and before != kind and not reported:
            yield Broken(then, None, f"two letters of one minute: {before!r} and {kind!r}")


@each_session
def _letters_tell_the_books(case: Case, session: int) -> Iterator[Broken]:
    """What a letter says was paid is what the books of that moment hold, net of what was given back before."""
    for at, letter in case.letters(session):
        if "final" not in letter.figures or "paid" not in letter.figures:
            continue
        told = letter.figures["paid"]
        own = letter.figures.get("refund", 0)
        held = case.kept_of_late(session, at)
        if told not in held and told - own not in held:
            yield Broken(at, session, f"a letter says {told / 100:.2f} paid, the books hold {sorted(held)}")


PROMISES = (
    Promise("paused_by_payers", "An account is paused only because of what a payer said.", _paused_by_payers),
    Promise("way_out", "Every pause has a way out that the client can walk.", _way_out),
    Promise("provider_paid", "The provider is paid once, the primary's rate, on the day said.", _provider_paid_once),
    Promise("nothing_waits", "Nothing waits without an end, or a person who knows.", _nothing_waits),
    Promise("nothing_set_aside", "No message of a world is set aside.", _nothing_set_aside),
    Promise("withheld_is_seen", "Money that a payer keeps back reaches a person.", _withheld_is_seen),
    Promise("letters_arrive", "No letter fails for want of a fact.", _letters_arrive),
    Promise("pauses_reach_a_person", "A pause that no letter can tell is put before a person.", _pauses_reach_a_person),
    Promise("letters_agree", "Each fact is told once; no letter contradicts one of its minute.", _letters_agree),
    Promise("pauses_told", "No letter about a pause contradicts one of its minute.", _pauses_told_in_order),
    Promise("letters_tell_the_books", "What a letter says was paid is what the books hold.", _letters_tell_the_books),
)
