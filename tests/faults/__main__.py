"""`python -m tests.faults [--quick] [--seed N] [--only faults] [--brokers 3 --secure] [--sealed] [--at-once 4]`.

The fault campaign.

First the mix (`--only mix`: it alone): sessions of clients whose insurers have every character there is, and a checker
of its own that finds each of them settled rightly, with a person for the right reason, or waiting with a deadline.
Then a stream of sessions goes in; meanwhile processes are killed, at named points of their work too, the broker and the
database die, connections are cut, stalled or half-open, replicas come and go, garbage and duplicates come, the clock
jumps, the mail server refuses or drops the connection. At the end every session must have been charged, claimed, paid
out, finalized and refunded exactly once. One JSON object a line: each fault; each fact that is lost, doubled or stuck
with its story; the last one counts them, and says how long a recovery from `kill -9` took.
"""

import argparse
import asyncio
import contextlib
import importlib
import json
import logging
import os
import random
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Generator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from deploy.embedded.sealing import sealed_with
from deploy.embedded.services import ROOT, Services
from deploy.embedded.stack import SERVICES, Stack, database_variable
from shared.kafka import access_rules
from shared.kafka.kafka_access import KafkaAccess
from tests.faults import mix
from tests.faults.campaign import Campaign
from tests.faults.causes.faults import Faults
from tests.faults.causes.kill_points import FOLDER, Points
from tests.faults.causes.proxy import Proxies
from tests.faults.causes.supervisor import Supervisor
from tests.faults.checker import Checker
from tests.faults.moved_clock import clock_of
from tests.faults.stream import Stream

_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(\S+)")
_LOGS = ROOT / ".run" / "faults"
"""The logs of a campaign that has found something."""
_LAUNCHER = "tests.faults.causes.kill_points"
QUICK_SECONDS, FULL_SECONDS = 30.0, 180.0
QUICK_SESSIONS = 120
_ENVIRONMENT = {"TIMER_POLL_SECONDS": "0.2", "LOG_FORMAT": "json", "RETRY_LONGEST_SECONDS": "3"}


async def _campaign(
    stack: Stack, faults: Faults, chance: random.Random, seconds: float, at_once: int
) -> dict[str, Any]:
    stream, checker = faults.stream, faults.checker
    await stream.start()
    await checker.start()
    campaign, supervisor = Campaign(faults, stream, checker, chance, at_once=at_once), Supervisor(faults.services)
    try:
        async with supervisor.at_work():
            made = await campaign.run(seconds)
            await campaign.settle()
    finally:
        await stream.stop()
        await checker.stop()
    for story in campaign.stories():
        print(json.dumps(story), flush=True)
    lost = set(checker.lost(stream.sessions))
    stuck = {session for session, _ in checker.missing(stream.sessions)} - lost
    return {
        "faults": made,
        "lost": len(lost),
        "doubled": len(checker.doubled()),
        "stuck": len(stuck),
        "sessions": len(stream.sessions),
        "recovered_seconds_at_most": {what: max(took) for what, took in faults.recovered_seconds.items()},
        "recovered_seconds_median": {what: median(took) for what, took in faults.recovered_seconds.items()},
        "starting_cpu_seconds_median": round(median(faults.starting_cpu_seconds or [0.0]), 1),
        "load_average": round(os.getloadavg()[1], 1),
        "letters_that_came_again": _letters_again(stack),
        "events_repeated_under_the_same_id": checker.repeated,
        "garbage_sent": stream.garbage,
        "garbage_set_aside": checker.dead["unreadable"],
        "handlers_failed": checker.failed_handlers(),
        "kill_points_not_reached": faults.not_reached,
        "ended_by_themselves": supervisor.ended,
        "sent_again_by_upstream": stream.sent_again,
    }


def _letters_again(stack: Stack) -> int:
    """Letters that the mail server has more than once, under one Message-ID: only a sender that died leaves such."""
    letters = (file.read_bytes() for file in (stack.run.folder / "letters").glob("*.eml"))
    names = Counter(match[1] for letter in letters if (match := _MESSAGE_ID.search(letter)))
    return sum(count - 1 for count in names.values())


def _mutations(count: int) -> dict[str, Any] | None:
    """The reader of X12 files under mutated files, where it is there."""
    if not (Path(__file__).parent / "mutate_x12.py").exists():
        return None
    return importlib.import_module("tests.faults.mutate_x12").run(count)


