"""Apache Kafka's jars from Maven Central: a locked list, fetched once by jgo, checked against their hashes.

`python -m deploy.embedded.jars` resolves the list anew and writes `jars.lock`: run it after changing KAFKA.
"""

import hashlib
import os
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from deploy.embedded import folders
from deploy.embedded.children import StartError
from deploy.embedded.progress import Progress

KAFKA = "4.4.0"
BROKER = f"org.apache.kafka:kafka_2.13:{KAFKA}"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl"
"""Binds the broker's logging to the log4j that it comes with; its version is log4j's own."""
LOCK = Path(__file__).with_name("jars.lock")
AT_ONCE = 8
TRIES = 3
TIMEOUT_SECONDS = 30


class JarsMissingError(StartError):
    """Kafka's jars cannot be fetched; the message says what to set instead."""


def class_path() -> list[Path]:
    """The jars in a fixed order (the JVM's cache depends on it), fetched if the cache lacks them.

    Raises JarsMissingError.
    """
    wanted = _locked()
    folder = folders.cache() / f"kafka-{KAFKA}-{_digest(LOCK.read_bytes())[:12]}"
    if not folder.exists():
        with folders.locked("kafka"):
            if not folder.exists():
                _fetch_all(wanted, folder)
    return [folder / _file_name(coordinate) for coordinate, _ in wanted]


def _locked() -> list[tuple[str, str]]:
    lines = (line.split() for line in LOCK.read_text().splitlines() if line and not line.startswith("#"))
    return [(coordinate, digest) for coordinate, digest in lines]


def _file_name(coordinate: str) -> str:
    _, artifact, version = coordinate.split(":")
    return f"{artifact}-{version}.jar"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _fetch_all(wanted: list[tuple[str, str]], folder: Path) -> None:
    """Fetch into a folder beside, and move it into place when it is whole."""
    making = Path(tempfile.mkdtemp(prefix="jars-", dir=folders.cache()))
    progress, started, fetched_bytes = Progress(), time.monotonic(), 0
    context = _maven(making / "maven")
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            fetches = [pool.submit(_fetch, context, making, *jar) for jar in wanted]
            try:
                for done, fetch in enumerate(as_completed(fetches), 1):
                    fetched_bytes += fetch.result()
                    megabytes = fetched_bytes >> 20
                    progress.update(f"fetching Apache Kafka {KAFKA}: {done} of {len(wanted)} jars, {megabytes} MB")
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        shutil.rmtree(making / "maven")
        os.replace(making, folder)
        progress.done(f"Apache Kafka {KAFKA} fetched in {time.monotonic() - started:.0f} s.")
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _fetch(context: Any, making: Path, coordinate: str, digest: str) -> int:
    for attempt in range(1, TRIES + 1):
        try:
            jar = Path(context.create_dependency(coordinate).artifact.resolve())
        except Exception as error:  # jgo and requests raise what they like: no network, no such file, a cut-off answer
            if attempt == TRIES:
                raise JarsMissingError(_missing(coordinate, str(error))) from error
            time.sleep(attempt)
            continue
        content = jar.read_bytes()
        if _digest(content) == digest:
            jar.rename(making / _file_name(coordinate))
            return len(content)
        jar.unlink()
    raise JarsMissingError(_missing(coordinate, "what came is not the file whose hash is locked"))


def _missing(coordinate: str, why: str) -> str:
    return (
        f"Apache Kafka's jars cannot be fetched from Maven Central ({coordinate}: {' '.join(why.split())[:160]}): "
        "set KAFKA_BOOTSTRAP_SERVERS to the address of a Kafka that runs (4.0 or later) to use that one instead"
    )


def _maven(repository: Path) -> Any:
    from jgo.maven import MavenContext  # here, since importing it takes 0.3 s and a warm start does without

    return MavenContext(repo_cache=repository, timeout=TIMEOUT_SECONDS)


def lock() -> None:
    """Resolve the broker with all that it needs, and write each jar's coordinate and hash."""
    with tempfile.TemporaryDirectory() as folder:
        context = _maven(Path(folder))
        broker, others = context.resolver.resolve([context.create_dependency(BROKER)])
        log4j = next(jar.version for jar in others if jar.artifactId == "log4j-core")
        jars = (*broker, *others, context.create_dependency(f"{LOGGING}:{log4j}"))
        lines = {
            f"{jar.groupId}:{jar.artifactId}:{jar.version} {_digest(Path(jar.artifact.resolve()).read_bytes())}\n"
            for jar in jars
        }
    LOCK.write_text("# Written by `python -m deploy.embedded.jars`: coordinate, SHA-256\n" + "".join(sorted(lines)))


if __name__ == "__main__":
    lock()
