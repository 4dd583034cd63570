"""Settling: the state that a session's ledger should have, as a pure function of what is known.

The handler posts the difference to what is posted. So any order, repetition and interleaving of the facts ends in the
same ledger, and a correction moves only the difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.settlement.answers.adjudication import LEVELS, Adjudication, Level
from services.settlement.answers.awaited import Awaited, awaited, counted_answers
from services.settlement.answers.benefits_adjudicated import Answer
from services.settlement.answers.final_cost import FinalCost, final_cost
from services.settlement.answers.review import Review
from services.settlement.answers.session_facts import Purpose, SessionFacts
from services.settlement.ledger.ledger import Entry, Kind, in_order
from services.settlement.money import booking
from services.settlement.money.refund import ClientPosition, RefundRequest, position, refund_request
from services.settlement.money.request_keys import digest

_WILL_CHANGE = frozenset({"adjudicated_again", "primary_changed_since"})
"""Notes on a cost that rests on answers of which a later one is still to come: it is not final."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a session's ledger should hold, and what to do about it.

    `answers` are those that count, `awaited` says whose are still to come. `final_cost_cents` is None while the cost is
    open, and 0 of a cancelled session. `on_day_90`: settled for now on what is known, because time is over; it gives
    money back, and takes none. `refund` is to be asked for now; `balance_due_cents` is owed by the client after what
    was forgiven.
    """

    entries: tuple[Entry, ...]
    answers: tuple[Adjudication, ...]
    cost: FinalCost
    awaited: Awaited
    final_cost_cents: int | None
    on_day_90: bool
    client: ClientPosition
    refund: RefundRequest | None
    review: tuple[Review, ...]

    @property
    def balance_due_cents(self) -> int:
        """What the client still owes and is to be asked for."""
        return self.client.balance_due_cents

    @property
    def awaited_level(self) -> Level | None:
        """The first level that is awaited and has not decided; None once the cost is final by the payers."""
        if self.final_cost_cents is not None and not self.on_day_90:
            return None
        undecided = [level for level in LEVELS if level in self.awaited.levels and level not in self.cost.paid_cents]
        return undecided[0] if undecided else self.awaited.first


def settle(name: str, facts: SessionFacts, forgive_below_cents: int = 0) -> Target:
    """The state of the session's ledger from all that is known of it; pure, and whatever the order it came to be known.

    `name` names the session in idempotency keys. Adjudications of a cancelled session, or of one that did not take
    place, move nothing: they are held for a person.
    """
    waits = awaited(facts)
    answers = tuple(counted_answers(facts, waits))
    cost = _cost(facts, answers, waits)
    final, kind = _final(facts, answers, cost)
    entries = [*booking.payments(facts), *booking.refunds(facts), *booking.payers(facts), *booking.provider(facts)]
    if facts.booked:
        decided = {answer.id: answer for answer in answers}
        entries += booking.adjudications(decided[answer_id] for answer_id in cost.decided_by)
    client, refund = ClientPosition(), None
    if final is not None:
        client = position(facts, final, forgive_below_cents)
        because = digest(kind, *sorted(cost.decided_by), *sorted(facts.payment_answers.keys() & facts.charges))
        if facts.booked:
            entries += booking.finalized(facts, cost, final, kind)
        entries += booking.client(client.forgiven_cents, client.credited_cents, client.forgiven_cents, because)
        refund = refund_request(facts, name, client.refund_due_cents, cost.decided_by)
    on_day_90 = kind is Kind.COST_FINAL_ON_DAY_90
    issues = [*_overdue(cost, waits, on_day_90), *_oddities(facts), *_money_with_a_person(facts, client, final)]
    return Target(
        entries=in_order(entries),
        answers=answers,
        cost=cost,
        awaited=waits,
        final_cost_cents=final,
        on_day_90=on_day_90,
        client=client,
        refund=refund,
        review=(*cost.review, *issues),
    )


def _cost(facts: SessionFacts, answers: Sequence[Adjudication], waits: Awaited) -> FinalCost:
    """The final cost as the payers' answers have it; open while one is awaited, or the service is not in the books."""
    if facts.cancelled:
        return FinalCost(None, {}, {})
    if Level.PRIMARY in waits.borne and not any(answer.level is Level.PRIMARY for answer in answers):
        return FinalCost(0, {}, {}, given_up=True)
    cost = _borne_by_us(waits, final_cost(answers, waits.levels | {Level.PRIMARY}))
    if waits.first is not None:
        cost = replace(cost, final_cost_cents=None, waiting_for=cost.waiting_for or waits.first)
    if any(issue.reason in _WILL_CHANGE for issue in cost.review):
        cost = replace(cost, final_cost_cents=None)
    primary = [answer for answer in answers if answer.id in cost.decided_by and answer.level is Level.PRIMARY]
    answered = sum(answer.claim.charge_cents for answer in primary)
    whole = all(issue.reason != "answer_incomplete" for issue in cost.review)
    settled = Level.PRIMARY not in waits.levels  # else its claim is replaced, and the answer to that one is judged
    if facts.booked and primary and answered != facts.charge_cents and whole and settled:
        evidence = f"billed {facts.charge_cents}, answered {answered}"
        return _held(cost, Review("charges_differ", Level.PRIMARY, evidence))
    if cost.final_cost_cents is not None and cost.final_cost_cents < 0:
        return _held(cost, Review("patient_responsibility_negative", evidence=str(cost.final_cost_cents)))
    return _within_the_rate(facts, cost)


