"""The ledger's rows: entries as the table `postings` holds them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from services.settlement.ledger.ledger import Account, Entry, Kind, Posting


@dataclass(frozen=True, slots=True)
class PostingRow:
    """One posting of an entry: the `ordinal`th of `size`. `cause` is the id of the message that brought it about."""

    client_id: str
    session_id: str
    fact: str
    generation: int
    reverses: bool
    ordinal: int
    size: int
    kind: str
    debit: str
    credit: str
    cents: int
    posted_at: datetime
    cause: str


def rows_of(entry: Entry, client_id: str, session_id: str, posted_at: datetime, cause: str) -> list[PostingRow]:
    """The rows of an entry. They must be inserted in one statement: the database refuses half an entry."""
    return [
        PostingRow(
            client_id,
            session_id,
            entry.fact,
            entry.generation,
            entry.reverses,
            ordinal,
            len(entry.postings),
            entry.kind.value,
            posting.debit.value,
            posting.credit.value,
            posting.cents,
            posted_at,
            cause,
        )
        for ordinal, posting in enumerate(entry.postings, 1)
    ]


def entries_of(rows: Iterable[PostingRow]) -> list[Entry]:
    """The entries of one session from its rows, in the order in which they were posted."""
    by_entry = sorted(rows, key=lambda row: (row.fact, row.generation, row.reverses, row.ordinal))
    entries: list[tuple[datetime, Entry]] = []
    for (fact, generation, reverses), group in groupby(by_entry, lambda row: (row.fact, row.generation, row.reverses)):
        whole = list(group)
        postings = tuple(Posting(Account(row.debit), Account(row.credit), row.cents) for row in whole)
        assert len(postings) == whole[0].size, f"{fact} is not whole"
        entries.append((whole[0].posted_at, Entry(Kind(whole[0].kind), fact, postings, generation, reverses)))
    kinds = list(Kind)
    entries.sort(key=lambda dated: (dated[0], dated[1].generation, dated[1].reverses, kinds.index(dated[1].kind)))
    return [entry for _, entry in entries]
