"""Which stacks run in this checkout: `make up` and every demo write down that they run, since when and where.

What `make up` has written is in `.run`, what a demo has written in `.run/demo-<its process id>`: in each place
`keeper.json` for `make status` and `make down`, and `env` for a shell that wants to join. Both go when the keeper ends.
"""

import contextlib
import json
import os
import shlex
import shutil
import signal
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Literal

import psutil

from deploy.embedded.sealing import sealed_with
from deploy.embedded.services import ROOT, Services
from deploy.embedded.sourced import SOURCED
from deploy.embedded.stack import SERVICES, Stack

PLACE = ROOT / ".run"
STATE = "keeper.json"
ENVIRONMENT = "env"


@dataclass(frozen=True)
class Keeper:
    """The process that owns a stack, and where its parts are once it is `ready`."""

    what: Literal["up", "demo"]
    pid: int
    started: float
    ready: bool = False
    folder: str = ""
    kept: bool = False
    logs: str = ""
    clock: str = ""
    inbox: str | None = None
    kafka: str = ""
    pages: dict[str, str] = field(default_factory=dict[str, str])
    services: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def place(self) -> Path:
        """Where it has written down what it knows."""
        return PLACE if self.what == "up" else PLACE / f"demo-{self.pid}"

    @property
    def alive(self) -> bool:
        """Whether this very process still runs: the id alone might be another process's by now."""
        try:
            process = psutil.Process(self.pid)
            return abs(process.create_time() - self.started) < 1 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


@contextlib.contextmanager
def keeping(what: Literal["up", "demo"]) -> Iterator[Keeper]:
    """Let `make status` and `make down` know, while this lasts, that this process keeps a stack or is starting one."""
    keeper = Keeper(what, os.getpid(), psutil.Process().create_time())
    keeper.place.mkdir(parents=True, exist_ok=True)
    _write(keeper.place / STATE, json.dumps(asdict(keeper), indent=2))
    try:
        yield keeper
    finally:
        forget(keeper)


def tell(keeper: Keeper, stack: Stack, services: Services) -> None:
    """Write down where everything is: it is ready."""
    owners = {f"DATABASE_OWNER_URL_{name.upper()}": stack.owner_url(name) for name in SERVICES}
    environment = {**stack.env(), **sealed_with(stack), **owners, "CLOCK_OFFSET_FILE": str(services.clock_file)}
    environment[SOURCED] = " ".join(sorted(environment))
    lines = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(environment.items()))
    _write(keeper.place / ENVIRONMENT, lines)
    ready = replace(
        keeper,
        ready=True,
        folder=str(stack.run.folder),
        kept=stack.run.kept,
        logs=str(stack.run.logs),
        clock=str(services.clock_file),
        inbox=stack.inbox_url,
        kafka=stack.kafka_bootstrap,
        pages=services.page_addresses(),
        services=services.addresses(),
    )
    _write(keeper.place / STATE, json.dumps(asdict(ready), indent=2))


def forget(keeper: Keeper) -> None:
    """Remove what an ended keeper has written."""
    if keeper.what == "demo":
        shutil.rmtree(keeper.place, ignore_errors=True)
    for name in (STATE, ENVIRONMENT):
        (keeper.place / name).unlink(missing_ok=True)


def running() -> list[Keeper]:
    """Who keeps a stack in this checkout now, `make up` first; what killed ones have left is removed."""
    written = [keeper for file in (PLACE / STATE, *sorted(PLACE.glob(f"demo-*/{STATE}"))) if (keeper := read(file))]
    for keeper in written:
        if not keeper.alive:
            forget(keeper)
    return [keeper for keeper in written if keeper.alive]


def read(file: Path) -> Keeper | None:
    """What a keeper has written into `file`; None where there is nothing that can be read."""
    try:
        return Keeper(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def end_like_ctrl_c(*signals: signal.Signals) -> None:
    """Have these signals end this process in order, as Ctrl-C does; one that is ignored (`nohup`) stays ignored.

    After SIGHUP the terminal is gone: what would be shown there on the way out goes nowhere, and does not fail.
    """
    for number in signals:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Do what Ctrl-C does at this moment; in a job of a script, where it is ignored, what it does elsewhere."""
    if number == signal.SIGHUP:
        _show_nothing_more()
    handler = signal.getsignal(signal.SIGINT)
    (handler if callable(handler) else signal.default_int_handler)(number, frame)


def _show_nothing_more() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        if stat.S_ISCHR(os.fstat(stream).st_mode):  # a file still takes what is said
            os.dup2(nowhere, stream)
    os.close(nowhere)


def _write(file: Path, text: str) -> None:
    """Whole or not at all, and for nobody else's eyes: the addresses hold passwords."""
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(text)
    part.replace(file)
