"""The brokers' data folders: formatted once by Kafka's own tool, since that takes a JVM of its own, then copied."""

import base64
import re
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from deploy.embedded import folders, jars
from deploy.embedded.children import StartError
from deploy.embedded.kafka_security import SecureListener

LOGGING = """\
status = error
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %c{1} %m%n
"""
_FORMATTED_AS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listeners": "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093",
    "controller.quorum.voters": "1@127.0.0.1:9093",
}


def prepare(data: Path, number: int, java: list[str], secure: SecureListener | None) -> None:
    """Make the data folder of the node `number`, unless it is there. Raises StartError."""
    if data.exists():
        return
    template = _formatted(java, secure)
    making = data.with_suffix(".part")
    shutil.copytree(template, making)
    meta = making / "meta.properties"
    text = re.sub(r"(?m)^node\.id=.*$", f"node.id={number}", meta.read_text())
    if number > 1:
        text = re.sub(r"(?m)^directory\.id=.*$", f"directory.id={_identity()}", text)
    meta.write_text(text)
    making.rename(data)


def _identity() -> str:
    """An id as Kafka writes it: 16 bytes in base64."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def _formatted(java: list[str], secure: SecureListener | None) -> Path:
    """An empty data folder as Kafka's own tool formats it."""
    kind = "formatted" if secure is None else "formatted-with-users"
    ready = folders.cache() / f"kafka-{jars.KAFKA}-{kind}"
    if not ready.exists():
        with folders.locked("kafka-format"):
            if not ready.exists():
                format_storage(java, ready, [] if secure is None else secure.format_options())
    return ready


def format_storage(java: list[str], ready: Path, options: list[str]) -> None:
    """Run Kafka's storage tool, and move what it made to `ready` when it is whole. Raises StartError."""
    with tempfile.TemporaryDirectory(prefix="format-", dir=ready.parent) as making:
        data, settings, logging = (Path(making) / name for name in ("data", "server.properties", "log4j2.properties"))
        logging.write_text(LOGGING)
        listed = {**_FORMATTED_AS, "log.dirs": str(data)}
        settings.write_text("".join(f"{name}={value}\n" for name, value in listed.items()))
        tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={_identity()}", "--config", str(settings), *options]
        done = subprocess.run(
            [java[0], f"-Dlog4j2.configurationFile={logging}", *java[1:], *tool], capture_output=True, text=True
        )
        if done.returncode != 0:
            last = " | ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
            raise StartError(
                f"Kafka's storage tool failed: {last}; set KAFKA_BOOTSTRAP_SERVERS to use a Kafka of yours"
            )
        data.rename(ready)
