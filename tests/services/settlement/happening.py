"""What happens to a session, as changes of its facts, and the session that handles it as the service does."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from services.settlement.answers.adjudication import Adjudication, Level
from services.settlement.answers.payment_answer import Moved, PaymentAnswer, last_word
from services.settlement.answers.session_facts import (
    ChargeRequest,
    Deposit,
    Purpose,
    SessionFacts,
)
from services.settlement.ledger.ledger import Account, Entry, balances, entries_to, flow
from services.settlement.money.settle import Target, settle
from tests.services.settlement.remittances import claim, of

P, S = Level.PRIMARY, Level.SECONDARY
Event = Callable[[SessionFacts], SessionFacts]


def cleared(*levels: Level) -> Event:
    places = {level.value: level for level in Level}
    return lambda facts: replace(facts, charge_cents=22000, expected=frozenset(levels), plans=places)


def completed(rate: int = 15000) -> Event:
    return lambda facts: replace(facts, completed=True, rate_cents=rate)


def charged(cents: int, key: str = "charge-1", purpose: Purpose = Purpose.ESTIMATE) -> Event:
    return lambda facts: replace(facts, charges={**facts.charges, key: ChargeRequest(cents, purpose)})


def answered(moved: Moved, cents: int, key: str = "charge-1") -> Event:
    def apply(facts: SessionFacts) -> SessionFacts:
        answer = last_word(facts.payment_answers.get(key), PaymentAnswer(moved, cents))
        return replace(facts, payment_answers={**facts.payment_answers, key: answer})

    return apply


def adjudicated(adjudication: Adjudication) -> Event:
    return lambda facts: replace(facts, answers={**facts.answers, adjudication.id: adjudication})


def deposited(level: Level, cents: int) -> Event:
    return lambda facts: replace(facts, deposits={**facts.deposits, f"{level}-{cents}": Deposit(level, cents)})


def paid_out(cents: int) -> Event:
    return lambda facts: replace(facts, payouts={**facts.payouts, f"payout-{cents}": cents})


def given_up(level: Level) -> Event:
    return lambda facts: replace(facts, given_up=facts.given_up | {level.value})


def written_off(level: Level) -> Event:
    return lambda facts: replace(facts, written_off=facts.written_off | {level.value})


def reordered(*plans: str) -> Event:
    places = dict(zip(plans, Level, strict=False))
    return lambda facts: replace(facts, expected=frozenset(places.values()), plans=places)


def cancelled(facts: SessionFacts) -> SessionFacts:
    return replace(facts, cancelled=True)


def deadline(facts: SessionFacts) -> SessionFacts:
    return replace(facts, deadline_passed=True)


@dataclass
class Session:
    """Handles events as the service does: remember the fact, settle, post the difference, ask for the refund."""

    facts: SessionFacts = field(default_factory=SessionFacts)
    posted: list[Entry] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)
    forgive_below: int = 0

    def happens(self, *events: Event) -> Target:
        for event in events:
            self.facts = event(self.facts)
            target = self._settle()
            if target.refund is not None:
                self.asked.append((target.refund.key, target.refund.cents))
                self.facts = replace(self.facts, refunds={**self.facts.refunds, target.refund.key: target.refund.cents})
                assert self._settle().refund is None, "a refund is asked for once"
        return self._settle()

    def _settle(self) -> Target:
        target = settle("session-1", self.facts, self.forgive_below)
        self.posted += entries_to(target.entries, self.posted)
        assert balances(self.posted) == balances(target.entries)
        first_invariant(target, self.posted)
        return target


def first_invariant(target: Target, posted: list[Entry]) -> None:
    """Once final: client payments - refunds + still owed + forgiven = final cost, from the ledger alone."""
    if target.final_cost_cents is None:
        return
    paid = flow(posted, Account.CASH, Account.CLIENT_RECEIVABLE)
    back = flow(posted, Account.CLIENT_RECEIVABLE, Account.CLIENT_CREDIT) - target_advance(posted)
    owed = balances(posted).get(Account.CLIENT_RECEIVABLE, 0)
    forgiven = flow(posted, Account.WRITE_OFF, Account.CLIENT_RECEIVABLE)
    assert paid - back + owed + forgiven == target.final_cost_cents


def target_advance(posted: list[Entry]) -> int:
    """What the request and the release of the advance move between the two accounts: nothing once it is final."""
    kinds = {"charge_requested", "cost_finalized", "cost_final_on_day_90"}
    return flow([entry for entry in posted if entry.kind in kinds], Account.CLIENT_RECEIVABLE, Account.CLIENT_CREDIT)


PRIMARY = of(P, claim("1", 12000, "CO-45:7000 PR-2:3000"))
SECONDARY = of(S, claim("2", 2400, "OA-23:19000 PR-2:600", icn="ICN-2"), day=9)
SECONDARY_BACK = of(S, claim("22", 2400, "OA-23:19000 PR-2:600", icn="ICN-2"), day=20)
SECONDARY_AGAIN = of(S, claim("2", 2000, "OA-23:19000 PR-2:1000", icn="ICN-2B"), day=20, position=1)
SECONDARY_NONE = of(S, claim("4", 0, "CO-96:22000", icn="ICN-2"), day=9)
SECONDARY_LATE = of(S, claim("4", 0, "CO-29:22000", icn="ICN-2"), day=9)
OPENING = (cleared(P, S), charged(3000), answered(Moved.SUCCEEDED, 3000), completed())
STORY = (
    *OPENING,
    adjudicated(PRIMARY),
    deposited(P, 12000),
    paid_out(15000),
    adjudicated(SECONDARY),
    deposited(S, 2400),
)
