"""Settling: the state that a session's ledger should have, as a pure function of what is known.

The handler posts the difference to what is posted. So any order, repetition and interleaving of the facts ends in the
same ledger, and a correction moves only the difference.
"""

from dataclasses import dataclass, replace

from services.settlement.answers.adjudication import LEVELS, Adjudication, Level
from services.settlement.answers.benefits_adjudicated import Answer
from services.settlement.answers.final_cost import FinalCost, final_cost
from services.settlement.answers.review import Review
from services.settlement.answers.session_facts import Purpose, SessionFacts
from services.settlement.answers.standing import standing
from services.settlement.ledger.ledger import Entry, Kind, in_order
from services.settlement.money import booking
from services.settlement.money.refund import ClientPosition, RefundRequest, position, refund_request

_MONEY_WAITS = frozenset({"adjudicated_again", "primary_changed_since"})
"""Notes on a final cost that will probably change: the books follow it, but nothing is asked of or sent to anyone."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a session's ledger should hold, and what to do about it.

    `final_cost_cents` is None while the cost is open. `on_day_90`: final on what is known, because time is over.
    `refund` is to be asked for now; `balance_due_cents` is owed by the client after what was forgiven.
    """

    entries: tuple[Entry, ...]
    cost: FinalCost
    final_cost_cents: int | None
    on_day_90: bool
    client: ClientPosition
    refund: RefundRequest | None
    review: tuple[Review, ...]

    @property
    def balance_due_cents(self) -> int:
        """What the client still owes and is to be asked for."""
        return self.client.balance_due_cents


def settle(session_id: str, facts: SessionFacts, forgive_below_cents: int = 0) -> Target:
    """The state of the session's ledger from all that is known of it; pure, and whatever the order it came to be known.

    Adjudications of a cancelled session, or of one that did not take place, move nothing: they are held for a person.
    """
    cost = _cost(facts)
    final, kind = _final(facts, cost)
    entries = [*booking.payments(facts), *booking.refunds(facts), *booking.payers(facts), *booking.provider(facts)]
    if facts.booked:
        decided = {answer.id: answer for answer in standing_answers(facts)}
        entries += booking.adjudications(decided[id] for id in cost.decided_by)
    review = [*cost.review, *_oddities(facts)]
    client, refund = ClientPosition(), None
    if facts.cancelled or final is not None:
        waits = any(issue.reason in _MONEY_WAITS for issue in cost.review) and not facts.cancelled
        client = position(facts, final or 0, forgive_below_cents)
        because = booking.digest(kind, *sorted(cost.decided_by), *sorted(facts.payment_answers.keys() & facts.charges))
        if final is not None:
            entries += booking.finalized(facts, cost, final, kind)
        entries += booking.client(client.forgiven_cents, client.credited_cents, client.forgiven_cents, because)
        if not waits:
            refund = refund_request(facts, session_id, client.refund_due_cents, cost.decided_by)
            if refund is None and client.refund_due_cents:
                review.append(Review("refund_failed"))
        else:
            client = replace(client, balance_due_cents=0)
    return Target(
        entries=in_order(entries),
        cost=cost,
        final_cost_cents=final,
        on_day_90=kind is Kind.COST_FINAL_ON_DAY_90,
        client=client,
        refund=refund,
        review=tuple(review),
    )


def _cost(facts: SessionFacts) -> FinalCost:
    """The final cost as the payers' answers have it; open for a service that is not in the books."""
    if facts.cancelled:
        return FinalCost(None, {}, {})
    answers = standing_answers(facts)
    if Level.PRIMARY in facts.given_up_levels and not any(answer.level is Level.PRIMARY for answer in answers):
        return FinalCost(0, {}, {})
    cost = _bearing_what_was_late(facts, final_cost(answers, facts.awaited | {Level.PRIMARY}))
    first = [answer for answer in answers if answer.id in cost.decided_by and answer.level is Level.PRIMARY]
    charged = sum(answer.claim.charge_cents for answer in first)
    whole = all(issue.reason != "answer_incomplete" for issue in cost.review)
    if facts.booked and first and charged != facts.charge_cents and whole:
        billed = Review("charges_differ", Level.PRIMARY, f"billed {facts.charge_cents}, answered {charged}")
        return replace(cost, final_cost_cents=None, review=(*cost.review, billed))
    if cost.final_cost_cents is not None and cost.final_cost_cents < 0:
        wrong = Review("patient_responsibility_negative", evidence=str(cost.final_cost_cents))
        return replace(cost, final_cost_cents=None, review=(*cost.review, wrong))
    return cost


