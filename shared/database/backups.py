"""How old the last back-up of this database is: the back-up job notes each one, and a metric shows the age."""

from shared.database.postgres import Connection

_KEPT = 100


async def note(connection: Connection, by: str) -> None:
    """A back-up has succeeded just now."""
    await connection.execute("insert into backups (noted_by) values ($1)", by)
    await connection.execute(
        "delete from backups where at not in (select at from backups order by at desc limit $1)", _KEPT
    )


async def age_seconds(connection: Connection) -> float:
    """The age of the last one; where there was none, that of the database: never is too long ago, too."""
    return await connection.fetchval(
        "select extract(epoch from clock_timestamp()"
        " - coalesce((select max(at) from backups), (select min(applied_at) from migrations)))::float8"
    )


async def archive_fails(connection: Connection) -> bool:
    """Whether the server's last try to archive a piece of its log failed; False where it archives none."""
    return await connection.fetchval(
        "select coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) from pg_stat_archiver"
    )
