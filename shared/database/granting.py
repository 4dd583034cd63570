"""What a service's own role may do with tables that the owner's role has made: read and write rows, and nothing else.

The role that runs a service cannot drop a table, disable a trigger or edit what is append only. Whoever gets hold of
its password can write what the service can write, and no more.
"""

from shared.database.postgres import Connection

_APPEND_ONLY = """
select distinct quote_ident(relname) from pg_trigger
join pg_proc on pg_proc.oid = tgfoid join pg_class on pg_class.oid = tgrelid
where proname = 'refuse_change' and relnamespace = current_schema()::regnamespace
"""
"""The tables whose own triggers refuse every change, such as the ledger's."""


async def grant(connection: Connection, role: str) -> None:
    """Grant `role` the rows of every table. Raises asyncpg.UndefinedObjectError: there is no such role."""
    async with connection.transaction():
        name = await connection.fetchval("select quote_ident($1)", role)
        schema = await connection.fetchval("select quote_ident(current_schema())")
        await connection.execute(
            f"grant usage on schema {schema} to {name};"
            f" grant select, insert, update, delete on all tables in schema {schema} to {name};"
            f" grant usage on all sequences in schema {schema} to {name};"
            f" revoke insert, update, delete on migrations from {name}"
        )
        for row in await connection.fetch(_APPEND_ONLY):
            await connection.execute(f"revoke update, delete on {row[0]} from {name}")
