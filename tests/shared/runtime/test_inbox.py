"""What was handled once is known by its key, source and id, whatever these are."""

import pytest

from shared.database.postgres import lock_free_clients
from shared.runtime import deadletter, inbox
from shared.runtime.deadletter import Incoming

NAMES = {"one without a key": [""], "one": ["a"], "several, one without a key": ["", "a", "b"]}


@pytest.mark.parametrize("keys", NAMES.values(), ids=NAMES)
async def test_a_message_is_new_once(probe, keys):
    messages = [(key, "payers.inbound", "id") for key in keys]
    async with probe.pool.acquire() as connection:
        assert await inbox.new_ones(connection, messages) == set(messages)
        assert await inbox.new_ones(connection, messages) == set()


@pytest.mark.parametrize("keys", NAMES.values(), ids=NAMES)
async def test_a_key_is_parked_where_a_message_of_it_is(probe, keys):
    async with probe.pool.acquire() as connection:
        parked = [(Incoming("payers.inbound", key, b"ISA", (), f"payers.inbound/0/{key}"), "failed") for key in keys]
        await deadletter.set_aside(connection, parked, parked=True)

        assert await deadletter.parked_keys(connection, [*keys]) == set(keys)
        assert await deadletter.parked_keys(connection, ["c"]) == set()


@pytest.mark.parametrize("names", [[], *NAMES.values()], ids=["none", *NAMES])
async def test_the_names_that_are_locked_are_those_that_were_given(probe, names):
    async with probe.pool.acquire() as connection, connection.transaction():
        assert await lock_free_clients(connection, names) == set(names)
