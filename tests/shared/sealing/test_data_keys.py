"""Values sealed with data keys: opened where they stand, and nowhere else."""

import json
import os
from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sealing.data_keys import DataKeys, KeyMissingError, NotOpenedError, place
from shared.sealing.sealed_columns import SealedColumns

HERE = place("clients", "details", ("c-1",))
ELSEWHERE = [
    place("clients", "details", ("c-2",)),
    place("clients", "plans", ("c-1",)),
    place("client", "sdetails", ("c-1",)),
]


def opened(*numbers: int, seals: int | None = None) -> DataKeys:
    """Data keys whose secrets are their numbers."""
    keys = DataKeys()
    for number in numbers:
        keys.add(number, bytes([number]) * 32)
    keys.seal_with(seals)
    return keys


KEYS = opened(1, 2, seals=2)
COLUMNS = SealedColumns(
    "t", ("id",), {"a": "text", "b": "bytea", "c": "jsonb"}, {"c": lambda value: json.dumps(value).encode()}
)


@pytest.mark.parametrize("keys", [KEYS, DataKeys()], ids=["sealed", "plain"])
@given(st.text(), st.binary(), st.dictionaries(st.text(), st.integers()))
def test_what_is_closed_is_read_back_with_and_without_keys(keys, text, raw, document):
    closed = COLUMNS.close_row({"id": "x", "a": text, "b": raw, "c": document}, ("x",), keys)

    stored = closed | {"c": json.dumps(closed["c"])}  # as PostgreSQL gives a jsonb column
    COLUMNS.open_row(stored, keys)

    assert (stored["a"], stored["b"], json.loads(stored["c"])) == (text, raw, document)


@pytest.mark.parametrize("text", ["sealed:1:abc", "plain:x", "plain:sealed:1:"])
def test_a_plain_value_that_looks_sealed_is_not_taken_for_one(text):
    without = DataKeys()

    assert without.open_text(without.seal_text(text, HERE), HERE) == text
    assert without.open(without.seal(text.encode(), HERE), HERE) == text.encode()


def test_a_plain_value_is_still_read_with_a_key():
    assert KEYS.open_text("Ann", HERE) == "Ann"
    assert KEYS.open_json('{"name": "Ann"}', HERE) == '{"name": "Ann"}'
    assert KEYS.open(b"ISA*00", HERE) == b"ISA*00"


def test_the_same_value_never_looks_the_same_twice_and_shows_nothing():
    sealed = [KEYS.seal_text("Ann", HERE) for _ in range(50)]

    assert len(set(sealed)) == 50
    assert not any("Ann" in text or b"Ann" in b64decode(text.rsplit(":", 1)[1]) for text in sealed)


@pytest.mark.parametrize("about", ELSEWHERE)
def test_a_value_that_was_moved_is_refused(about):
    with pytest.raises(NotOpenedError, match="belongs to another row"):
        KEYS.open_text(KEYS.seal_text("Ann", HERE), about)


def test_a_changed_bit_anywhere_is_refused():
    sealed = KEYS.seal(b"Ann", HERE)
    head = len(b"sealed:2:")

    for position in range(head, len(sealed)):
        changed = sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]
        with pytest.raises(NotOpenedError):
            KEYS.open(changed, HERE)


@pytest.mark.parametrize("left", [0, 5, 12, 20])
def test_a_truncated_value_is_refused(left):
    _, number, rest = KEYS.seal_text("Ann Smith", HERE).split(":")
    cut = b64encode(b64decode(rest)[:left]).decode()

    with pytest.raises(NotOpenedError):
        KEYS.open_text(f"sealed:{number}:{cut}", HERE)


@pytest.mark.parametrize(
    "text", ["sealed:", "sealed:x:abcd", "sealed:2", "sealed:2:?", "sealed:2:YWJj\n", "sealed:-2:"]
)
def test_a_damaged_value_is_refused(text):
    with pytest.raises(NotOpenedError, match=r"clients\.details holds a damaged sealed value"):
        KEYS.open_text(text, HERE)


def test_values_of_an_earlier_key_are_still_read():
    assert KEYS.open_text(opened(1, seals=1).seal_text("Ann", HERE), HERE) == "Ann"


def test_a_key_that_is_not_open_here_is_named_and_no_row():
    sealed = opened(7, seals=7).seal_text("Ann", HERE)

    with pytest.raises(KeyMissingError) as refused:
        KEYS.open_text(sealed, HERE)

    assert str(refused.value) == "clients.details is sealed with data key 7, which is not open here"


def test_another_secret_under_the_same_number_opens_nothing():
    other = DataKeys()
    other.add(2, os.urandom(32))

    with pytest.raises(NotOpenedError):
        other.open_text(KEYS.seal_text("Ann", HERE), HERE)


def test_what_is_empty_stays_empty():
    closed = COLUMNS.close_row({"a": "", "b": b"", "c": {}}, ("x",), KEYS)

    assert closed == {"a": "", "b": b"", "c": {}}
    assert COLUMNS.close_row({"a": None, "b": None, "c": None}, ("x",), KEYS) == {"a": None, "b": None, "c": None}
