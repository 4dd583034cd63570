"""The embedded stack: Kafka, PostgreSQL and an inbox for the letters, started together and ended together.

    with Stack.start() as stack:
        subprocess.run([...], env={**os.environ, **stack.env()})

A part whose address the environment already names (KAFKA_BOOTSTRAP_SERVERS, every DATABASE_URL_<SERVICE>, SMTP_URL)
is used as it is and not started.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import asyncpg

from deploy.embedded import aot, children, folders, kafka, postgres
from deploy.embedded.children import Child, Children
from deploy.embedded.kafka_security import SecureListener
from deploy.embedded.ports import Port
from deploy.embedded.progress import Progress
from deploy.embedded.sourced import forget_sourced
from shared.database import granting
from shared.database.postgres import RUNTIME_MIGRATIONS, migrate
from shared.kafka import creating_topics

SERVICES = ("coverage", "claims", "settlement", "notification", "payers")
_SERVICES_FOLDER = Path(__file__).parents[2] / "services"
PARTS = ("kafka", "postgres", "inbox")
INBOX_START_SECONDS = 20.0
LEARN_SECONDS = 20.0


class Stack:
    """What runs, and where. Make one with `Stack.start`."""

    def __init__(  # noqa: PLR0913 - each is one switch of what runs
        self,
        data_dir: Path | None = None,
        *,
        kafka: bool = True,
        postgres: bool = True,
        inbox: bool = True,
        fsync: bool = True,
        brokers: int = 1,
        secure: bool = False,
        front: kafka.Front | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        given = os.environ if environ is None else environ
        self._given = {name: value for name, value in given.items() if name in _addresses() and value}
        self.run = folders.Run(data_dir)
        self.children = Children(self.run)
        self.secure = SecureListener(self.run.folder / "certificates") if secure else None
        self._broker = (
            self._own_broker(brokers, front) if kafka and "KAFKA_BOOTSTRAP_SERVERS" not in self._given else None
        )
        databases_given = all(database_variable(name) in self._given for name in SERVICES)
        self._database = self._own_database(fsync) if postgres and not databases_given else None
        self._inbox_ports = (Port(), Port()) if inbox and "SMTP_URL" not in self._given else None
        self._learning: Child | None = None

    @classmethod
    def start(  # noqa: PLR0913 - as above
        cls,
        data_dir: Path | None = None,
        *,
        kafka: bool = True,
        postgres: bool = True,
        inbox: bool = True,
        fsync: bool = True,
        brokers: int = 1,
        secure: bool = False,
        front: kafka.Front | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> "Stack":
        """Start what is asked for and not already given, and return when all of it serves.

        With `data_dir` the data is kept there and found again by the next start; without, it goes with the stack.
        `fsync` False makes PostgreSQL faster and forgetful, for tests. `brokers` is how many Kafka has; `secure` adds
        a listener with TLS, passwords and rights. With `front` the services reach each broker through a proxy (it gives
        the proxy's port for the broker's). `environ` replaces the process's environment as the place where
        given addresses are looked up ({} starts everything anew); what a shell has sourced is not given.
        The topics of a Kafka that is started here are made, too, in three copies where there are three brokers.
        Raises StartError (JarsMissingError among them), FolderInUseError.
        """
        children.sweep()
        if environ is None:
            forget_sourced()
        stack = cls(
            data_dir,
            kafka=kafka,
            postgres=postgres,
            inbox=inbox,
            fsync=fsync,
            brokers=brokers,
            secure=secure,
            front=front,
            environ=environ,
        )
        try:
            stack._start_parts()
        except BaseException:
            stack.stop()
            raise
        return stack

    @property
    def kafka_bootstrap(self) -> str:
        """The brokers' addresses, with commas between."""
        return self._broker.address if self._broker else self._given["KAFKA_BOOTSTRAP_SERVERS"]

    def database_url(self, service: str) -> str:
        """The address of a service's own database, as its own role."""
        given = self._given.get(database_variable(service))
        if given is not None or self._database is None:
            return given or self._given[database_variable(service)]
        return self._database.url(service)

    def owner_url(self, service: str) -> str:
        """The address of the same database as the role that owns its tables; a given one's role owns them itself."""
        return self.database_url(service) if self._database is None else self._database.owner_url(service)

    @property
    def database_admin_url(self) -> str | None:
        """The superuser's address of the embedded PostgreSQL, for tests that make databases; None for a given one."""
        return self._database.admin_url() if self._database else None

    @property
    def smtp_url(self) -> str:
        """Where the letters go."""
        return f"smtp://127.0.0.1:{self._inbox_ports[0].number}" if self._inbox_ports else self._given["SMTP_URL"]

    @property
    def inbox_url(self) -> str | None:
        """The page that shows the letters; None when the mail goes to an SMTP_URL of the user's own without one."""
        return f"http://127.0.0.1:{self._inbox_ports[1].number}" if self._inbox_ports else self._given.get("INBOX_URL")

    def env(self) -> dict[str, str]:
        """The addresses as environment variables, given ones included, for the processes that use them."""
        addresses = dict(self._given)
        if self._broker:
            addresses["KAFKA_BOOTSTRAP_SERVERS"] = self.kafka_bootstrap
        if self._database:
            addresses |= {database_variable(name): self.database_url(name) for name in SERVICES}
        if self._inbox_ports:
            addresses |= {"SMTP_URL": self.smtp_url, "INBOX_URL": self.inbox_url or ""}
        return addresses

    @property
    def cluster(self) -> kafka.Cluster:
        """The brokers, to kill and restart one of several."""
        return self._own()

    def kill_kafka(self) -> None:
        """End every broker as a crash would. Only for brokers of this stack's own."""
        self._own().kill()

    def stop_kafka(self) -> None:
        """End every broker in order."""
        self._own().stop()

    def restart_kafka(self) -> None:
        """Start every broker again, on the same port and data, and wait: 4 s after a kill, else 1.5 s."""
        self._own().restart()

    def stop_database(self) -> None:
        """End PostgreSQL in order. Only for a database of this stack's own."""
        self._own_server().stop()

    def kill_database(self) -> None:
        """End PostgreSQL as a crash would."""
        self._own_server().kill()

    def restart_database(self) -> None:
        """Start PostgreSQL again, on the same port and data, and wait."""
        self._own_server().start()
        self._own_server().wait()

    def stop(self) -> None:
        """End everything that was started, children of the caller's own included, and remove the data unless kept."""
        if self._learning is not None and self._learning.alive and sys.exc_info()[0] is None:
            Progress().update("keeping what Kafka's JVM has learnt, once, so that later starts are faster ...")
            self._learning.wait_end(LEARN_SECONDS)
        self.children.stop_all_but(PARTS)  # they may still need the broker and the database to end well
        if not self.run.kept:
            for part in filter(None, (self._broker, self._database)):
                part.abandon()
        self.children.stop()
        self.run.remove()

    def __enter__(self) -> "Stack":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _own_broker(self, brokers: int, front: kafka.Front | None) -> kafka.Cluster:
        return kafka.Cluster(self.children, self.run.folder, brokers, self.secure, front)

    def _own_database(self, fsync: bool) -> postgres.Database:
        return postgres.Database(self.children, self.run.folder, SERVICES, fsync=fsync)

    def _own(self) -> kafka.Cluster:
        if self._broker is None:
            raise RuntimeError("this stack uses a Kafka that is given: it is not ours to end")
        return self._broker

    def _own_server(self) -> postgres.Database:
        if self._database is None:
            raise RuntimeError("this stack uses databases that are given: they are not ours to end")
        return self._database

    def _start_parts(self) -> None:
        inbox = self._start_inbox()
        if self.secure is not None:
            self.secure.make_certificates()
        parts = [part for part in (self._broker, self._database) if part is not None]
        pool = ThreadPoolExecutor(2)  # the first time, one fetches while the other initializes
        try:
            for started in [pool.submit(part.start) for part in parts]:
                started.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # a failure or Ctrl-C needn't wait for a download
        for part in parts:
            part.wait()
        if inbox is not None and self._inbox_ports is not None:
            inbox.wait_until(self._inbox_ports[1].answers, INBOX_START_SECONDS)
        if self._database is not None:
            self.make_tables()
        if self._broker is not None:
            self.make_topics()
            self._learning = aot.learn(self.children, kafka.FLAGS)

    @property
    def topic_copies(self) -> int:
        """How many copies the topics have."""
        return 1 if self._broker is None else min(3, len(self._broker.brokers))

    def make_topics(self) -> None:
        """Make the topics that are missing, as an operator would. Raises KafkaError where a given broker is silent."""
        if self._broker is None and os.environ.get("KAFKA_SECURITY_PROTOCOL", "PLAINTEXT") != "PLAINTEXT":
            return  # a cluster with rights of its own: `shared.commands.topics create` is for its administrator
        with ThreadPoolExecutor(1) as beside:  # the caller may have an event loop of its own
            beside.submit(asyncio.run, creating_topics.create(self.kafka_bootstrap, self.topic_copies)).result()

    def make_tables(self) -> None:
        """Bring every service's tables up to date as their owner would, and grant the service's role their rows."""
        try:
            with ThreadPoolExecutor(1) as beside:
                beside.submit(asyncio.run, self._make_tables()).result()
        except asyncpg.InvalidAuthorizationSpecificationError:
            raise folders.StartError(
                f"the data kept in {self.run.folder} is an earlier version's, without the owners' roles: remove it"
            ) from None

    async def _make_tables(self) -> None:
        for name in SERVICES:
            connection = await asyncpg.connect(self.owner_url(name))
            try:
                await migrate(connection, RUNTIME_MIGRATIONS, _SERVICES_FOLDER / name / "migrations")
                await granting.grant(connection, name)
            finally:
                await connection.close()

    def _start_inbox(self) -> Child | None:
        if self._inbox_ports is None:
            return None
        smtp, page = (str(port.number) for port in self._inbox_ports)
        command = [
            sys.executable,
            "-m",
            "deploy.embedded.mailbox.inbox_server",
            "--smtp-port",
            smtp,
            "--page-port",
            page,
        ]
        letters = str(self.run.folder / "letters")
        return self.children.start("inbox", [*command, "--folder", letters], cwd=Path(__file__).parents[2])


def database_variable(service: str) -> str:
    """The environment variable that names a service's database."""
    return f"DATABASE_URL_{service.upper()}"


def _addresses() -> set[str]:
    return {"KAFKA_BOOTSTRAP_SERVERS", "SMTP_URL", "INBOX_URL", *(database_variable(name) for name in SERVICES)}
