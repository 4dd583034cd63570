"""The clock of this process moved with that of the services on a stack, for as long as the stack stands."""

import contextlib
import os
from collections.abc import Generator

from deploy.embedded.services import Services

_FILE = "CLOCK_OFFSET_FILE"


@contextlib.contextmanager
def clock_of(services: Services) -> Generator[None]:
    """Go by the services' clock; afterwards by the one before, because the next stack has a file of its own."""
    before = os.environ.get(_FILE)
    os.environ[_FILE] = str(services.clock_file)
    try:
        yield
    finally:
        del os.environ[_FILE]
        if before is not None:
            os.environ[_FILE] = before
