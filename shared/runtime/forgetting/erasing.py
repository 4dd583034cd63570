"""Forgetting a client: their rows go, and what comes later does not bring them back.

A service says in `Service.of_erased` which topics it goes on hearing of a forgotten client, such as a payer's answer to
a claim that it must keep. Everything else is dropped; whoever answers for a topic tells upstream.
"""

from collections.abc import Sequence

from shared.database.postgres import Connection, as_lines, of_lines
from shared.events.types import ClientEvent
from shared.runtime.message import Message
from shared.runtime.transaction import Transaction


async def erase(tx: Transaction, client_id: str, tables: Sequence[str]) -> None:
    """Delete the client's rows in `tables`, what the runtime keeps of them, and remember that they are forgotten.

    What was set aside unread goes, too; a message of the client that is parked would have held this one up.
    """
    await tx.rows.forget(client_id)
    for table in tables:
        await tx.connection.execute(f"delete from {table} where client_id = $1", client_id)
    await tx.connection.execute("delete from timers where client_id = $1", client_id)
    await tx.connection.execute("delete from latest_fact where key = $1", client_id)
    await tx.connection.execute("delete from set_aside where key = $1 and not parked", client_id)
    await tx.connection.execute("insert into erased values ($1, $2) on conflict do nothing", client_id, tx.now)
    tx.erased.add(client_id)


async def is_erased(connection: Connection, client_id: str) -> bool:
    """Whether the client was forgotten."""
    return bool(await connection.fetchval("select exists (select from erased where client_id = $1)", client_id))


async def split(
    connection: Connection, messages: Sequence[Message], still_heard: frozenset[str]
) -> tuple[list[Message], list[Message]]:
    """The messages to handle, and those about forgotten clients from topics that are not `still_heard` of them."""
    about = {m.key for m in messages if isinstance(m.event, ClientEvent) and m.incoming.topic not in still_heard}
    if not about:
        return list(messages), []
    rows = await connection.fetch(
        f"select client_id from erased where client_id = any({of_lines('$1')})", as_lines(about)
    )
    gone = {row["client_id"] for row in rows}
    taken, late = list[Message](), list[Message]()
    for message in messages:
        is_late = message.key in gone and message.incoming.topic not in still_heard
        (late if is_late else taken).append(message)
    return taken, late
