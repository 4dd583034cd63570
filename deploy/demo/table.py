"""The stories as a live table in a terminal, and as plain lines elsewhere."""

import asyncio
import sys
from collections.abc import Mapping

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.demo.director import Story
from shared import clock


def _table(stories: list[Story], *, ended: bool) -> Table:
    table = Table(title=f"Secondary insurance, {clock.today():%B %d, %Y}", expand=True)
    table.add_column("story", no_wrap=True)
    table.add_column("what happened")
    table.add_column("outcome")
    for story in stories:
        steps = Text("\n".join(f"{step.day:%b %d}  {step.text}" for step in story.steps) or "…")
        outcome = Text(story.outcome or ("" if not ended else "unfinished"), style="red" if story.failed else "green")
        table.add_row(Group(Text(story.name, style="bold"), Text(story.about, style="dim")), steps, outcome)
    return table


async def show(stories: list[Story], done: asyncio.Event) -> None:
    """Show the stories until `done`: live in a terminal, line by line elsewhere."""
    if sys.stdout.isatty():
        with Live(_table(stories, ended=False), refresh_per_second=8) as live:
            while not done.is_set():
                await asyncio.sleep(0.12)
                live.update(_table(stories, ended=False))
            live.update(_table(stories, ended=True))
        return
    told = dict.fromkeys((story.name for story in stories), 0)
    while not done.is_set():
        await asyncio.sleep(0.1)
        _lines(stories, told)
    _lines(stories, told)
    Console(width=140).print(_table(stories, ended=True))


def _lines(stories: list[Story], told: dict[str, int]) -> None:
    for story in stories:
        for step in story.steps[told[story.name] :]:
            print(f"{step.day:%b %d}  {story.name:<26} {step.text}", flush=True)
        told[story.name] = len(story.steps)


def where_to_look(addresses: Mapping[str, str], logs: str, *, kept: bool) -> None:
    """Where the letters, pages and logs are."""
    for name, address in addresses.items():
        print(f"{name:<22} {address}")
    print(f"{'logs':<22} {logs}")
    if not kept:
        print("\n`make demo KEEP=1` leaves all of it running, to look at.")
