"""The story on DBOS Transact: `python -m tests.bench.peers.dbos_workflow COUNT`. A workflow a session, on PostgreSQL.

Each handler of the story is a step; its result is a row of DBOS, written after the step has run. Under a crash a
workflow goes on after its last recorded step: a step that had run but was not recorded runs again. Rows are safe by
their key; a letter of that one step is mailed twice. Nothing is lost. There is no broker: what would be messages to
other services are calls inside one process, so that services are not deployed or scaled apart.
"""

import os
import smtplib
import sys
from collections import deque

import psycopg
from dbos import DBOS, DBOSConfig, SetWorkflowID
from psycopg_pool import ConnectionPool

from tests.bench.peers import story, wire

_pools: dict[str, ConnectionPool[psycopg.Connection]] = {}


@DBOS.step()
def handle(session: int, name: str, service: str) -> None:
    """One service's step: its rows in a transaction, its letters."""
    step = story.handler(name, service)
    assert step is not None, "only steps of the story are called"
    with _pools["database"].connection() as database, database.cursor() as cursor:
        cursor.executemany(
            "insert into effects values (%s, %s, %s, %s, %s) on conflict do nothing", story.rows_of(session, name, step)
        )
    for _ in range(step.letters):
        host, _, port = os.environ["SMTP_URL"].rsplit("/", 1)[-1].partition(":")
        with smtplib.SMTP(host, int(port)) as smtp:
            smtp.send_message(wire.letter(session, name))


@DBOS.workflow()
def session_story(session: int) -> None:
    """One session, from its confirmation to its final cost."""
    waiting = deque(story.FIRST)
    while waiting:
        name = waiting.popleft()
        for step in story.BY_NAME[name].handlers:
            handle(session, name, step.service)
            waiting.extend(step.follows)


def main(count: int) -> None:
    """Enqueue `count` sessions (again those that a run before has not finished), and wait for all."""
    url = os.environ["BENCH_DATABASE"]
    _pools["database"] = ConnectionPool(url, min_size=1, max_size=20, open=True)
    config: DBOSConfig = {"name": "peers", "system_database_url": url, "run_admin_server": False, "log_level": "ERROR"}
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue("sessions", worker_concurrency=20)
    handles = []
    for session in range(count):
        with SetWorkflowID(f"session-{session}"):
            handles.append(DBOS.enqueue_workflow("sessions", session_story, session))
    for handle_of_session in handles:
        handle_of_session.get_result()
    DBOS.destroy()


if __name__ == "__main__":
    main(int(sys.argv[1]))