def _held(cost: FinalCost, issue: Review) -> FinalCost:
    return replace(cost, final_cost_cents=None, review=(*cost.review, issue))


def _within_the_rate(facts: SessionFacts, cost: FinalCost) -> FinalCost:
    """The client never pays more than the contracted rate, whatever the payers leave; a person sees the difference."""
    final, rate = cost.final_cost_cents, facts.rate_cents
    if final is None or rate is None or final <= rate:
        return cost
    note = Review("above_contracted_rate", evidence=f"{final} instead of {rate}")
    return replace(cost, final_cost_cents=rate, review=(*cost.review, note))


def _borne_by_us(waits: Awaited, cost: FinalCost) -> FinalCost:
    """The cost where a payer refused for late filing (CARC 29), or a claim was never filed: not the client's to pay.

    While a person has not decided between appeal and write-off the cost is open. A later payer's claim that was given
    up leaves the client nothing: none of what it was asked for is theirs.
    """
    pending = any(issue.reason == Answer.LATE for issue in cost.review)
    borne = any(level not in cost.paid_cents for level in waits.borne)
    if borne and cost.final_cost_cents is not None:
        return replace(cost, final_cost_cents=0, filed_late=True)
    return replace(cost, filed_late=True) if pending or borne else cost


def _final(facts: SessionFacts, answers: Sequence[Adjudication], cost: FinalCost) -> tuple[int | None, Kind]:
    """What the session costs the client, by the payers or, when time is over, by what is known; cancelled, nothing.

    What is known may give money back. It never takes what a payer that is awaited may still pay.
    """
    if facts.cancelled:
        return 0, Kind.COST_FINALIZED
    if not facts.booked:
        return None, Kind.COST_FINALIZED
    if cost.final_cost_cents is not None:
        return cost.final_cost_cents, Kind.COST_FINALIZED
    if facts.deadline_passed:
        kept_cents = max(0, facts.paid_cents - facts.refunded_cents)
        return min(_on_day_90(facts, answers, cost), kept_cents), Kind.COST_FINAL_ON_DAY_90
    return None, Kind.COST_FINALIZED


