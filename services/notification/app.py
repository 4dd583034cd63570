"""The notification service as the runtime sees it."""

from pathlib import Path

from services.notification.handlers import HANDLERS
from services.notification.measuring import measure
from services.notification.pages.pages import operator_pages, pages
from services.notification.rebuilt import end_told_letters
from services.notification.retention import RETAINED
from services.notification.sending.sender import run
from services.notification.settings import Settings
from services.notification.store import LETTERS, PAUSES, PROVIDERS, RECIPIENTS, prefetch
from shared.runtime.service import Service

SERVICE = Service(
    name="notification",
    settings=Settings,
    migrations=Path(__file__).parent / "migrations",
    handlers=HANDLERS,
    prefetch=prefetch,
    pages=pages,
    operator_pages=operator_pages,
    retains=RETAINED,
    rebuilt=end_told_letters,
    background=(run, measure),
    sealed=(RECIPIENTS, PAUSES, PROVIDERS, LETTERS),
)
