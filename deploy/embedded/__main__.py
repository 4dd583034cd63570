"""`python -m deploy.embedded up | down | status | clean`: the services on the embedded stack, for development.

`up` leaves a keeper process behind that owns everything and returns when all of it is ready; `down` asks the keeper
to end, and it ends what it has started. A demo keeps its stack itself: `status` shows it and `down` ends it, too.
"""

import argparse
import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import psutil

from deploy.embedded import folders, keeper
from deploy.embedded.children import StartError
from deploy.embedded.keeper import PLACE, Keeper
from deploy.embedded.sealing import sealed_with
from deploy.embedded.services import ANSWER_SECONDS, ROOT, ScaleError, Services, parse_scale
from deploy.embedded.sourced import forget_sourced
from deploy.embedded.stack import Stack

ANY_OTHER = ROOT / "services" / "payers" / "book" / "any_other.json"
"""The insurer that the payers' stand-in is for every payer that its book lacks."""
UP_SECONDS = 300.0
DOWN_SECONDS = 60.0
RUNS = {"up": "it is up already", "demo": "a demo is running"}
STARTS = {"up": "it is just starting", "demo": "a demo is starting"}


def main() -> None:
    """Do what the command line says; a failure is one line on standard error and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m deploy.embedded", description=__doc__)
    words = parser.add_subparsers(dest="word", required=True)
    for word, what in (("up", "start everything"), ("keep", argparse.SUPPRESS)):
        command = words.add_parser(word, help=what)
        command.add_argument("--scale", default="", help='replicas, such as "claims=2 coverage=3"')
        command.add_argument("--brokers", type=int, default=1, choices=range(1, 6), help="how many brokers Kafka has")
        command.add_argument(
            "--keep", action="store_true", help="keep the data, and find it again with the next --keep"
        )
    words.add_parser("down", help="end everything that `up` and demos have started")
    words.add_parser("status", help="what runs, and where")
    words.add_parser("clean", help="end everything, and remove the data that `up --keep` has kept")
    arguments = parser.parse_args()
    try:
        match arguments.word:
            case "up":
                up(arguments.scale, arguments.brokers, keep_data=arguments.keep)
            case "keep":
                keep(arguments.scale, arguments.brokers, keep_data=arguments.keep)
            case "down":
                down()
            case "clean":
                clean()
            case _:
                status()
    except (StartError, ScaleError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def fail(line: str) -> NoReturn:
    """End with one line."""
    print(line, file=sys.stderr)
    sys.exit(1)


def up(scale: str, brokers: int = 1, *, keep_data: bool) -> None:
    """Start a keeper and return when it says that all is ready; its progress is shown meanwhile."""
    parse_scale(scale)
    for other in keeper.running():
        fail(f"{_says(other)}: `make status` shows where, `make down` ends it")
    forget_sourced()
    PLACE.mkdir(exist_ok=True)
    log = PLACE / "keeper.log"
    words = [sys.executable, "-m", "deploy.embedded", "keep", "--scale", scale, "--brokers", str(brokers)]
    words += ["--keep"] if keep_data else []
    with log.open("wb") as output:
        process = subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _await_ready(process, log)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    status()


def _says(state: Keeper) -> str:
    return (RUNS if state.ready else STARTS)[state.what]


def _await_ready(process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + UP_SECONDS
    with log.open() as lines:
        while not ((state := keeper.read(PLACE / keeper.STATE)) and state.ready):
            print(lines.read(), end="", file=sys.stderr, flush=True)
            if process.poll() is not None:
                print(lines.read(), end="", file=sys.stderr)
                sys.exit(1)
            if time.monotonic() > deadline:
                raise StartError(f"it was not ready after {UP_SECONDS:.0f} s: see {log}")
            time.sleep(0.05)


def keep(scale: str, brokers: int = 1, *, keep_data: bool) -> None:
    """Own the stack and the services until told to end."""
    keeper.end_like_ctrl_c(signal.SIGTERM)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.environ.setdefault("PAYERS_ANY_OTHER", str(ANY_OTHER))
    data = _kept_data() if keep_data else None
    with keeper.keeping("up") as state, Stack.start(data, brokers=brokers) as stack:
        stack.make_topics()
        services = Services(stack, sealed_with(stack))
        services.start(parse_scale(scale))
        services.wait()
        keeper.tell(state, stack, services)
        try:
            while True:
                signal.pause()
        finally:
            services.stop()
            shutil.copytree(stack.run.logs, PLACE / "logs", dirs_exist_ok=True)


def _kept_data() -> Path:
    """This checkout's own place for data that outlives a run."""
    return folders.cache() / "kept" / hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]


def down() -> None:
    """End what `up` and demos have left running: each keeper ends all that it has started."""
    states = keeper.running()
    if not states:
        print("nothing is up")
    for state in states:
        _end(state)
        ended = "down" if state.what == "up" else "the demo has ended"
        print(f"{ended}; the data is kept in {state.folder}" if state.kept else ended)


def _end(state: Keeper) -> None:
    """Ask a keeper to end; make it when it takes too long, and its guard ends the rest."""
    deadline = time.monotonic() + DOWN_SECONDS
    with contextlib.suppress(psutil.NoSuchProcess):  # it has ended since
        psutil.Process(state.pid).terminate()
        while state.alive:
            if time.monotonic() > deadline:
                psutil.Process(state.pid).kill()
            time.sleep(0.05)
    keeper.forget(state)


def clean() -> None:
    """End everything, and remove the data that this checkout has kept."""
    if keeper.running():
        down()
    shutil.rmtree(_kept_data(), ignore_errors=True)


def status() -> None:
    """Print what runs, and where; exit code 1 where a service that was started is not ready."""
    states = keeper.running()
    if not states:
        print("nothing is up")
    all_ready = [_show(state) for state in states]
    if not all(all_ready):
        sys.exit(1)


def _show(state: Keeper) -> bool:
    """Print where one keeper's stack is; whether every service of it is ready."""
    if state.what == "demo" or not state.ready:
        print(f"{_says(state)} (process {state.pid}): `make down` ends it")
    if not state.ready:
        return True
    letters = state.inbox or "to the mail server of SMTP_URL"
    rows = {"letters": letters, "kafka": state.kafka, **state.pages, **state.services, "logs": state.logs}
    width = max(map(len, rows))
    with ThreadPoolExecutor(max(1, len(state.services))) as asking:
        conditions = dict(zip(state.services, asking.map(condition, state.services.values()), strict=True))
    for name, where in rows.items():
        said = conditions.get(name, "")
        print(f"{name:<{width}}  {where}" + (f"   {said}: its log says why" if said else ""))
    environment = (state.place / keeper.ENVIRONMENT).relative_to(ROOT)
    print(f"{'addresses':<{width}}  . {environment}   (for your own commands)")
    return not any(conditions.values())


def condition(url: str) -> str:
    """What is wrong with the service at `url`; empty where it is ready."""
    try:
        with urllib.request.urlopen(f"{url}/health/ready", timeout=ANSWER_SECONDS + 3):
            return ""
    except urllib.error.HTTPError:
        return "NOT READY"
    except OSError:
        return "DOES NOT ANSWER"


if __name__ == "__main__":
    main()
