"""`python -m deploy.demo [--keep]`: the stories on the embedded stack; exit 0 only when every one ended as told."""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import time

from deploy.demo import cast, table
from deploy.demo.director import Director, Story
from deploy.demo.stories import stories
from deploy.embedded import keeper
from deploy.embedded.children import StartError
from deploy.embedded.sealing import sealed_with
from deploy.embedded.services import ScaleError, Services, parse_scale
from deploy.embedded.stack import Stack

_QUICK = {"TIMER_POLL_SECONDS": "0.1", "LOG_FORMAT": "console"}


async def _play(stack: Stack, coverage_url: str, told: list[Story]) -> None:
    director = Director(stack.kafka_bootstrap, stack.inbox_url or "", coverage_url)
    done = asyncio.Event()
    showing = asyncio.create_task(table.show(told, done))
    try:
        await director.play(told, cast.directory())
    finally:
        done.set()
        await showing


def main() -> int:
    """Start everything, play the stories, say where to look."""
    told = stories()
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running until Ctrl-C or `make down`")
    parser.add_argument("--scale", default="", help='replicas, such as "claims=2"')
    parser.add_argument("stories", nargs="*", help="only these stories")
    arguments = parser.parse_args()
    if unknown := set(arguments.stories) - {story.name for story in told}:
        parser.error(f"no story is called {', '.join(sorted(unknown))}: there are {', '.join(s.name for s in told)}")
    told = [story for story in told if not arguments.stories or story.name in arguments.stories]
    keeper.end_like_ctrl_c(signal.SIGTERM, signal.SIGHUP)
    try:
        _demonstrate(told, parse_scale(arguments.scale), keep=arguments.keep)
    except (StartError, ScaleError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 1 if any(story.failed or not story.outcome for story in told) else 0


def _demonstrate(told: list[Story], scale: dict[str, int], *, keep: bool) -> None:
    began = time.monotonic()
    with keeper.keeping("demo") as state, Stack.start() as stack:
        stack.make_topics()
        services = Services(stack, {**_QUICK, **sealed_with(stack)})
        os.environ["CLOCK_OFFSET_FILE"] = str(services.clock_file)
        services.start(scale)
        services.wait()
        keeper.tell(state, stack, services)
        print(f"everything runs after {time.monotonic() - began:.1f} s", flush=True)
        asyncio.run(_play(stack, services.of("coverage")[0].pages_url, told))
        print(f"\nended after {time.monotonic() - began:.1f} s")
        looks = {"letters (inbox)": stack.inbox_url or "", **services.page_addresses(), **services.addresses()}
        table.where_to_look(looks, str(stack.run.logs), kept=keep)
        if keep:
            _wait()
        services.stop()


def _wait() -> None:
    print("\nCtrl-C ends it, or `make down` in another terminal.", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            signal.pause()


if __name__ == "__main__":
    sys.exit(main())
