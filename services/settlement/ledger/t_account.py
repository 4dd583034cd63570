"""A session's ledger for people: its entries one below the other, and each account as a T."""

from collections.abc import Sequence

from services.settlement.ledger.ledger import Account, Entry, balances
from shared.money import dollars

_WIDTH = 14


def t_accounts(entries: Sequence[Entry]) -> str:
    """The numbered entries, then a T for each account they touch: debits left, credits right, the balance below."""
    numbered = list(enumerate(entries, 1))
    lines = [line for number, entry in numbered for line in _entry(number, entry)]
    touched = {side for entry in entries for posting in entry.postings for side in (posting.debit, posting.credit)}
    sums = balances(entries)
    for account in (account for account in Account if account in touched):
        lines += ["", *_account(account, numbered, sums.get(account, 0))]
    return "\n".join(lines)


def _entry(number: int, entry: Entry) -> list[str]:
    title = f"reversal of {entry.kind}" if entry.reverses else str(entry.kind)
    moves = [
        f"      {posting.debit:<28} from {posting.credit:<28}{dollars(posting.cents):>10}" for posting in entry.postings
    ]
    return [f"{number:>4}  {title}  ({entry.fact})", *moves]


def _account(account: Account, numbered: Sequence[tuple[int, Entry]], balance: int) -> list[str]:
    postings = [(number, posting) for number, entry in numbered for posting in entry.postings]
    debits = [f"{number:>4} {dollars(posting.cents):>9}" for number, posting in postings if posting.debit is account]
    credits = [f"{number:>4} {dollars(posting.cents):>9}" for number, posting in postings if posting.credit is account]
    height = max(len(debits), len(credits))
    rows = zip(_padded(debits, height), _padded(credits, height), strict=True)
    side = "debit" if balance > 0 else "credit" if balance < 0 else "zero"
    return [
        f"{account:^{2 * _WIDTH + 3}}",
        "-" * (2 * _WIDTH + 3),
        *(f"{left:<{_WIDTH}} | {right:<{_WIDTH}}".rstrip() for left, right in rows),
        f"balance {dollars(abs(balance))} {side}".rjust(2 * _WIDTH + 3),
    ]


def _padded(side: list[str], height: int) -> list[str]:
    return [*side, *([""] * (height - len(side)))]
