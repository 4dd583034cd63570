"""The processes that a run starts: each with its log, ended in reverse order, guarded against our own sudden end."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path

from deploy.embedded import folders, guard
from deploy.embedded.folders import StartError

_A_PLACE = re.compile(r"\s*(at \S+\(|\.\.\. \d+ more|File \"|\^+$|$)")


class Child:
    """One process of the run."""

    def __init__(
        self, name: str, process: subprocess.Popen[bytes], log: Path, stop_signal: signal.Signals, grace_seconds: float
    ) -> None:
        self.name = name
        self.process = process
        self.log = log
        self.stop_signal = stop_signal
        self.grace_seconds = grace_seconds
        self.asked = False
        """Whether somebody wanted it to end."""

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def tail(self, lines: int = 4) -> str:
        """The last lines of its log that say something, on one line: the places in a stack trace don't."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        telling = [line.strip() for line in text.splitlines() if not _A_PLACE.match(line)]
        return " | ".join(telling[-lines:]) or "its log is empty"

    def wait_until(self, ready: Callable[[], bool], timeout_seconds: float) -> None:
        """Return once `ready` says so. Raises StartError: it ended instead, or took longer than the time-out."""
        deadline = time.monotonic() + timeout_seconds
        while not ready():
            if not self.alive:
                raise StartError(f"{self.name} ended with code {self.process.returncode}: {self.tail()} ({self.log})")
            if time.monotonic() > deadline:
                raise StartError(f"{self.name} was not ready after {timeout_seconds:.0f} s: {self.tail()} ({self.log})")
            time.sleep(0.01)

    def ask(self) -> None:
        """Ask it to end, once and without waiting: a second time many programs take for impatience."""
        if self.alive and not self.asked:
            self.asked = True
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask it to end; make it when it takes longer than its grace."""
        self.ask()
        if not self.wait_end(self.grace_seconds):
            self.kill()

    def wait_end(self, timeout_seconds: float) -> bool:
        """Whether it has ended by itself within the time."""
        try:
            self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End it as a crash would: SIGKILL, now."""
        self.asked = True
        if self.alive:
            self.process.kill()
        self.process.wait()


class Children:
    """The run's processes, and the guard beside them."""

    def __init__(self, run: folders.Run) -> None:
        self._run = run
        self._all: list[Child] = []
        self._starting = threading.Lock()
        self._ended = False
        self._guard = subprocess.Popen(
            [sys.executable, guard.__file__, str(run.folder), "kept" if run.kept else "passing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def start(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace_seconds: float = 10.0,
    ) -> Child:
        """Start a process whose output goes to `<name>.log` among the run's logs.

        It gets a session of its own: Ctrl-C in the terminal reaches us alone, and we end things in order.
        """
        log = self._run.logs / f"{name}.log"
        with self._starting, log.open("ab") as output:
            if self._ended:
                raise StartError(f"{name} is not started any more: the stack is ending")
            process = subprocess.Popen(
                [str(word) for word in argv],
                env={**(os.environ if env is None else env), folders.RUN_VARIABLE: str(self._run.folder)},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            child = Child(name, process, log, stop_signal, grace_seconds)
            self._all = [*(other for other in self._all if other.alive), child]
        return child

    def stop_all_but(self, names: Container[str]) -> None:
        """End everything that has none of these names, side by side."""
        ending = [child for child in self._all if child.name not in names]
        for child in ending:
            child.ask()
        for child in ending:
            child.stop()

    def stop(self) -> None:
        """End everything, the last started first, then let the guard go. Nothing can be started after."""
        with self._starting:
            self._ended = True
        for child in reversed(self._all):
            child.stop()
        self._all.clear()
        assert self._guard.stdin is not None
        self._guard.stdin.write(b"ended")
        self._guard.stdin.close()
        self._guard.wait()


def sweep() -> None:
    """Clear up after runs that were cut off together with their guard."""
    for folder in folders.abandoned():
        guard.end_all(folder)
        shutil.rmtree(folder, ignore_errors=True)
