"""`python -m deploy.demo [--keep]`: the stories on the embedded stack; exit 0 only when every one ended as told."""

import argparse
import asyncio
import os
import sys
import time

from deploy.demo import cast, table
from deploy.demo.director import Director, Story
from deploy.demo.stories import stories
from deploy.embedded.children import StartError
from deploy.embedded.services import Services, parse_scale
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
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running until Ctrl-C")
    parser.add_argument("--scale", default="", help='replicas, such as "claims=2"')
    parser.add_argument("stories", nargs="*", help="only these stories")
    arguments = parser.parse_args()
    told = [story for story in stories() if not arguments.stories or story.name in arguments.stories]
    began = time.monotonic()
    try:
        with Stack.start() as stack:
            stack.make_topics()
            services = Services(stack, _QUICK)
            os.environ["CLOCK_OFFSET_FILE"] = str(services.clock_file)
            services.start(parse_scale(arguments.scale))
            services.wait()
            print(f"everything runs after {time.monotonic() - began:.1f} s", flush=True)
            asyncio.run(_play(stack, services.of("coverage")[0].pages_url, told))
            print(f"\nended after {time.monotonic() - began:.1f} s")
            looks = {"letters (inbox)": stack.inbox_url or "", **services.page_addresses(), **services.addresses()}
            table.where_to_look(looks, str(stack.run.logs), kept=arguments.keep)
            if arguments.keep:
                _wait()
            services.stop()
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if any(story.failed or not story.outcome for story in told) else 0


def _wait() -> None:
    print("\nCtrl-C ends it.", flush=True)
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    sys.exit(main())
