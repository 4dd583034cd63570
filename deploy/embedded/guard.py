"""The guard of a run: ends what the run has started when the process that owns it dies without doing so.

Run as a script with the run's folder. Its standard input is a pipe whose other end only the owner holds: end of file
without the word `ended` before it means that the owner was killed, in whatever way. What belongs to the run is known
by the variable in its environment, so nothing needs to be registered and nothing can be missed.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

RUN_VARIABLE = "SECONDARY_INSURANCE_RUN"
GRACE_SECONDS = 3.0


def members(folder: Path) -> Iterator[psutil.Process]:
    """The processes that the run with this folder has started, the guard itself left out."""
    for process in psutil.process_iter():
        try:
            belongs = process.environ().get(RUN_VARIABLE) == str(folder)
        except (psutil.Error, OSError):
            continue  # not ours to read, so not ours to end; or gone already
        if belongs and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
            yield process


def end_all(folder: Path, grace_seconds: float = GRACE_SECONDS) -> None:
    """Ask every member to end, then make it: looked up anew each time, since a member may just have started another."""
    deadline = time.monotonic() + grace_seconds
    asked: set[int] = set()
    while alive := list(members(folder)):
        for process in alive:
            if time.monotonic() > deadline:
                _signal(process, signal.SIGKILL)
            elif process.pid not in asked:
                asked.add(process.pid)
                _signal(process, signal.SIGTERM)
        time.sleep(0.05)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)  # psutil compares the start time first: never a stranger with the same id


def main() -> None:
    """Wait for the owner's end; clear up after it unless it says that it has done so itself."""
    folder, kept = Path(sys.argv[1]), sys.argv[2] == "kept"
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.buffer.read().strip().endswith(b"ended"):
        return
    end_all(folder)
    if not kept:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
