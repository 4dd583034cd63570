"""The last look before a letter goes: it may have waited in hand for its turn, and a fact of that time have ended it.

Those whose turns come while the database is asked about others are asked about together, next. Each answer is of a
moment after the letter's turn has come, and with the client's lock held: no fact of that client is being handled then.
"""

import asyncio
from collections.abc import Sequence

import asyncpg

from services.notification import store
from services.notification.store import LetterRow
from shared.database.postgres import lock_clients, lock_free_clients

_Asked = tuple[LetterRow, asyncio.Future[bool | None]]


class LastLook:
    """Whether letters are still to go. `stop` when nobody asks any more."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._next: list[_Asked] = []
        self._asking: asyncio.Task[None] | None = None

    async def is_wanted(self, row: LetterRow) -> bool:
        """Whether the letter is still to go. Raises what keeps the database from saying so."""
        answer: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
        self._next.append((row, answer))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        wanted = await answer
        return await self._once_free(row) if wanted is None else wanted

    def stop(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self) -> None:
        while self._next:
            asked, self._next = self._next, []
            try:
                answers = await self._look([row for row, _ in asked])
            except Exception as error:
                for _, answer in asked:
                    if not answer.done():
                        answer.set_exception(error)
                continue
            for row, answer in asked:
                if not answer.done():
                    answer.set_result(answers.get(row.letter_id))

    async def _look(self, rows: Sequence[LetterRow]) -> dict[str, bool]:
        """The answers for those letters whose clients' locks are free; the others must not keep these waiting."""
        async with self._pool.acquire() as connection, connection.transaction():
            free = await lock_free_clients(connection, {row.client_id for row in rows})
            letters = [(row.client_id, row.letter_id) for row in rows if row.client_id in free]
            waiting = await store.still_waiting(connection, letters)
        return {letter: letter in waiting for _, letter in letters}

    async def _once_free(self, row: LetterRow) -> bool:
        """The answer once the client's lock is to be had."""
        async with self._pool.acquire() as connection, connection.transaction():
            await lock_clients(connection, [row.client_id])
            return bool(await store.still_waiting(connection, [(row.client_id, row.letter_id)]))
