"""A session's ledger as a function of its facts: the story, and the books after every situation."""

import pytest

from services.settlement.answers.payment_answer import Moved
from services.settlement.answers.session_facts import (
    SessionFacts,
)
from services.settlement.ledger.ledger import Account, balances, live
from services.settlement.money.settle import settle
from tests.services.settlement.happening import (
    OPENING,
    PRIMARY,
    SECONDARY,
    SECONDARY_LATE,
    SECONDARY_NONE,
    STORY,
    Event,
    P,
    S,
    Session,
    adjudicated,
    answered,
    cancelled,
    charged,
    cleared,
    completed,
    deadline,
    deposited,
    given_up,
    paid_out,
    reordered,
    written_off,
)
from tests.services.settlement.remittances import claim, of


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
        (0, 0, [3000]),
        {"cash": 3000, "refund_payable": -3000},
        id="cancelled: all goes back",
    ),
    pytest.param(
        (*OPENING, paid_out(15000), cancelled),
        (0, 0, [3000]),
        {"cash": -12000, "refund_payable": -3000, "write_off": 15000},
        id="cancelled after the payout: the pay stays with the provider",
    ),
    pytest.param(
        (*OPENING, adjudicated(PRIMARY), deposited(P, 12000), cancelled),
        (0, 0, [3000]),
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


def books(session: Session) -> tuple[dict[str, tuple[object, ...]], dict[Account, int]]:
    return {fact: entry.postings for fact, entry in live(session.posted).items()}, balances(session.posted)
