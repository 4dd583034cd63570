"""The services as processes on the stack: any number of replicas each, a port and a log of their own."""

import os
import re
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.children import Child
from deploy.embedded.ports import Port
from deploy.embedded.stack import SERVICES, Stack, database_variable

ROOT = Path(__file__).parents[2]
MOST_REPLICAS = 16
READY_SECONDS = 60.0
STOP_SECONDS = 35.0  # a service gives the work in hand 30
ANSWER_SECONDS = 2.0


class ScaleError(Exception):
    """The wish for replicas cannot be read; the message says how to write it."""


def parse_scale(text: str) -> dict[str, int]:
    """How many replicas of each service `text` asks for, such as "claims=2 coverage=0"; one where it is silent.

    Raises ScaleError: an unknown service, a service named twice, or no number from 0 to 16.
    """
    scale: dict[str, int] = {}
    for word in text.replace(",", " ").split():
        match = re.fullmatch(r"([a-z]+)=(\d{1,2})", word)
        if match is None or int(match[2]) > MOST_REPLICAS:
            raise ScaleError(f"cannot read {word!r}: write SERVICE=NUMBER, such as claims=2, up to {MOST_REPLICAS}")
        if match[1] not in SERVICES:
            raise ScaleError(f"there is no service {match[1]!r}: there are {', '.join(SERVICES)}")
        if match[1] in scale:
            raise ScaleError(f"{match[1]} is named twice")
        scale[match[1]] = int(match[2])
    return {name: scale.get(name, 1) for name in SERVICES}


@dataclass(frozen=True)
class Ports:
    """The two ports of a replica: for operators, and for everybody."""

    operations: Port
    pages: Port

    def release(self) -> None:
        """Give both back."""
        self.operations.release()
        self.pages.release()


class Replica:
    """One process of a service."""

    def __init__(self, service: str, number: int, ports: "Ports", child: Child) -> None:
        self.service = service
        self.number = number
        self.child = child
        self._ports = ports

    @property
    def name(self) -> str:
        """Such as `claims-2`; its log has this name too."""
        return f"{self.service}-{self.number}"

    @property
    def url(self) -> str:
        """Where its health and metrics are."""
        return f"http://127.0.0.1:{self._ports.operations.number}"

    @property
    def pages_url(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self._ports.pages.number}"

    def ready(self) -> bool:
        """Whether it says that it works: broker, database, partitions, migrations."""
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=ANSWER_SECONDS) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def wait(self, timeout_seconds: float = READY_SECONDS) -> None:
        """Return once it is ready. Raises StartError: it ended, or took too long."""
        self.child.wait_until(self.ready, timeout_seconds)

    def stop(self) -> None:
        """End it in order: it finishes the work in hand."""
        self.child.stop()
        self._ports.release()

    def kill(self) -> None:
        """End it as a crash would."""
        self.child.kill()
        self._ports.release()


class Services:
    """The replicas that run on a stack. They end with the stack, or one by one."""

    def __init__(
        self,
        stack: Stack,
        extra_env: Mapping[str, str] | None = None,
        *,
        code: Path = ROOT,
        launcher: Sequence[str] = (),
    ) -> None:
        """`code` is the folder whose services run: another release's, where two are to be tried together.

        `launcher` is a module that starts a service in its own way: it gets what the service's own would.
        """
        self._stack, self._code, self._launcher = stack, code, launcher
        self.clock_file = Path(os.environ.get("CLOCK_OFFSET_FILE") or stack.run.folder / "clock-offset")
        self._env = {"CLOCK_OFFSET_FILE": str(self.clock_file), **(extra_env or {})}
        self._numbers: Counter[str] = Counter()
        self._pages: dict[str, Port] = {}
        self.replicas: list[Replica] = []

    def start(self, scale: Mapping[str, int]) -> None:
        """Start so many replicas of each service, without waiting."""
        for service, count in scale.items():
            for _ in range(count):
                self.add(service)

    def add(self, service: str) -> Replica:
        """Start one more replica of a service, without waiting."""
        self._numbers[service] += 1
        number = self._numbers[service]
        ports = Ports(Port(), self._page_port(service) if number == 1 else Port())
        child = self._stack.children.start(
            f"{service}-{number}",
            [sys.executable, "-m", *self._launcher, f"services.{service}", "run"],
            env=self._environment(service, ports),
            cwd=self._code,
            grace_seconds=STOP_SECONDS,
        )
        self.replicas.append(Replica(service, number, ports, child))
        return self.replicas[-1]

    def of(self, service: str) -> list[Replica]:
        """The replicas of a service that run."""
        return [replica for replica in self.replicas if replica.service == service and replica.child.alive]

    def wait(self, timeout_seconds: float = READY_SECONDS) -> None:
        """Return once all are ready. Raises StartError: one ended, or took too long."""
        for replica in self.replicas:
            replica.wait(timeout_seconds)

    def stop(self) -> None:
        """End all in order, side by side."""
        for replica in self.replicas:
            replica.child.ask()
        for replica in self.replicas:
            replica.stop()
        self.replicas.clear()

    def addresses(self) -> dict[str, str]:
        """The replicas' names and where their health and metrics are."""
        return {replica.name: replica.url for replica in self.replicas}

    def page_addresses(self) -> dict[str, str]:
        """What people open in a browser."""
        return {f"search ({replica.name})": f"{replica.pages_url}/search" for replica in self.of("coverage")}

    def _page_port(self, service: str) -> Port:
        """The port of a service's first replica, which serves the pages that the letters link to."""
        if service not in self._pages:
            self._pages[service] = Port()
        return self._pages[service]

    def _environment(self, service: str, ports: Ports) -> dict[str, str]:
        """Everything of ours but the addresses, and of the databases only the service's own."""
        others = {database_variable(name) for name in SERVICES if name != service}
        addresses = {name: value for name, value in self._stack.env().items() if name not in others}
        ours = {name: value for name, value in os.environ.items() if name not in others}
        where = {name: f"http://127.0.0.1:{self._page_port(name).number}" for name in ("coverage", "settlement")}
        addresses["TOPIC_REPLICATION"] = str(self._stack.topic_copies)
        pages = {"COVERAGE_URL": where["coverage"], "SETTLEMENT_URL": where["settlement"]}
        pages["LETTER_GATHER_SECONDS"] = "1"  # who looks on need not wait longer
        pages["PUBLIC_URL"] = f"http://127.0.0.1:{self._page_port(service).number}"
        if self._stack.secure is not None:
            addresses |= self._stack.secure.client_environment(service)
            addresses["KAFKA_BOOTSTRAP_SERVERS"] = self._stack.cluster.clients_address
        listening = {"HTTP_PORT": str(ports.operations.number), "PAGES_PORT": str(ports.pages.number)}
        return {**pages, **ours, **addresses, **listening, "PYTHONUNBUFFERED": "1", **self._env}
