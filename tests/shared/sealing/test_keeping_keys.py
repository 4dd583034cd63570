"""The data keys of a database: made, opened, renewed and wrapped anew."""

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from shared.sealing.data_keys import DataKeys
from shared.sealing.keeping_keys import KeyKeeper, note_all_sealed, plain_left, retire
from shared.sealing.key_command import KeyCommand
from shared.sealing.key_encryption import KeyEncryptionKey, KeyRefusedError
from tests.runtime_probe.service import SERVICE

OLD, NEW = "0f5c55b2e9d14c7aa86b3f0e12d97c44", "e1b7a0c3d25f4986b2c8d7f6a5043912"
MONTH = timedelta(days=30)
KMS = """
import base64, os, sys
line = base64.b64decode(sys.stdin.readline())
about = os.environ["DATA_KEY_ABOUT"].encode()
if sys.argv[1] == "wrap":
    print(base64.b64encode(about + b"|" + line[::-1]).decode())
elif line.startswith(about + b"|"):
    print(base64.b64encode(line[len(about) + 1:][::-1]).decode())
else:
    sys.exit(7)
"""


@pytest.fixture
async def connection(new_database):
    connection = await asyncpg.connect(await new_database(SERVICE))
    yield connection
    await connection.close()


@pytest.fixture
def kms(tmp_path: Path) -> KeyCommand:
    (tmp_path / "kms.py").write_text(KMS)
    return KeyCommand(f"{sys.executable} {tmp_path / 'kms.py'}")


def keeper(*texts: str, service: str = "claims") -> KeyKeeper:
    return KeyKeeper(service, [KeyEncryptionKey(text) for text in texts], MONTH, DataKeys())


async def numbers(connection) -> list[tuple[int, str]]:
    rows = await connection.fetch("select number, wrapped_by from data_keys order by number")
    return [(row["number"], row["wrapped_by"]) for row in rows]


async def test_the_first_start_makes_a_data_key_and_the_next_opens_it(connection):
    first, second = keeper(OLD), keeper(OLD)
    await first.open(connection)
    await second.open(connection)

    sealed = first.keys.seal(b"Ann", b"here")
    assert second.keys.open(sealed, b"here") == b"Ann"
    assert len(await numbers(connection)) == 1


async def test_without_a_key_nothing_is_made_and_nothing_sealed(connection):
    without = keeper()
    await without.open(connection)

    assert (await numbers(connection), without.keys.number) == ([], None)


async def test_replicas_that_start_at_once_make_one_data_key(new_database):
    url = await new_database(SERVICE)
    connections = [await asyncpg.connect(url) for _ in range(4)]
    keepers = [keeper(OLD) for _ in connections]

    await asyncio.gather(*(kept.open(at) for kept, at in zip(keepers, connections, strict=True)))

    assert [kept.keys.number for kept in keepers] == [1, 1, 1, 1]
    await asyncio.gather(*(at.close() for at in connections))


async def test_an_old_data_key_gets_a_successor_that_seals_once_replicas_know_it(connection):
    kept = keeper(OLD)
    await kept.open(connection)
    await connection.execute("insert into inbox (key, source, id) values ('c', 's', '1')")
    await connection.execute("update data_keys set made_at = made_at - interval '31 days'")

    await kept.open(connection)
    assert (kept.keys.number, 2 in kept.keys) == (1, True)

    await connection.execute("update data_keys set seals_from = clock_timestamp()")
    await kept.open(connection)
    assert kept.keys.number == 2


async def test_the_wrapping_key_is_rotated_without_touching_rows(connection):
    before = keeper(OLD)
    await before.open(connection)
    sealed = before.keys.seal(b"Ann", b"here")

    during = keeper(NEW, OLD)
    await during.open(connection)
    assert await during.wrap_anew(connection) == 1
    assert await during.wrap_anew(connection) == 0

    after = keeper(NEW)
    await after.open(connection)
    assert after.keys.open(sealed, b"here") == b"Ann"


