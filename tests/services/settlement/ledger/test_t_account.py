"""A ledger as people read it."""

from services.settlement.ledger.ledger import Account, Entry, Kind, Posting
from services.settlement.ledger.t_account import t_accounts


def test_entries_and_accounts_are_shown_with_their_balances() -> None:
    paid = Entry(Kind.CHARGE_SUCCEEDED, "payment:c", (Posting(Account.CASH, Account.CLIENT_RECEIVABLE, 3000),))

    assert t_accounts([paid, paid.reversal(), Entry(paid.kind, paid.fact, paid.postings, 1)]).splitlines() == [
        "   1  charge_succeeded  (payment:c)",
        "      cash                         from client_receivable                30.00",
        "   2  reversal of charge_succeeded  (payment:c)",
        "      client_receivable            from cash                             30.00",
        "   3  charge_succeeded  (payment:c)",
        "      cash                         from client_receivable                30.00",
        "",
        "             cash              ",
        "-------------------------------",
        "   1     30.00 |    2     30.00",
        "   3     30.00 |",
        "            balance 30.00 debit",
        "",
        "       client_receivable       ",
        "-------------------------------",
        "   2     30.00 |    1     30.00",
        "               |    3     30.00",
        "           balance 30.00 credit",
    ]
