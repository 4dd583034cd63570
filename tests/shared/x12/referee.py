"""pyx12 as the referee of what we write: a validator that knows the guides and that we did not write."""

import io
import logging

import pyx12.params
import pyx12.x12n_document


class _Listener(logging.Handler):
    """Keeps what pyx12 says to its log: the one place where it names every error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


def complaints(interchange: bytes) -> list[str]:
    """What pyx12 holds against `interchange`; empty when it accepts it."""
    log, listener = logging.getLogger("pyx12"), _Listener()
    log.addHandler(listener)
    log.propagate = False
    try:
        source = io.StringIO(interchange.decode("ascii"))
        accepted = pyx12.x12n_document.x12n_document(pyx12.params.ParamsBase(), source, None, None)
    finally:
        log.removeHandler(listener)
        log.propagate = True
    return [] if accepted else listener.heard or ["refused without a reason"]
