"""The ledger: double entry in postings of four fields, append only; a correction is a reversal and a new entry.

A posting moves cents from the account it credits to the account it debits, so an entry sums to zero by its form.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

LARGEST_POSTING_CENTS = 10_000_000_000


class Account(StrEnum):
    """The accounts of a session. README.md says what each balance means."""

    CASH = "cash"
    CLIENT_RECEIVABLE = "client_receivable"
    CLIENT_CREDIT = "client_credit"
    REFUND_PAYABLE = "refund_payable"
    PAYER_RECEIVABLE_PRIMARY = "payer_receivable_primary"
    PAYER_RECEIVABLE_SECONDARY = "payer_receivable_secondary"
    PAYER_RECEIVABLE_TERTIARY = "payer_receivable_tertiary"
    CONTRACTUAL_ADJUSTMENT = "contractual_adjustment"
    PROVIDER_PAYABLE = "provider_payable"
    COB_VARIANCE = "cob_variance"
    WRITE_OFF = "write_off"


class Kind(StrEnum):
    """The business act that an entry records, in the order in which entries of one moment are posted."""

    CHARGE_REQUESTED = "charge_requested"
    CHARGE_SUCCEEDED = "charge_succeeded"
    CHARGE_DISPUTED = "charge_disputed"
    SERVICE_COMPLETED = "service_completed"
    CLAIM_ADJUDICATED = "claim_adjudicated"
    PAYER_DEPOSITED = "payer_deposited"
    PAYOUT_PAID = "payout_paid"
    COST_FINALIZED = "cost_finalized"
    COST_FINAL_ON_DAY_90 = "cost_final_on_day_90"
    BALANCE_FORGIVEN = "balance_forgiven"
    CLIENT_CREDITED = "client_credited"
    REFUND_REQUESTED = "refund_requested"
    REFUND_SUCCEEDED = "refund_succeeded"
    PAYOUT_LOST = "payout_lost"


@dataclass(frozen=True, slots=True)
class Posting:
    """`cents` (above 0) into `debit`, out of `credit`."""

    debit: Account
    credit: Account
    cents: int

    def __post_init__(self) -> None:
        assert 0 < self.cents <= LARGEST_POSTING_CENTS, self.cents
        assert self.debit is not self.credit, self.debit

    def reversed(self) -> "Posting":
        """The same amount the other way."""
        return Posting(self.credit, self.debit, self.cents)


def post(debit: Account, credit: Account, cents: int) -> tuple[Posting, ...]:
    """A posting of `cents`; the other way round where negative, none where 0."""
    if cents == 0:
        return ()
    return (Posting(debit, credit, cents) if cents > 0 else Posting(credit, debit, -cents),)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one business fact moves. `fact` names the fact within the session, for ever.

    `generation` counts the entries of one fact, for a fact can be taken back and come again; `reverses` is set on a
    reversal: it takes back the entry of that fact and generation.
    """

    kind: Kind
    fact: str
    postings: tuple[Posting, ...]
    generation: int = 0
    reverses: bool = False

    def __post_init__(self) -> None:
        assert self.postings, self.fact

    @property
    def key(self) -> tuple[str, int, bool]:
        """What names the entry within its session: stored twice it is refused."""
        return (self.fact, self.generation, self.reverses)

    def reversal(self) -> "Entry":
        """The entry that takes this one back."""
        assert not self.reverses, "a reversal is not reversed; the fact is posted again"
        return Entry(
            self.kind, self.fact, tuple(posting.reversed() for posting in self.postings), self.generation, True
        )


_RANK = {kind: rank for rank, kind in enumerate(Kind)}


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries of one moment in the order in which they are posted."""
    return tuple(sorted(entries, key=lambda entry: _RANK[entry.kind]))


def live(posted: Iterable[Entry]) -> dict[str, Entry]:
    """The entries that nothing has taken back, by fact."""
    standing: dict[tuple[str, int], Entry] = {}
    taken_back: set[tuple[str, int]] = set()
    for entry in posted:
        key = (entry.fact, entry.generation)
        if entry.reverses:
            taken_back.add(key)
        else:
            assert key not in standing, f"{entry.fact} was posted twice"
            standing[key] = entry
    kept = [entry for key, entry in standing.items() if key not in taken_back]
    assert len({entry.fact for entry in kept}) == len(kept), "a fact stands twice"
    return {entry.fact: entry for entry in kept}


def entries_to(target: Sequence[Entry], posted: Sequence[Entry]) -> list[Entry]:
    """The entries that bring a session's ledger from `posted` to `target`: first reversals, then what is new.

    Posting them and asking again gives none.
    """
    standing = live(posted)
    wanted = {entry.fact: entry for entry in target}
    generations = Counter(entry.fact for entry in posted if not entry.reverses)
    gone = [entry for fact, entry in standing.items() if fact not in wanted or wanted[fact].postings != entry.postings]
    kept = standing.keys() - {entry.fact for entry in gone}
    fresh = [
        Entry(entry.kind, entry.fact, entry.postings, generations[entry.fact])
        for entry in target
        if entry.fact not in kept
    ]
    return [*(entry.reversal() for entry in reversed(in_order(gone))), *in_order(fresh)]


def balances(entries: Iterable[Entry]) -> dict[Account, int]:
    """Each account's balance in cents, debits positive; accounts at zero are left out. They sum to zero."""
    sums: Counter[Account] = Counter()
    for entry in entries:
        for posting in entry.postings:
            sums[posting.debit] += posting.cents
            sums[posting.credit] -= posting.cents
    assert sum(sums.values()) == 0
    return {account: sums[account] for account in Account if sums[account]}


def flow(entries: Iterable[Entry], debit: Account, credit: Account) -> int:
    """The cents that moved from `credit` to `debit`, less those that moved back."""
    postings = [posting for entry in entries for posting in entry.postings]
    there = sum(posting.cents for posting in postings if (posting.debit, posting.credit) == (debit, credit))
    return there - sum(posting.cents for posting in postings if (posting.debit, posting.credit) == (credit, debit))
