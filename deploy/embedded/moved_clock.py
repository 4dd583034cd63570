"""Shows or moves the clock of what `make up` or a demo has started: `python -m deploy.embedded.moved_clock [DAYS]`.

All services share one clock there. Time that is skipped is lived through: deadlines, reminders and payers' answers that
fall due come at once. It only goes forwards.
"""

import os
import sys
from datetime import timedelta

from deploy.embedded import keeper
from deploy.embedded.__main__ import fail
from shared import clock


def main(words: list[str]) -> None:
    """Move the clock by so many days, where any are given, and print what it shows."""
    ready = [state for state in keeper.running() if state.ready]
    if not ready:
        fail("nothing is up: `make up` first")
    os.environ["CLOCK_OFFSET_FILE"] = ready[0].clock
    if words:
        try:
            days = float(words[0])
        except ValueError:
            fail(f"DAYS is a number of days, not {words[0]!r}")
        if not 0 <= days <= 3_660:
            fail("the clock goes forwards, by ten years at the most")
        clock.advance(timedelta(days=days))
    print(clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))


if __name__ == "__main__":
    main(sys.argv[1:])