def _on_day_90(facts: SessionFacts, answers: Sequence[Adjudication], cost: FinalCost) -> int:
    """The cost on what is known when time is over.

    After a payment that was taken back, with no word on what replaces it, the client owes what they owed before.
    A claim that was filed too late is our fault: until an appeal says otherwise the client owes nothing.
    """
    if cost.filed_late:
        return 0
    if all(issue.reason != "reversal_without_correction" for issue in cost.review):
        return _known(facts.estimate_cents, cost)
    kept = [answer for answer in answers if not answer.claim.reversal]
    before = final_cost(kept, {Level.PRIMARY})
    if before.final_cost_cents is not None:
        return max(0, before.final_cost_cents)
    return _known(facts.estimate_cents, before)


def _known(estimate_cents: int, cost: FinalCost) -> int:
    """The cost on what is known: what the last payer whose decision stands left, else the estimate.

    What the payers before it sent to the client is owed besides; the primary's share contains its own.
    """
    if Level.PRIMARY not in cost.left_cents:
        return estimate_cents
    last = max(cost.left_cents, key=LEVELS.index)
    besides = 0 if last is Level.PRIMARY else cost.paid_to_client_cents
    return max(0, min(cost.left_cents[Level.PRIMARY], cost.left_cents[last] + besides))


def _overdue(cost: FinalCost, waits: Awaited, on_day_90: bool) -> list[Review]:
    """The promised days are over and the cost is open: a person is told, and again when another payer is awaited."""
    if not on_day_90:
        return []
    reasons = sorted({issue.reason for issue in cost.review if issue.holds})
    return [Review("cost_overdue", evidence=" ".join([*sorted(waits.levels), *reasons]))]


def _money_with_a_person(facts: SessionFacts, client: ClientPosition, final_cost_cents: int | None) -> list[Review]:
    """Money that could not be moved: a person sees to it.

    A refund that fails while the cost is open again was told to the client all the same: a person hears of it at once.
    """
    open_again = final_cost_cents is None and facts.paid_cents > facts.refunded_cents
    issues = [
        Review("balance_unpaid", evidence=key)
        for key, charge in sorted(facts.charges.items())
        if charge.purpose is Purpose.BALANCE and facts.failed(key)
    ]
    if facts.failed_refunds and (client.failed_cents or facts.disputed or open_again):
        issues.append(Review("refund_failed", evidence=" ".join(sorted(facts.failed_refunds))))
    if facts.refunded_cents > facts.paid_cents and not facts.disputed and not facts.charge_pending:
        evidence = f"refunded {facts.refunded_cents}, paid {facts.paid_cents}"
        issues.append(Review("refunded_more_than_paid", evidence=evidence))
    return issues


def _oddities(facts: SessionFacts) -> list[Review]:
    """Facts that fit nothing: held for a person while the ledger stays whole."""
    issues: list[Review] = []
    if facts.cancelled:
        issues += _though_cancelled(facts)
    placeless = sorted(
        answer.id for answer in facts.answers.values() if facts.level_of(answer.plan, answer.level) is None
    )
    if placeless and not facts.cancelled:
        issues.append(Review("answer_of_another_plan", evidence=" ".join(placeless)))
    if facts.disputed:
        issues.append(Review("charge_disputed"))
    issues += [
        Review("answer_differs", evidence=f"{key}: asked for {asked}, moved {moved}")
        for key, asked, moved in sorted(facts.moved_otherwise())
    ]
    if facts.unasked():
        issues.append(Review("answer_without_request", evidence=" ".join(facts.unasked())))
    return issues


def _though_cancelled(facts: SessionFacts) -> list[Review]:
    """What payers decided and paid for a cancelled session; what they take back since is no news for a person."""
    reversed_ids = {answer.reverses for answer in facts.answers.values()}
    decided = sorted(answer.id for answer in facts.answers.values() if not answer.claim.reversal)
    came = sorted(name for name, deposit in facts.deposits.items() if deposit.cents > 0)
    issues = [Review("adjudicated_though_cancelled", evidence=" ".join(decided))] if set(decided) - reversed_ids else []
    if came and sum(deposit.cents for deposit in facts.deposits.values()):
        issues.append(Review("deposit_though_cancelled", evidence=" ".join(came)))
    return issues
