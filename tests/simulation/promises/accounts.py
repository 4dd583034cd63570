"""Pauses, payouts, letters, and what waits."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.events.clients import CoordinationConfirmed
from shared.events.coverage import AccountPaused, AccountUnpaused, SessionCleared
from shared.events.directory import RateAgreed
from shared.events.notification import LetterFailed, NotificationReviewRequested
from shared.events.sessions import SessionCompleted
from shared.events.settlement import CostFinalized, CostOverdue, PayoutPaid, PayoutScheduled
from tests.simulation.promises.promise import A_DAY, Broken, Case, Promise, each_session

_OUT_WITHIN = timedelta(days=45)
_LATE = timedelta(days=120)


def _paused_by_payers(case: Case) -> Iterator[Broken]:
    """A payer that the client must call has denied, has paid in another place, or has named another payer."""
    for at, pause in case.said(None, AccountPaused):
        for issue in pause.issues:
            payer = issue.payer_id[-1]
            denied = any(
                when <= at and remitted.payer == payer and remitted.claim.status != str(remitted.level + 1)
                for when, remitted in case.history.remitted()
            )
            stated = any(
                when <= at and note.who == f"{payer} is asked" and "other" in note.words
                for when, note in case.history.others()
            )
            if not denied and not stated:
                yield Broken(at, None, f"the account is paused over {payer}, which has said nothing of the kind")


def _way_out(case: Case) -> Iterator[Broken]:
    """Once the client has called every payer that the pause names, it ends, or a person looks at it."""
    pauses = case.said(None, AccountPaused)
    outs = [at for at, _ in case.said(None, AccountUnpaused)]
    for at, pause in pauses:
        calls: dict[str, object] = {
            event.payer_id: when
            for when, event in case.history.told(CoordinationConfirmed)
            if event.reference_number and when >= at
        }
        if any(issue.payer_id not in calls for issue in pause.issues):
            continue
        last = max(when for when, event in case.history.told(CoordinationConfirmed) if event.payer_id in calls)
        until = last + _OUT_WITHIN
        if until < case.ends and not any(at <= out <= until for out in outs) and not case.person(None, at):
            yield Broken(at, None, "the client has called whom the pause names, and it neither ends nor is looked at")


@each_session
def _provider_paid_once(case: Case, session: int) -> Iterator[Broken]:
    paid = case.said(session, PayoutPaid)
    total = sum(event.amount_cents for _, event in paid)
    rates = _rates(case, session)
    for at, event in paid:
        days = [said.pay_on for when, said in case.said(session, PayoutScheduled) if when <= at]
        if not days or event.paid_on != days[-1]:
            yield Broken(at, session, f"the provider is paid on {event.paid_on}, told was {days[-1:]}")
    if not case.completed(session) or not rates or session + 60 > (case.ends - case.history.begins).days:
        return
    if total not in rates and not case.person(session, case.history.begins):
        yield Broken(case.ends, session, f"the provider got {total}, the rate is one of {sorted(rates)}")


def _rates(case: Case, session: int) -> set[int]:
    """The primary's contracted rate when the session took place: that of each payer that was ever thought first."""
    done = max(at for at, _ in case.told(session, SessionCompleted)) if case.completed(session) else case.ends
    rates: set[int] = set()
    for at, decision in case.decisions(session):
        if isinstance(decision, SessionCleared):
            for moment in (done - A_DAY, done, max(done, at) + A_DAY):
                rates.add(sum(_rate(case, decision.rate_payer_id, line.procedure, moment) for line in decision.lines))
    return rates


def _rate(case: Case, payer_id: str, procedure: str, until: datetime) -> int:
    agreed = [
        (at, event.rate_cents)
        for at, event in case.history.told(RateAgreed)
        if (event.payer_id, event.procedure) == (payer_id, procedure)
    ]
    known = [cents for at, cents in agreed if at <= until]
    return known[-1] if known else agreed[0][1] if agreed else 0


@each_session
def _nothing_waits(case: Case, session: int) -> Iterator[Broken]:
    """A session that took place ends with a cost that the client knows, or with a person."""
    if not case.completed(session):
        return
    at, _ = case.decisions(session)[-1] if case.decisions(session) else (case.history.begins, None)
    if at + _LATE > case.ends:
        return
    ended = case.said(session, CostFinalized, CostOverdue)
    refused = case.decisions(session) and not isinstance(case.decisions(session)[-1][1], SessionCleared)
    if not ended and not refused and not case.person(session, case.history.begins):
        yield Broken(case.ends, session, "the session has neither a cost nor a person who knows of it")


def _nothing_set_aside(case: Case) -> Iterator[Broken]:
    for at, note in case.history.others():
        if note.who.endswith("sets aside"):
            yield Broken(at, None, f"{note.who} {note.words}")


def _withheld_is_seen(case: Case) -> Iterator[Broken]:
    """Money that a payer keeps back for a decision of ours without taking that back reaches a person."""
    for at, note in case.history.others():
        if note.who.endswith("withholds"):
            until = at + timedelta(days=2)
            if until < case.ends and not case.person(None, at, until):
                yield Broken(at, None, f"{note.who} the money of {note.words}, and nobody is told")


def _letters_arrive(case: Case) -> Iterator[Broken]:
    told = [when for when, _ in case.said(None, NotificationReviewRequested)]
    for at, event in case.said(None, LetterFailed):
        if event.reason.endswith("_unknown") and any(abs(when - at) <= A_DAY for when in told):
            continue
        yield Broken(at, None, f"the letter {event.letter} fails: {event.reason}")


@each_session
def _letters_agree(case: Case, session: int) -> Iterator[Broken]:
    """No fact twice, and none that another letter of the same minute contradicts; the last one is still true."""
    letters = [(at, letter) for at, letter in case.letters(session) if "final" in letter.figures]
    for (at, before), (then, letter) in itertools.pairwise(letters):
        if then - at < timedelta(minutes=1) and before.figures["final"] != letter.figures["final"]:
            yield Broken(then, session, f"two letters of one minute: final {before.figures} and {letter.figures}")
        elif (before.kind, before.figures, before.charge_on) == (letter.kind, letter.figures, letter.charge_on):
            yield Broken(then, session, f"the letter {letter} comes twice")
    costs = [(at, event) for at, event in case.said(session, CostFinalized) if at + A_DAY <= case.ends]
    if not costs or case.cancelled_at(session) is not None:
        return
    at, cost = costs[-1]
    if not letters or letters[-1][1].figures["final"] != cost.final_cost_cents:
        last = letters[-1][1].figures["final"] if letters else "nothing"
        yield Broken(at, session, f"the cost is {cost.final_cost_cents}, the last letter says {last}")


@each_session
def _letters_tell_the_books(case: Case, session: int) -> Iterator[Broken]:
    """What a letter says was paid is what the books of that moment hold, net of what was given back before."""
    for at, letter in case.letters(session):
        if "final" not in letter.figures or "paid" not in letter.figures:
            continue
        moments = {at, at - A_DAY, *(entry.at for entry in case.history.entries if at - A_DAY <= entry.at <= at)}
        told = letter.figures["paid"]
        own = letter.figures.get("refund", 0)
        held = {case.paid_cents(session, when) - case.given_back_cents(session, when) for when in moments}
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
    Promise("letters_agree", "Each fact is told once; no letter contradicts one of its minute.", _letters_agree),
    Promise("letters_tell_the_books", "What a letter says was paid is what the books hold.", _letters_tell_the_books),
)