def _on_services(
    seed: int, seconds: float, brokers: int, *, named: str, secure: bool, sealed: bool, at_once: int
) -> dict[str, Any]:
    proxies = Proxies()
    front = partial(proxies.in_front, "Kafka")
    try:
        with Stack.start(environ={}, brokers=brokers, secure=secure, front=front) as stack:
            key = sealed_with(stack) if sealed else {"DATA_KEY": "none"}
            with _faults(stack, proxies, random.Random(seed), named, key) as faults:
                total = asyncio.run(_campaign(stack, faults, faults.chance, seconds, at_once))
            if _found(total):
                shutil.rmtree(_LOGS, ignore_errors=True)
                shutil.copytree(stack.run.logs, _LOGS)
                total["logs"] = str(_LOGS)
            return total
    finally:
        proxies.stop()


@contextlib.contextmanager
def _faults(
    stack: Stack, proxies: Proxies, chance: random.Random, named: str, key: dict[str, str]
) -> Generator[Faults]:
    """What can happen to services that run behind proxies, each with its kill points."""
    if stack.secure is not None:
        rules = access_rules.read((ROOT / "deploy" / "kafka" / "acls.csv").read_text())
        asyncio.run(access_rules.grant(KafkaAccess.to(stack.kafka_bootstrap), rules))
    folder = stack.run.folder / "kill-points"
    folder.mkdir()
    services = Services(
        stack, {**_ENVIRONMENT, **key, FOLDER: str(folder), **_addresses(stack, proxies)}, launcher=[_LAUNCHER]
    )
    stream, checker = Stream(stack.kafka_bootstrap, chance), Checker(stack.kafka_bootstrap)
    points = {name: Points(folder, name) for name in SERVICES}
    with clock_of(services):
        services.start(dict.fromkeys(SERVICES, 1))
        services.wait(180)
        yield Faults(stack, services, stream, checker, chance, proxies, points, named)


def _addresses(stack: Stack, proxies: Proxies) -> dict[str, str]:
    """Where the services find Kafka and their databases: behind the proxies."""
    port = urlsplit(stack.database_url("claims")).port
    assert port is not None
    shown = proxies.in_front("PostgreSQL", port)
    urls = {database_variable(name): stack.database_url(name).replace(f":{port}/", f":{shown}/") for name in SERVICES}
    return {**urls, "KAFKA_BOOTSTRAP_SERVERS": stack.cluster.clients_address}


def main(arguments: list[str] | None = None) -> int:
    """Run it; exit 0 only when nothing was lost, doubled, stuck or settled wrongly, and no mutated file failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="The fault campaign.")
    parser.add_argument("--quick", action="store_true", help="about a minute instead of five")
    parser.add_argument("--seed", type=int, default=1, help="which faults come when, and who is in the mix")
    parser.add_argument("--only", choices=["mix", "faults"], help="the mix of characters, or the faults, alone")
    parser.add_argument("--brokers", type=int, default=1, help="how many brokers Kafka has")
    parser.add_argument("--secure", action="store_true", help="Kafka with TLS, passwords and rights for each service")
    parser.add_argument("--sealed", action="store_true", help="services with a data key: they seal personal values")
    parser.add_argument("--named", default="", help="only faults whose names hold this, such as 'connections to Kafka'")
    parser.add_argument("--at-once", type=int, default=1, help="how many faults are made side by side")
    parser.add_argument("--seconds", type=float, help="how long faults are made")
    parser.add_argument("--sessions", type=int, help="how many sessions the mix has")
    parser.add_argument("--days", type=int, default=mix.DAYS, help="how many days of the mix's clock pass")
    chosen = parser.parse_args(arguments)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the broker goes away on purpose
    began = time.monotonic()
    seconds = chosen.seconds or (QUICK_SECONDS if chosen.quick else FULL_SECONDS)
    run = partial(
        _on_services,
        chosen.seed,
        seconds,
        chosen.brokers,
        named=chosen.named,
        secure=chosen.secure,
        sealed=chosen.sealed,
        at_once=chosen.at_once,
    )
    if chosen.only == "faults":
        return _ended(run(), began)
    mixed = mix.run(chosen.sessions or (QUICK_SESSIONS if chosen.quick else mix.SESSIONS), chosen.seed, chosen.days)
    print(json.dumps(mixed), flush=True)
    if chosen.only == "mix":
        return 1 if mixed["wrong"] else 0
    mutated = _mutations(1_000 if chosen.quick else 12_000)
    if mutated is not None:
        print(json.dumps(mutated), flush=True)
    total = run()
    total["faults"] += (mutated or {}).get("faults", 0)
    broken = mixed["wrong"] or (mutated or {}).get("failed", 0) or (mutated or {}).get("wrong", 0)
    return _ended(total, began) or int(bool(broken))


def _ended(total: dict[str, Any], began: float) -> int:
    print(json.dumps({"name": "faults", **total, "seconds": round(time.monotonic() - began)}), flush=True)
    return int(_found(total))


def _found(total: dict[str, Any]) -> bool:
    return bool(total["lost"] or total["doubled"] or total["stuck"])


if __name__ == "__main__":
    sys.exit(main())
