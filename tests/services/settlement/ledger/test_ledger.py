"""The ledger's own rules."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.settlement.ledger.ledger import Account, Entry, Kind, Posting, balances, entries_to, flow, live, post
from services.settlement.ledger.posting_rows import entries_of, rows_of

MOMENT = datetime(2026, 3, 2, tzinfo=UTC)
A, B, C = Account.CASH, Account.CLIENT_RECEIVABLE, Account.WRITE_OFF


def entry(fact: str, *postings: Posting, kind: Kind = Kind.CHARGE_SUCCEEDED) -> Entry:
    return Entry(kind, fact, postings)


@pytest.mark.parametrize("cents", [0, -1, 10**12])
def test_a_posting_moves_an_amount_above_zero_and_within_reason(cents: int) -> None:
    with pytest.raises(AssertionError):
        Posting(A, B, cents)


def test_a_posting_moves_between_two_accounts() -> None:
    with pytest.raises(AssertionError):
        Posting(A, A, 1)


def test_a_negative_amount_is_posted_the_other_way_and_zero_is_not_posted() -> None:
    assert post(A, B, -5) == (Posting(B, A, 5),)
    assert post(A, B, 0) == ()


def test_what_is_new_is_posted_and_what_is_gone_is_reversed_first() -> None:
    old, new = entry("old", Posting(A, B, 5)), entry("new", Posting(A, B, 7))

    assert entries_to([new], [old]) == [old.reversal(), new]


def test_a_changed_fact_is_reversed_and_posted_again_as_its_next_generation() -> None:
    before, after = entry("one", Posting(A, B, 5)), entry("one", Posting(A, C, 5))

    assert entries_to([after], [before]) == [before.reversal(), Entry(after.kind, "one", after.postings, generation=1)]


def test_a_fact_that_comes_back_gets_a_key_of_its_own() -> None:
    booked = entry("one", Posting(A, B, 5))
    posted = [booked, booked.reversal()]

    (again,) = entries_to([booked], posted)

    assert again.key not in {entry.key for entry in posted}


def test_flow_is_what_moved_less_what_moved_back() -> None:
    booked = entry("one", Posting(A, B, 5), Posting(B, A, 2))

    assert flow([booked, booked.reversal(), booked], A, B) == 3


def by_key(entry: Entry) -> tuple[str, int, bool]:
    return entry.key


POSTINGS = st.builds(
    lambda pair, cents: Posting(pair[0], pair[1], cents),
    st.permutations(list(Account)).map(lambda accounts: accounts[:2]),
    st.integers(1, 10_000),
)
TARGETS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d"]), st.lists(POSTINGS, min_size=1, max_size=3).map(tuple), max_size=4
).map(lambda facts: [Entry(Kind.CHARGE_SUCCEEDED, fact, postings) for fact, postings in facts.items()])


@given(st.lists(TARGETS, min_size=1, max_size=6))
def test_whatever_was_posted_before_the_ledger_reaches_its_target_and_stays_there(targets: list[list[Entry]]) -> None:
    posted: list[Entry] = []
    for target in targets:
        posted += entries_to(target, posted)
        assert entries_to(target, posted) == []
        assert {fact: entry.postings for fact, entry in live(posted).items()} == {e.fact: e.postings for e in target}
        assert balances(posted) == balances(target)
        assert len({entry.key for entry in posted}) == len(posted)
        read_back = entries_of(row for entry in posted for row in rows_of(entry, "c", "s", MOMENT, "m"))
        assert sorted(read_back, key=by_key) == sorted(posted, key=by_key)
