"""The data keys of a database: made, opened, and wrapped anew, each by a command of its own or at the start."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import asyncpg

from shared.sealing.carrying_keys import Connection
from shared.sealing.data_keys import KEY_BYTES, DataKeys
from shared.sealing.key_encryption import KeyRefusedError, KeyWrapper

LEARNT_WITHIN = timedelta(minutes=10)
"""A new data key opens at once and seals this much later: by then every replica has read it, and been updated."""
_LOCK = 0x5EA1
_KEYS = (
    "select number, wrapped, wrapped_by, retired_at is not null as retired,"
    " seals_from <= clock_timestamp() and retired_at is null as seals from data_keys order by number"
)
_AGED = "select coalesce(max(made_at) < clock_timestamp() - $1::interval, true) from data_keys where retired_at is null"
_IN_USE = "select exists (select from inbox)"
_MADE = """
insert into data_keys (number, wrapped, wrapped_by, seals_from, all_sealed_at)
values ($1, $2, $3, clock_timestamp() + $4::interval, case when $4::interval = '0' then clock_timestamp() end)
"""
_PLAIN_LEFT = (
    "select count(*) > 0 and count(all_sealed_at) = 0 from data_keys"
    " where retired_at is null and seals_from <= clock_timestamp()"
)


@dataclass(frozen=True)
class KeyKeeper:
    """Opens the data keys of one service's database into `keys`.

    `wrappers` are what may have wrapped them, the one that wraps new ones first; without any nothing is sealed. A data
    key older than `renewed` gets a successor. `seals`: False where keys only open what was sealed before.
    """

    service: str
    wrappers: Sequence[KeyWrapper]
    renewed: timedelta
    keys: DataKeys = field(default_factory=DataKeys)
    seals: bool = True

    async def open(self, connection: Connection) -> None:
        """Open the data keys that are not open yet; make the first one, or the next where the last is old.

        Raises KeyRefusedError: a data key cannot be unwrapped with what the settings name, and which.
        """
        if self.seals and self.wrappers and await connection.fetchval(_AGED, self.renewed):
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
                if await connection.fetchval(_AGED, self.renewed):
                    in_use = await connection.fetchval(_IN_USE)
                    await self.make(connection, LEARNT_WITHIN if in_use else timedelta(0))
        rows = await connection.fetch(_KEYS)
        for row in rows:
            if row["number"] not in self.keys and not self._is_gone(row):
                self.keys.add(row["number"], await self._unwrapped(row))
        self.keys.seal_with(max((row["number"] for row in rows if row["seals"] and self.seals), default=None))

    async def make(self, connection: Connection, learnt_within: timedelta) -> int:
        """Add a data key that seals once replicas have had the time to learn of it; return its number."""
        number = (await connection.fetchval("select max(number) from data_keys") or 0) + 1
        wrapped = await self.wrappers[0].wrap(secrets.token_bytes(KEY_BYTES), self._about(number))
        await connection.execute(_MADE, number, wrapped, self.wrappers[0].name, learnt_within)
        return number

    async def wrap_anew(self, connection: Connection) -> int:
        """Wrap every data key with the first wrapper that another has wrapped; return how many. No row is touched."""
        current = self.wrappers[0]
        rows = await connection.fetch(f"{_KEYS} for update")
        former = [row for row in rows if row["wrapped_by"] != current.name and not self._is_gone(row)]
        for row in former:
            wrapped = await current.wrap(await self._unwrapped(row), self._about(row["number"]))
            await connection.execute(
                "update data_keys set wrapped = $2, wrapped_by = $3 where number = $1",
                row["number"],
                wrapped,
                current.name,
            )
        return len(former)

    async def _unwrapped(self, row: asyncpg.Record) -> bytes:
        about = self._about(row["number"])
        if (wrapper := self._wrapper_of(row)) is not None:
            secret = await wrapper.unwrap(row["wrapped"], about)
            if len(secret) != KEY_BYTES:
                raise KeyRefusedError(f"{about}: {wrapper.name} gives no key of {KEY_BYTES} bytes")
            return secret
        named = ", ".join(wrapper.name for wrapper in self.wrappers) or "none"
        raise KeyRefusedError(
            f"{about} is wrapped by {row['wrapped_by']}, and the settings name {named}:"
            " set DATA_KEY, DATA_KEY_BEFORE or DATA_KEY_COMMAND to what wrapped it"
        )

    def _wrapper_of(self, row: asyncpg.Record) -> KeyWrapper | None:
        return next((wrapper for wrapper in self.wrappers if wrapper.name == row["wrapped_by"]), None)

    def _is_gone(self, row: asyncpg.Record) -> bool:
        """Whether nothing is sealed with this data key any more, and what wrapped it was taken out of the settings."""
        return row["retired"] and self._wrapper_of(row) is None

    def _about(self, number: int) -> str:
        return f"data key {number} of {self.service}"


async def note_all_sealed(connection: Connection) -> None:
    """Nothing is left that is stored plain: what is written from now on is sealed, too."""
    await connection.execute("update data_keys set all_sealed_at = clock_timestamp() where retired_at is null")


async def retire(connection: Connection) -> None:
    """Nothing is left that these keys open: they need no longer be opened at the start, and seal nothing more."""
    await connection.execute("update data_keys set retired_at = clock_timestamp() where retired_at is null")


async def plain_left(connection: Connection) -> bool:
    """Whether a key seals what is written, and the command `seal` has yet to seal what was stored before."""
    return bool(await connection.fetchval(_PLAIN_LEFT))
