"""How many letters a core renders a second, and how many one process hands to a mail server."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from services.notification.delivery import SmtpSender, Status
from services.notification.letters import LETTERS
from services.notification.message import build
from services.notification.render import prepare, render
from services.notification.settings import Branding
from services.notification.smtp_server import SmtpServer

RENDERED_A_SECOND = 1_000
SENT_A_SECOND = 200
BRAND = Branding()


def run() -> Iterator[dict[str, Any]]:
    """Yield one figure a benchmark; `floor` is what is asked for, `ratio` how many times that it is."""
    yield _figure("letters rendered (one core)", _rendered_a_second(4_000), RENDERED_A_SECOND)
    yield _figure("letters through SMTP (one process)", asyncio.run(_sent_a_second(1_000)), SENT_A_SECOND)


def _figure(name: str, value: float, floor: float) -> dict[str, Any]:
    return {"name": name, "value": round(value), "unit": "letters/s", "floor": floor, "ratio": round(value / floor, 2)}


def _rendered_a_second(letters: int) -> float:
    """Every letter in turn, in both languages, from its facts as a handler gives them."""
    prepare()
    kinds = list(LETTERS.values())
    begun = time.perf_counter()
    for number in range(letters):
        kind, language = kinds[number % len(kinds)], "es" if number % 2 else "en"
        render(kind.name, {**kind.sample}, language, BRAND)
    return letters / (time.perf_counter() - begun)


@contextmanager
def _inbox() -> Iterator[int]:
    """The port of an inbox in a process of its own, which takes every message."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as inbox:
        try:
            _wait_for(port)
            yield port
        finally:
            inbox.terminate()


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the inbox did not start within 10 s")


async def _sent_a_second(letters: int) -> float:
    """Render, build and deliver the longest letter, each one anew."""
    with _inbox() as port:
        server = SmtpServer.from_url(f"smtp://127.0.0.1:{port}?starttls=never")
        async with SmtpSender(server) as sender:
            begun = time.perf_counter()
            outcomes = await asyncio.gather(*(_send(sender, number) for number in range(letters)))
            took = time.perf_counter() - begun
    assert all(outcome is Status.SENT for outcome in outcomes)
    return letters / took


async def _send(sender: SmtpSender, number: int) -> Status:
    kind = LETTERS["coordination-issue"]
    letter = render(kind.name, kind.sample, "en", BRAND)
    mail = build(letter, to=f"{number}@inbox.example", fact_id=str(number), at=datetime.now(UTC), branding=BRAND)
    return (await sender.deliver(mail)).status


if __name__ == "__main__":
    for figure in run():
        print(json.dumps(figure))
