"""`python -m deploy.embedded up | down | status | clean`: the services on the embedded stack, for development.

`up` leaves a keeper process behind that owns everything and returns when all of it is ready; `down` asks the keeper
to end, and it ends what it has started. `.run/` in the tree holds only where things are: `keeper.json` and `env`.
"""

import argparse
import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import psutil

from deploy.embedded import folders
from deploy.embedded.children import StartError
from deploy.embedded.services import ANSWER_SECONDS, ROOT, ScaleError, Services, parse_scale
from deploy.embedded.sourced import SOURCED, forget_sourced
from deploy.embedded.stack import Stack

PLACE = ROOT / ".run"
STATE = PLACE / "keeper.json"
ANY_OTHER = ROOT / "services" / "payers" / "book" / "any_other.json"
"""The insurer that the payers' stand-in is for every payer that its book lacks."""
UP_SECONDS = 300.0
DOWN_SECONDS = 60.0


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
    words.add_parser("down", help="end everything that `up` has started")
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
    if running() is not None:
        fail("it is up already: `make status` shows where, `make down` ends it")
    forget_sourced()
    PLACE.mkdir(exist_ok=True)
    STATE.unlink(missing_ok=True)
    log = PLACE / "keeper.log"
    words = [sys.executable, "-m", "deploy.embedded", "keep", "--scale", scale, "--brokers", str(brokers)]
    words += ["--keep"] if keep_data else []
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _await_ready(keeper, log)
    except BaseException:
        keeper.terminate()
        keeper.wait()
        raise
    status()


def _await_ready(keeper: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + UP_SECONDS
    with log.open() as lines:
        while not STATE.exists():
            print(lines.read(), end="", file=sys.stderr, flush=True)
            if keeper.poll() is not None:
                print(lines.read(), end="", file=sys.stderr)
                sys.exit(1)
            if time.monotonic() > deadline:
                raise StartError(f"it was not ready after {UP_SECONDS:.0f} s: see {log}")
            time.sleep(0.05)


def keep(scale: str, brokers: int = 1, *, keep_data: bool) -> None:
    """Own the stack and the services until told to end."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.environ.setdefault("PAYERS_ANY_OTHER", str(ANY_OTHER))
    with Stack.start(_kept_data() if keep_data else None, brokers=brokers) as stack:
        stack.make_topics()
        services = Services(stack)
        services.start(parse_scale(scale))
        services.wait()
        _write_state(stack, services)
        try:
            while True:
                signal.pause()
        finally:
            services.stop()
            shutil.copytree(stack.run.logs, PLACE / "logs", dirs_exist_ok=True)
            STATE.unlink(missing_ok=True)
            (PLACE / "env").unlink(missing_ok=True)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def _kept_data() -> Path:
    """This checkout's own place for data that outlives a run."""
    return folders.cache() / "kept" / hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]


def _write_state(stack: Stack, services: Services) -> None:
    env = {**stack.env(), "CLOCK_OFFSET_FILE": str(services.clock_file)}
    env[SOURCED] = " ".join(sorted(env))
    lines = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(env.items()))
    _write(PLACE / "env", lines)
    state = {
        "pid": os.getpid(),
        "started": psutil.Process().create_time(),
        "folder": str(stack.run.folder),
        "kept": stack.run.kept,
        "logs": str(stack.run.logs),
        "clock": str(services.clock_file),
        "inbox": stack.inbox_url,
        "kafka": stack.kafka_bootstrap,
        "services": services.addresses(),
    }
    _write(STATE, json.dumps(state, indent=2))


def _write(file: Path, text: str) -> None:
    """Whole or not at all, and for nobody else's eyes: the addresses hold passwords."""
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(text)
    part.replace(file)


def running() -> dict[str, Any] | None:
    """What the keeper wrote, if that keeper still runs: the id alone might be another process's by now."""
    try:
        state = json.loads(STATE.read_text())
        keeper = psutil.Process(state["pid"])
        alive = abs(keeper.create_time() - state["started"]) < 1 and keeper.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
        return None
    return state if alive else None


def down() -> None:
    """End the keeper that `up` left, and with it all that it has started."""
    state = running()
    if state is None:
        print("nothing is up")
        return
    keeper = psutil.Process(state["pid"])
    keeper.terminate()
    try:
        keeper.wait(DOWN_SECONDS)
    except psutil.TimeoutExpired:
        keeper.kill()  # its guard ends the rest
        keeper.wait()
    STATE.unlink(missing_ok=True)
    print(f"down; the data is kept in {state['folder']}" if state["kept"] else "down")


def clean() -> None:
    """End everything, and remove the data that this checkout has kept."""
    if running() is not None:
        down()
    shutil.rmtree(_kept_data(), ignore_errors=True)


def status() -> None:
    """Print what runs, and where; exit code 1 where a service that was started is not ready."""
    state = running()
    if state is None:
        print("nothing is up")
        return
    rows = {"letters": state["inbox"], "kafka": state["kafka"], **state["services"], "logs": state["logs"]}
    width = max(map(len, rows))
    with ThreadPoolExecutor(max(1, len(state["services"]))) as asking:
        conditions = dict(zip(state["services"], asking.map(condition, state["services"].values()), strict=True))
    for name, where in rows.items():
        said = conditions.get(name, "")
        print(f"{name:<{width}}  {where}" + (f"   {said}: its log says why" if said else ""))
    print(f"{'addresses':<{width}}  . {(PLACE / 'env').relative_to(ROOT)}   (for your own commands)")
    if any(conditions.values()):
        sys.exit(1)


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