@pytest.mark.parametrize("texts", [[], [NEW]], ids=["no key", "another key"])
async def test_a_start_that_cannot_unwrap_says_what_wrapped_and_what_is_named(texts, connection):
    await keeper(OLD).open(connection)

    with pytest.raises(KeyRefusedError) as refused:
        await keeper(*texts).open(connection)

    named = KeyEncryptionKey(NEW).name if texts else "none"
    assert str(refused.value).startswith(
        f"data key 1 of claims is wrapped by {KeyEncryptionKey(OLD).name}, and the settings name {named}: set DATA_KEY"
    )


async def test_a_data_key_of_another_service_or_number_is_refused(connection):
    await keeper(OLD).open(connection)

    with pytest.raises(KeyRefusedError, match="data key 1 of coverage is damaged, or is another service's"):
        await keeper(OLD, service="coverage").open(connection)

    await connection.execute("update data_keys set number = 2")
    with pytest.raises(KeyRefusedError, match="data key 2 of claims is damaged"):
        await keeper(OLD).open(connection)


async def test_a_command_wraps_and_unwraps_in_place_of_a_key(connection, kms):
    first = KeyKeeper("claims", [kms], MONTH)
    await first.open(connection)
    second = KeyKeeper("claims", [kms], MONTH)
    await second.open(connection)

    assert second.keys.open(first.keys.seal(b"Ann", b"here"), b"here") == b"Ann"
    assert await numbers(connection) == [(1, "command")]


async def test_a_key_is_replaced_by_a_command(connection, kms):
    await keeper(OLD).open(connection)
    moving = KeyKeeper("claims", [kms, KeyEncryptionKey(OLD)], MONTH)

    assert await moving.wrap_anew(connection) == 1
    await KeyKeeper("claims", [kms], MONTH).open(connection)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("/nowhere/kms", "/nowhere/kms: No such file or directory"),
        ("false", "it ended with 1"),
        ("echo no*base64", "the answer is no base64"),
        ("sh -c 'sleep 30' --", "no answer within 0.2 seconds"),
    ],
)
async def test_a_command_that_fails_is_one_clear_line(command, said):
    with pytest.raises(KeyRefusedError) as refused:
        await KeyCommand(command, seconds=0.2).unwrap(b"abc", "data key 1 of claims")

    assert str(refused.value) == f"DATA_KEY_COMMAND unwrap of data key 1 of claims: {said}"


async def test_what_was_stored_before_the_first_key_is_known_to_be_plain_until_it_is_sealed(connection):
    await connection.execute("insert into inbox (key, source, id) values ('c', 's', '1')")
    await keeper(OLD).open(connection)
    assert not await plain_left(connection), "nothing is sealed yet, on purpose"

    await connection.execute("update data_keys set seals_from = clock_timestamp()")
    assert await plain_left(connection)
    await note_all_sealed(connection)
    assert not await plain_left(connection)


async def test_an_empty_database_holds_nothing_plain_from_its_first_key_on(connection):
    await keeper(OLD).open(connection)

    assert not await plain_left(connection)


async def test_a_key_that_only_opens_seals_nothing_and_a_retired_one_is_not_needed(connection):
    first = keeper(OLD)
    await first.open(connection)
    sealed = first.keys.seal(b"Ann", b"here")

    opens = replace(keeper(OLD), seals=False)
    await opens.open(connection)
    assert (opens.keys.number, opens.keys.open(sealed, b"here")) == (None, b"Ann")

    with pytest.raises(KeyRefusedError):
        await replace(keeper(), seals=False).open(connection)
    await retire(connection)
    await replace(keeper(), seals=False).open(connection)

    again = keeper(NEW)
    await again.open(connection)
    assert await numbers(connection) == [(1, KeyEncryptionKey(OLD).name), (2, KeyEncryptionKey(NEW).name)]
    assert again.keys.number == 2
