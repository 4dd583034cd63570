"""A session's ledger as a function of its facts: the stories, and any order of their events."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.settlement.answers.adjudication import Adjudication, Level
from services.settlement.answers.payment_answer import Moved, PaymentAnswer, last_word
from services.settlement.answers.session_facts import (
    ChargeRequest,
    Deposit,
    Purpose,
    SessionFacts,
)
from services.settlement.ledger.ledger import Account, Entry, balances, entries_to, flow, live
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


def test_the_story_of_two_payers_ends_with_every_account_at_zero() -> None:
    session = Session()
    target = session.happens(*STORY)

    assert (target.final_cost_cents, [cents for _, cents in session.asked]) == (600, [2400])
    assert balances(session.posted) == {Account.CASH: 2400, Account.REFUND_PAYABLE: -2400}

    session.happens(answered(Moved.SUCCEEDED, 2400, session.asked[0][0]))

    assert balances(session.posted) == {}
    assert not any(entry.reverses for entry in session.posted), "nothing had to be corrected on the way"


def test_the_story_posts_these_entries_and_no_others() -> None:
    session = Session()
    session.happens(*STORY)
    session.happens(answered(Moved.SUCCEEDED, 2400, session.asked[0][0]))

    assert [(e.kind.value, [(p.debit.value, p.credit.value, p.cents) for p in e.postings]) for e in session.posted] == [
        ("charge_requested", [("client_receivable", "client_credit", 3000)]),
        ("charge_succeeded", [("cash", "client_receivable", 3000)]),
        (
            "service_completed",
            [
                ("payer_receivable_primary", "provider_payable", 15000),
                ("payer_receivable_primary", "contractual_adjustment", 7000),
            ],
        ),
        (
            "claim_adjudicated",
            [
                ("client_receivable", "payer_receivable_primary", 3000),
                ("contractual_adjustment", "payer_receivable_primary", 7000),
            ],
        ),
        ("payer_deposited", [("cash", "payer_receivable_primary", 12000)]),
        ("payout_paid", [("provider_payable", "cash", 15000)]),
        ("claim_adjudicated", [("payer_receivable_secondary", "client_receivable", 2400)]),
        ("cost_finalized", [("client_credit", "client_receivable", 3000)]),
        ("client_credited", [("client_receivable", "client_credit", 2400)]),
        ("refund_requested", [("client_credit", "refund_payable", 2400)]),
        ("payer_deposited", [("cash", "payer_receivable_secondary", 2400)]),
        ("refund_succeeded", [("refund_payable", "cash", 2400)]),
    ]


SITUATIONS = [
    # events -> final cost, balances that differ from zero (payers and provider as they stand), balance due
    pytest.param(
        (cleared(P), *OPENING[1:], adjudicated(PRIMARY)),
        (3000, 0, []),
        {"cash": 3000, "payer_receivable_primary": 12000, "provider_payable": -15000},
        id="one payer, as estimated",
    ),
    pytest.param(
        (*OPENING, adjudicated(PRIMARY)),
        (None, 0, []),
        {
            "cash": 3000,
            "client_receivable": 3000,
            "client_credit": -3000,
            "payer_receivable_primary": 12000,
            "provider_payable": -15000,
        },
        id="the secondary is awaited",
    ),
    pytest.param(
        (*OPENING, adjudicated(PRIMARY), adjudicated(SECONDARY_NONE)),
        (3000, 0, []),
        {"cash": 3000, "payer_receivable_primary": 12000, "provider_payable": -15000},
        id="the secondary does not cover it",
    ),
    pytest.param(
        (
            cleared(P, S),
            charged(3000),
            completed(),
            answered(Moved.FAILED, 3000),
            adjudicated(PRIMARY),
            adjudicated(SECONDARY),
        ),
        (600, 600, []),
        {
            "client_receivable": 600,
            "payer_receivable_primary": 12000,
            "payer_receivable_secondary": 2400,
            "provider_payable": -15000,
        },
        id="the charge failed: the final cost is owed",
    ),
    pytest.param(
        (cleared(P, S), charged(3000), completed(), adjudicated(PRIMARY), adjudicated(SECONDARY)),
        (600, 0, []),
        {
            "client_receivable": 600,
            "payer_receivable_primary": 12000,
            "payer_receivable_secondary": 2400,
            "provider_payable": -15000,
        },
        id="the charge has no answer yet: nothing is asked",
    ),
    pytest.param(
        (*OPENING, answered(Moved.DISPUTED, 3000), adjudicated(PRIMARY), adjudicated(SECONDARY)),
        (600, 600, []),
        {
            "client_receivable": 600,
            "payer_receivable_primary": 12000,
            "payer_receivable_secondary": 2400,
            "provider_payable": -15000,
        },
        id="the client's bank took the charge back",
    ),
    pytest.param(
        (
            cleared(P, S),
            charged(2000),
            answered(Moved.SUCCEEDED, 2000),
            completed(12000),
            adjudicated(of(P, claim("1", 0, "CO-45:10000 PR-1:12000"))),
            adjudicated(of(S, claim("2", 6000, "CO-45:12000 PR-3:4000"))),
        ),
        (4000, 2000, []),
        {
            "cash": 2000,
            "client_receivable": 2000,
            "payer_receivable_secondary": 6000,
            "provider_payable": -12000,
            "cob_variance": 2000,
        },
        id="the secondary's discount is the marketplace's loss, the estimate was too low",
    ),
    pytest.param(
        (cleared(P), charged(2950), answered(Moved.SUCCEEDED, 2950), completed(), adjudicated(PRIMARY)),
        (3000, 0, []),
        {"cash": 2950, "payer_receivable_primary": 12000, "provider_payable": -15000, "write_off": 50},
        id="a small balance is forgiven",
    ),
    pytest.param(
        (*OPENING, adjudicated(PRIMARY), adjudicated(SECONDARY_LATE), given_up(S)),
        (3000, 0, []),
        {"cash": 3000, "payer_receivable_primary": 12000, "provider_payable": -15000},
        id="the secondary's claim is written off",
    ),
    pytest.param(
        (*OPENING, adjudicated(PRIMARY), adjudicated(SECONDARY_LATE)),
        (None, 0, []),
        {
            "cash": 3000,
            "client_receivable": 3000,
            "client_credit": -3000,
            "payer_receivable_primary": 12000,
            "provider_payable": -15000,
        },
        id="the secondary calls the claim late: held",
    ),
    pytest.param(
        (*OPENING, written_off(P), given_up(S)),
        (0, 0, [3000]),
        {"cash": 3000, "refund_payable": -3000, "cob_variance": 15000, "provider_payable": -15000},
        id="the primary was asked too late: the client pays nothing",
    ),
    pytest.param(
        (*OPENING, written_off(P), given_up(S), adjudicated(PRIMARY)),
        (3000, 3000, [3000]),
        {
            "cash": 3000,
            "refund_payable": -3000,
            "client_receivable": 3000,
            "payer_receivable_primary": 12000,
            "provider_payable": -15000,
        },
        id="the primary decides although its claim was written off and all was given back",
    ),
    pytest.param(
        (*OPENING, given_up(P), given_up(S)),
        (None, 0, []),
        {
            "cash": 3000,
            "client_credit": -3000,
            "payer_receivable_primary": 22000,
            "contractual_adjustment": -7000,
            "provider_payable": -15000,
        },
        id="a primary to which no claim went yet is awaited",
    ),
    pytest.param(
        (*OPENING, adjudicated(PRIMARY), reordered("secondary", "primary")),
        (None, 0, []),
        {
            "cash": 3000,
            "client_receivable": -12000,
            "client_credit": -3000,
            "payer_receivable_primary": 22000,
            "payer_receivable_secondary": 12000,
            "contractual_adjustment": -7000,
            "provider_payable": -15000,
        },
        id="the order is corrected: what the former primary answered moves with it, and holds the cost",
    ),
    pytest.param(
        (*OPENING, adjudicated(PRIMARY), reordered("secondary")),
        (None, 0, []),
        {
            "cash": 3000,
            "client_credit": -3000,
            "payer_receivable_primary": 22000,
            "contractual_adjustment": -7000,
            "provider_payable": -15000,
        },
        id="the order is corrected: a plan without a place decides nothing",
    ),
    pytest.param(
        (*OPENING, answered(Moved.DISPUTED, 1000), adjudicated(PRIMARY), adjudicated(SECONDARY)),
        (600, 0, [1400]),
        {
            "cash": 2000,
            "refund_payable": -1400,
            "payer_receivable_primary": 12000,
            "payer_receivable_secondary": 2400,
            "provider_payable": -15000,
        },
        id="the client's bank took a part of the charge back",
    ),
    pytest.param(
        (*OPENING, cancelled),
        (None, 0, [3000]),
        {"cash": 3000, "refund_payable": -3000},
        id="cancelled: all goes back",
    ),
    pytest.param(
        (*OPENING, paid_out(15000), cancelled),
        (None, 0, [3000]),
        {"cash": -12000, "refund_payable": -3000, "write_off": 15000},
        id="cancelled after the payout: the pay stays with the provider",
    ),
    pytest.param(
        (*OPENING, adjudicated(PRIMARY), deposited(P, 12000), cancelled),
        (None, 0, [3000]),
        {"cash": 15000, "refund_payable": -3000, "payer_receivable_primary": -12000},
        id="cancelled after the primary paid: its money is owed back",
    ),
    pytest.param(
        (*OPENING, paid_out(15000), completed(14000)),
        (None, 0, []),
        {
            "cash": -12000,
            "client_credit": -3000,
            "payer_receivable_primary": 22000,
            "contractual_adjustment": -8000,
            "cob_variance": 1000,
        },
        id="a lower rate takes nothing back from the provider",
    ),
    pytest.param(
        (*OPENING, paid_out(15000), completed(16000)),
        (None, 0, []),
        {
            "cash": -12000,
            "client_credit": -3000,
            "payer_receivable_primary": 22000,
            "contractual_adjustment": -6000,
            "provider_payable": -1000,
        },
        id="a higher rate is paid",
    ),
    pytest.param(
        (*OPENING, deadline),
        (3000, 0, []),
        {
            "cash": 3000,
            "payer_receivable_primary": 19000,
            "contractual_adjustment": -7000,
            "provider_payable": -15000,
        },
        id="day 90, nobody has answered",
    ),
    pytest.param(
        (*OPENING, adjudicated(PRIMARY), deadline),
        (3000, 0, []),
        {"cash": 3000, "payer_receivable_primary": 12000, "provider_payable": -15000},
        id="day 90, the secondary has not answered",
    ),
    pytest.param(
        (*OPENING, adjudicated(SECONDARY), deadline),
        (3000, 0, []),
        {
            "cash": 3000,
            "payer_receivable_primary": 16600,
            "payer_receivable_secondary": 2400,
            "contractual_adjustment": -7000,
            "provider_payable": -15000,
        },
        id="day 90, the primary has not answered though the secondary has",
    ),
    pytest.param(
        (*OPENING, adjudicated(PRIMARY), deadline, adjudicated(SECONDARY)),
        (600, 0, [2400]),
        {
            "cash": 3000,
            "refund_payable": -2400,
            "payer_receivable_primary": 12000,
            "payer_receivable_secondary": 2400,
            "provider_payable": -15000,
        },
        id="the answer after day 90 opens the cost again",
    ),
    pytest.param(
        (cleared(P, S), charged(3000), answered(Moved.SUCCEEDED, 3000), adjudicated(PRIMARY), adjudicated(SECONDARY)),
        (None, 0, []),
        {"cash": 3000, "client_credit": -3000},
        id="adjudicated though it is not known to have taken place",
    ),
]


@pytest.mark.parametrize(("events", "expected", "books"), SITUATIONS)
def test_the_books_after(
    events: tuple[Event, ...], expected: tuple[int | None, int, list[int]], books: dict[str, int]
) -> None:
    session = Session(forgive_below=100)
    target = session.happens(*events)

    cost, due, refunds = expected
    assert (target.final_cost_cents, target.balance_due_cents, [cents for _, cents in session.asked]) == (
        cost,
        due,
        refunds,
    )
    assert {account.value: cents for account, cents in balances(session.posted).items()} == books


@pytest.mark.parametrize(("events", "expected", "books"), SITUATIONS)
def test_the_books_do_not_depend_on_the_order_of_what_happened(
    events: tuple[Event, ...], expected: object, books: dict[str, int]
) -> None:
    facts = SessionFacts()
    for event in events:
        facts = event(facts)
    entries = settle("session-1", facts, 100).entries
    again = SessionFacts()
    decisions = [event for event in events if event.__qualname__.startswith(("completed", "reordered"))]
    others = [event for event in events if event not in decisions]
    for event in [*reversed(others), *decisions]:
        again = event(again)

    assert settle("session-1", again, 100).entries == entries


def test_a_correction_after_the_refund_moves_only_the_difference() -> None:
    session = Session()
    session.happens(*STORY)
    refund, cents = session.asked[0]
    session.happens(answered(Moved.SUCCEEDED, cents, refund))

    target = session.happens(adjudicated(SECONDARY_BACK), adjudicated(SECONDARY_AGAIN))

    assert (target.final_cost_cents, target.balance_due_cents, len(session.asked)) == (1000, 400, 1)
    assert balances(session.posted)[Account.CLIENT_RECEIVABLE] == 400
    assert any(entry.reverses for entry in session.posted)


def test_a_correction_in_the_clients_favour_gives_back_the_rest_under_a_key_of_its_own() -> None:
    session = Session()
    session.happens(*OPENING, adjudicated(PRIMARY), adjudicated(replace(SECONDARY_AGAIN, adjudicated_on=None)))
    better = of(S, claim("2", 2900, "OA-23:19000 PR-2:100", icn="ICN-3"), day=28, position=1)
    back = of(S, claim("22", 2000, "OA-23:19000 PR-2:1000", icn="ICN-2B"), day=28)

    session.happens(adjudicated(back), adjudicated(better))

    assert [cents for _, cents in session.asked] == [2000, 900]
    assert len({key for key, _ in session.asked}) == 2


def test_a_refund_that_failed_waits_for_a_person_and_is_not_asked_for_again() -> None:
    session = Session()
    session.happens(*STORY)

    target = session.happens(answered(Moved.FAILED, 2400, session.asked[0][0]), deadline)

    assert len(session.asked) == 1
    assert balances(session.posted)[Account.CLIENT_CREDIT] == -2400
    assert [review.reason for review in target.review] == ["refund_failed"]


def test_an_answer_to_a_request_never_made_moves_nothing_and_is_shown() -> None:
    session = Session()
    target = session.happens(*OPENING, answered(Moved.SUCCEEDED, 99900, "someone-elses-charge"))

    assert balances(session.posted)[Account.CASH] == 3000
    assert [review.reason for review in target.review] == ["answer_without_request"]


def test_a_primary_that_answers_for_another_charge_holds_the_cost() -> None:
    session = Session()
    target = session.happens(cleared(P), *OPENING[1:], adjudicated(of(P, claim("1", 2000, "PR-2:1000", charge=3000))))

    assert target.final_cost_cents is None
    assert [review.reason for review in target.review] == ["charges_differ"]


def books(session: Session) -> tuple[dict[str, tuple[object, ...]], dict[Account, int]]:
    return {fact: entry.postings for fact, entry in live(session.posted).items()}, balances(session.posted)


REFUND_KEY = "refund-session-1-"
FINAL_SETS = {
    "two payers": (*STORY, deadline),
    "one payer": (cleared(P), *OPENING[1:], adjudicated(PRIMARY), deposited(P, 12000), paid_out(15000)),
    "not covered": (*OPENING, adjudicated(PRIMARY), adjudicated(SECONDARY_NONE)),
    "cancelled": (*STORY[:-2], cancelled),
    "disputed": (cleared(P), *OPENING[1:], adjudicated(PRIMARY), answered(Moved.DISPUTED, 3000)),
    "retried": (*STORY, answered(Moved.FAILED, 3000)),
}


@pytest.mark.parametrize("name", FINAL_SETS)
@given(shuffler=st.randoms(use_true_random=False), repeats=st.integers(0, 15))
@settings(max_examples=20, deadline=None)
def test_any_order_repetition_and_interleaving_ends_in_one_ledger(
    name: str, shuffler: random.Random, repeats: int
) -> None:
    events = FINAL_SETS[name]
    in_order, shuffled = Session(), Session()
    in_order.happens(*_without_early_ends(events))
    answer = [answered(Moved.SUCCEEDED, cents, key) for key, cents in in_order.asked]
    in_order.happens(*answer)
    mixed = [*events, *answer, *shuffler.choices([*events, *answer], k=repeats)]
    assert len(mixed) <= 30
    shuffler.shuffle(mixed)

    shuffled.happens(*_ends_last(mixed, name))

    assert books(shuffled) == books(in_order)
    assert shuffled.asked == in_order.asked
    assert len(shuffled.asked) <= 1


def _without_early_ends(events: tuple[Event, ...]) -> list[Event]:
    return [*(e for e in events if e not in (cancelled, deadline)), *(e for e in events if e in (cancelled, deadline))]


def _ends_last(events: list[Event], name: str) -> list[Event]:
    """The clock's event can't come before what happened in the 90 days; everything else comes as it likes."""
    return [*(e for e in events if e is not deadline), *(e for e in events if e is deadline)]


CORRECTIONS = (*STORY, adjudicated(SECONDARY_BACK), adjudicated(SECONDARY_AGAIN))


@given(shuffler=st.randoms(use_true_random=False), repeats=st.integers(0, 15))
@settings(max_examples=40, deadline=None)
def test_with_corrections_in_any_order_everyone_ends_where_they_should(shuffler: random.Random, repeats: int) -> None:
    """How much went to and fro depends on what was known when; where client, payers and provider end does not."""
    events = [*CORRECTIONS, *shuffler.choices(CORRECTIONS, k=repeats)]
    shuffler.shuffle(events)
    session = Session()
    target = session.happens(*events)
    by_account = balances(session.posted)
    asked = sum(cents for _, cents in session.asked)

    assert target.final_cost_cents == 1000
    assert asked in (2000, 2400)
    assert by_account.get(Account.CLIENT_RECEIVABLE, 0) == target.balance_due_cents == asked - 2000
    assert by_account.get(Account.REFUND_PAYABLE, 0) == -asked
    assert by_account.get(Account.PAYER_RECEIVABLE_SECONDARY, 0) == -400
    assert Account.PROVIDER_PAYABLE not in by_account
    assert Account.PAYER_RECEIVABLE_PRIMARY not in by_account
