"""What a shell has sourced from `.run/env`: it may describe a stack that has stopped, or another checkout's."""

import os

SOURCED = "EMBEDDED_STACK_VARIABLES"
"""In `.run/env`: the names of all that stands there."""


def forget_sourced() -> None:
    """Leave it out of this process's environment, so that a new stack never joins the one that it speaks of."""
    for name in os.environ.pop(SOURCED, "").split():
        os.environ.pop(name, None)
