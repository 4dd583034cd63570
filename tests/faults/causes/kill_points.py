"""Starts a service so that it can be killed at a named point of its work: `python -m tests.faults.causes.kill_points`.

The words after it are the service's own: `services.claims run`. The folder in `KILL_POINTS` holds a file for each point
that is armed. The first process of the service that gets there takes the file away and ends as by `kill -9`. Nothing of
this is in the services: the points are put around their functions before they run.
"""

import functools
import os
import runpy
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from shared.runtime import consume, positions
from shared.runtime.subscription import Subscription

FOLDER = "KILL_POINTS"
BEFORE_COMMIT = "before the commit"
BEFORE_PUBLISHING = "after the commit, before publishing"
WHILE_PUBLISHING = "while publishing"
BEFORE_DELETING = "after publishing, before deleting"
BEFORE_OFFSETS = "after the commit, before the offsets"
BEFORE_POSITIONS = "after the offsets, before the positions"
BEFORE_NOTE = "between the mail server's answer and its note"
EVERY_SERVICE = (
    BEFORE_COMMIT,
    BEFORE_PUBLISHING,
    WHILE_PUBLISHING,
    BEFORE_DELETING,
    BEFORE_OFFSETS,
    BEFORE_POSITIONS,
)


class Points:
    """The points of one service; the same folder is the campaign's, which arms them."""

    def __init__(self, folder: Path, service: str) -> None:
        self._folder, self._service = folder, service

    def _file(self, point: str) -> Path:
        return self._folder / f"{self._service} {point}"

    def arm(self, point: str) -> None:
        """The next process of the service that gets there dies."""
        self._file(point).touch()

    def disarm(self, point: str) -> bool:
        """Whether nobody has got there since it was armed; from now on nobody dies there."""
        try:
            self._file(point).unlink()
        except FileNotFoundError:
            return False
        return True

    def armed(self, point: str) -> bool:
        """Whether it is armed, and nobody has got there."""
        return self._file(point).exists()

    def reached(self, point: str) -> None:
        """Die here, if it is armed."""
        if self.disarm(point):
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)  # the signal may take a moment, and nothing more is to be done meanwhile


def put_in_place(points: Points) -> None:
    """Put the points around the functions of the runtime that this process will run."""
    consume.finish = _dying(consume.finish, after=lambda: points.reached(BEFORE_COMMIT))
    Subscription._note = _dying_before(Subscription._note, lambda: points.reached(BEFORE_OFFSETS))
    positions.note = _dying(positions.note, before=lambda: points.reached(BEFORE_POSITIONS))
    positions.columns = _dying_in_the_relay(positions.columns, points)
    AIOKafkaProducer.send = _dying_while_sending(AIOKafkaProducer.send, points)


def put_into_the_sender(points: Points) -> None:
    """Put the point of the letters' sender in place."""
    from services.notification.sending.delivery import SmtpSender

    SmtpSender.deliver = _dying(SmtpSender.deliver, after=lambda: points.reached(BEFORE_NOTE))


def _nothing() -> None:
    pass


def _dying(function: Any, before: Callable[[], None] = _nothing, after: Callable[[], None] = _nothing) -> Any:
    @functools.wraps(function)
    async def killed(*arguments: Any, **named: Any) -> Any:
        before()
        answer = await function(*arguments, **named)
        after()
        return answer

    return killed


def _dying_before(function: Any, before: Callable[[], None]) -> Any:
    @functools.wraps(function)
    def killed(*arguments: Any) -> Any:
        before()
        return function(*arguments)

    return killed


def _dying_in_the_relay(function: Any, points: Points) -> Any:
    """The relay asks for the columns of what it has published just before it deletes the rows."""

    @functools.wraps(function)
    def killed(reached: Any) -> Any:
        if reached and all(place.group == positions.PUBLISHED for place in reached):
            points.reached(BEFORE_DELETING)
        return function(reached)

    return killed


def _dying_while_sending(function: Any, points: Points) -> Any:
    @functools.wraps(function)
    async def killed(*arguments: Any, **named: Any) -> Any:
        points.reached(BEFORE_PUBLISHING)
        sent = await function(*arguments, **named)
        if points.armed(WHILE_PUBLISHING):
            await sent  # this message is on the broker, those after it are not
            points.reached(WHILE_PUBLISHING)
        return sent

    return killed


def main() -> None:
    """Put the points in place, and run the service as its own module would."""
    module = sys.argv[1]
    service = module.rpartition(".")[2]
    points = Points(Path(os.environ[FOLDER]), service)
    put_in_place(points)
    if service == "notification":
        put_into_the_sender(points)
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
