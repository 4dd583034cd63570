"""The story on Celery, with Redis as its broker: a task for each service and message, a queue for each service.

Under a crash: `task_acks_late` and `task_reject_on_worker_lost` run a task again when its worker dies; Redis hands it
out again after the visibility timeout (an hour by default). Rows are safe by their key. Tasks that were sent before the
crash are sent again, and letters are mailed again: at least once, by hand-written idempotence. Without persistence
switched on, a crash of Redis itself loses every task that waits.
"""

import os
import smtplib

import psycopg
from celery import Celery
from celery.signals import worker_process_init

from tests.bench.peers import story, wire

app = Celery("peers", broker=os.environ.get("BENCH_REDIS", "redis://127.0.0.1:6379/0"))
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=16,
    broker_transport_options={"visibility_timeout": 15},  # an hour by default: longer than a kill test can wait
    broker_connection_retry_on_startup=True,
)
_open: dict[str, psycopg.Connection] = {}


@worker_process_init.connect
def connect(**_: object) -> None:
    """Each worker process has its own connection."""
    _open["database"] = psycopg.connect(os.environ["BENCH_DATABASE"])


@app.task(name="handle")
def handle(session: int, name: str, service: str) -> None:
    """One service's step: its rows in a transaction, then the tasks that follow."""
    step = story.handler(name, service)
    assert step is not None, "a task is sent only to a service that handles the message"
    database = _open["database"]
    with database.transaction(), database.cursor() as cursor:
        cursor.executemany(
            "insert into effects values (%s, %s, %s, %s, %s) on conflict do nothing", story.rows_of(session, name, step)
        )
    for _ in range(step.letters):
        _mail(session, name)
    for following in step.follows:
        tell(session, following)


def tell(session: int, name: str) -> None:
    """Send a message to every service that handles it; the body travels with it."""
    for step in story.BY_NAME[name].handlers:
        handle.apply_async(
            (session, name, step.service), queue=step.service, headers={"body": wire.encoded(session, name).decode()}
        )


def _mail(session: int, name: str) -> None:
    host, _, port = os.environ["SMTP_URL"].rsplit("/", 1)[-1].partition(":")
    with smtplib.SMTP(host, int(port)) as smtp:
        smtp.send_message(wire.letter(session, name))
