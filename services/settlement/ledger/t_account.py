"""A session's ledger for people: its entries one below the other, and each account as a T."""

from collections.abc import Sequence

from services.settlement.ledger.ledger import Account, Entry, balances
from shared.money import dollars

_WIDTH = 14


def t_accounts(entries: Sequence[Entry]) -> str:
    """The numbered entries, then a T for each account they touch: debits left, credits right, the balance below."""
    numbered = list(enumerate(entries, 1))
    lines = [line for number, entry in numbered for line in _entry(number, entry)]
    touched = {side for entry in entries for each in entry.postings for side in (each.debit, each.credit)}
    sums = balances(entries)
    for account in (each for each in Account if each in touched):
        lines += ["", *_account(account, numbered, sums.get(account, 0))]
    return "\n".join(lines)


def _entry(number: int, entry: Entry) -> list[str]:
    title = f"reversal of {entry.kind}" if entry.reverses else str(entry.kind)
    moves = [f"      {each.debit:<28} from {each.credit:<28}{dollars(each.cents):>10}" for each in entry.postings]
    return [f"{number:>4}  {title}  ({entry.fact})", *moves]


def _account(account: Account, numbered: Sequence[tuple[int, Entry]], balance: int) -> list[str]:
    postings = [(number, each) for number, entry in numbered for each in entry.postings]
    debits = [f"{number:>4} {dollars(each.cents):>9}" for number, each in postings if each.debit is account]
    credits = [f"{number:>4} {dollars(each.cents):>9}" for number, each in postings if each.credit is account]
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
