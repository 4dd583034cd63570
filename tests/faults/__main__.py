"""`python -m tests.faults [--quick] [--seed N]`: the fault campaign over the real services on the embedded stack.

First the mix (`--only mix`: it alone): sessions of clients whose insurers have every character there is, and a checker
of its own that finds each of them settled rightly, with a person for the right reason, or waiting with a deadline.
A stream of sessions goes in; meanwhile processes are killed, the broker and the database go away, garbage and
duplicates come, the clock jumps, the mail server refuses. At the end every session must have been charged, claimed,
paid out and finalized exactly once. One JSON object a line; the last one counts what was lost, doubled and stuck.
"""

import argparse
import asyncio
import importlib
import json
import logging
import random
import sys
import time
from pathlib import Path
from typing import Any

from deploy.embedded.services import Services
from deploy.embedded.stack import SERVICES, Stack
from shared.kafka import creating_topics
from tests.faults import mix
from tests.faults.campaign import Campaign
from tests.faults.checker import Checker
from tests.faults.moved_clock import clock_of
from tests.faults.stream import Stream

QUICK_SECONDS, FULL_SECONDS = 30.0, 180.0
QUICK_SESSIONS = 120
_ENVIRONMENT = {"TIMER_POLL_SECONDS": "0.2", "LOG_FORMAT": "json", "RETRY_LONGEST_SECONDS": "3"}


async def _campaign(stack: Stack, services: Services, chance: random.Random, seconds: float) -> dict[str, Any]:
    await creating_topics.create(stack.kafka_bootstrap)
    stream, checker = Stream(stack.kafka_bootstrap, chance), Checker(stack.kafka_bootstrap)
    await stream.start()
    await checker.start()
    campaign = Campaign(stack, services, stream, checker, chance)
    try:
        faults = await campaign.run(seconds)
        await campaign.settle(60 + seconds / 2)
    finally:
        await stream.stop()
        await checker.stop()
    unfinished, lost = checker.unfinished(stream.sessions), checker.lost(stream.sessions)
    doubled = checker.doubled()
    return {
        "faults": faults,
        "lost": lost,
        "doubled": len(doubled),
        "stuck": len(unfinished) - lost,
        "sessions": len(stream.sessions),
        "events_repeated_under_the_same_id": checker.repeated,
        "garbage_sent": stream.garbage,
        "garbage_set_aside": checker.dead["unreadable"],
        "handlers_failed": checker.failed_handlers(),
        **({"unfinished": unfinished[:5]} if unfinished else {}),
        **({"doubled_facts": doubled[:5]} if doubled else {}),
    }


def _mutations(count: int) -> dict[str, Any] | None:
    """The reader of X12 files under mutated files, where it is there."""
    if not (Path(__file__).parent / "mutate_x12.py").exists():
        return None
    return importlib.import_module("tests.faults.mutate_x12").run(count)


def _on_services(seed: int, seconds: float) -> dict[str, Any]:
    with Stack.start(environ={}) as stack:
        services = Services(stack, _ENVIRONMENT)
        with clock_of(services):
            services.start(dict.fromkeys(SERVICES, 1))
            services.wait()
            return asyncio.run(_campaign(stack, services, random.Random(seed), seconds))


def main(arguments: list[str] | None = None) -> int:
    """Run it; exit 0 only when nothing was lost, doubled, stuck or settled wrongly, and no mutated file failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="The fault campaign.")
    parser.add_argument("--quick", action="store_true", help="about a minute instead of five")
    parser.add_argument("--seed", type=int, default=1, help="which faults come when, and who is in the mix")
    parser.add_argument("--only", choices=["mix"], help="the mix of insurers' characters alone")
    parser.add_argument("--sessions", type=int, help="how many sessions the mix has")
    parser.add_argument("--days", type=int, default=mix.DAYS, help="how many days of the mix's clock pass")
    chosen = parser.parse_args(arguments)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the broker goes away on purpose
    began = time.monotonic()
    mixed = mix.run(chosen.sessions or (QUICK_SESSIONS if chosen.quick else mix.SESSIONS), chosen.seed, chosen.days)
    print(json.dumps(mixed), flush=True)
    if chosen.only == "mix":
        return 1 if mixed["wrong"] else 0
    mutated = _mutations(1_000 if chosen.quick else 12_000)
    if mutated is not None:
        print(json.dumps(mutated), flush=True)
    total = _on_services(chosen.seed, QUICK_SECONDS if chosen.quick else FULL_SECONDS)
    total["faults"] += (mutated or {}).get("faults", 0)
    took = round(time.monotonic() - began)
    print(json.dumps({"name": "faults", **total, "seconds": took}), flush=True)
    broken = mixed["wrong"] or (mutated or {}).get("failed", 0) or (mutated or {}).get("wrong", 0)
    return 1 if broken or total["lost"] or total["doubled"] or total["stuck"] else 0


if __name__ == "__main__":
    sys.exit(main())
