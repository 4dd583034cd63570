"""One line of progress on standard error: rewritten in place on a terminal, every few seconds elsewhere."""

import sys
import time

EVERY_SECONDS = 3.0


class Progress:
    """Tells a person what takes long, and stays silent when nothing does."""

    def __init__(self) -> None:
        self._shown = time.monotonic()

    def update(self, line: str) -> None:
        """Show how far it is."""
        if sys.stderr.isatty():
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._shown > EVERY_SECONDS:
            self._shown = time.monotonic()
            print(line, file=sys.stderr, flush=True)

    def done(self, line: str) -> None:
        """Show that it is over."""
        print(f"\r\033[K{line}" if sys.stderr.isatty() else line, file=sys.stderr, flush=True)