def _bearing_what_was_late(facts: SessionFacts, cost: FinalCost) -> FinalCost:
    """The cost where a payer refused for late filing (CARC 29), which is our fault and never the client's to pay.

    While a person has not decided between appeal and write-off the cost is open. A later payer's claim that was written
    off leaves the client nothing: by its own answer (CO) none of what it was asked for is theirs.
    """
    pending = any(issue.reason == Answer.LATE for issue in cost.review)
    given_up = any(
        standing(answers).unsettled == Answer.LATE
        for plan in facts.written_off
        if (answers := [answer for answer in facts.answers.values() if answer.plan == plan])
    )
    if given_up and cost.final_cost_cents is not None:
        return replace(cost, final_cost_cents=0, filed_late=True)
    return replace(cost, filed_late=pending or given_up)


def standing_answers(facts: SessionFacts) -> list[Adjudication]:
    """The answers that count, each at its plan's level by the last decision.

    Those of a plan that no longer has a level do not. What was given up counts only where its payer decided about
    benefits all the same.
    """
    placed: list[Adjudication] = []
    for answer in facts.answers.values():
        level = facts.level_of(answer.plan, answer.level)
        if level is not None:
            placed.append(answer if level is answer.level else replace(answer, level=level))
    of_given_up = {level: [a for a in placed if a.level is level] for level in facts.given_up_levels}
    silent = {level for level, answers in of_given_up.items() if not answers or not standing(answers).decisions}
    return [answer for answer in placed if answer.level not in silent]


def _final(facts: SessionFacts, cost: FinalCost) -> tuple[int | None, Kind]:
    """What the session costs the client, by the payers or, when time is over, by what is known."""
    if not facts.booked:
        return None, Kind.COST_FINALIZED
    if cost.final_cost_cents is not None:
        return cost.final_cost_cents, Kind.COST_FINALIZED
    if facts.deadline_passed:
        return _on_day_90(facts, cost), Kind.COST_FINAL_ON_DAY_90
    return None, Kind.COST_FINALIZED


def _on_day_90(facts: SessionFacts, cost: FinalCost) -> int:
    """The cost on what is known when time is over.

    A payment that was taken back without a word on what takes its place says nothing about the client's share: until
    the correction comes the client owes what they owed before, so that nothing is asked for that may be given back.
    A claim that was filed too late is our fault: until an appeal says otherwise the client owes nothing.
    """
    if cost.filed_late:
        return 0
    if all(issue.reason != "reversal_without_correction" for issue in cost.review):
        return _known(facts.estimate_cents, cost)
    kept = [answer for answer in standing_answers(facts) if not answer.claim.reversal]
    before = final_cost(kept, facts.awaited | {Level.PRIMARY})
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


def _oddities(facts: SessionFacts) -> list[Review]:
    """Facts that fit nothing: held for a person while the ledger stays whole."""
    issues: list[Review] = []
    if facts.cancelled and facts.answers:
        issues.append(Review("adjudicated_though_cancelled", evidence=" ".join(sorted(facts.answers))))
    if facts.cancelled and facts.deposits:
        issues.append(Review("deposit_though_cancelled", evidence=" ".join(sorted(facts.deposits))))
    placeless = sorted(
        answer.id for answer in facts.answers.values() if facts.level_of(answer.plan, answer.level) is None
    )
    if placeless and not facts.cancelled:
        issues.append(Review("answer_of_another_plan", evidence=" ".join(placeless)))
    if facts.disputed:
        issues.append(Review("charge_disputed"))
    issues += [
        Review("balance_unpaid", evidence=key)
        for key, charge in sorted(facts.charges.items())
        if charge.purpose is Purpose.BALANCE and facts.failed(key)
    ]
    issues += [
        Review("answer_differs", evidence=f"{key}: asked for {asked}, moved {moved}")
        for key, asked, moved in sorted(facts.moved_otherwise())
    ]
    if facts.unasked():
        issues.append(Review("answer_without_request", evidence=" ".join(facts.unasked())))
    return issues
