"""From an event to a letter's facts: names from the directory, links signed, rules put into the letter's words.

Pure: a letter's row, what is known of its people and payers, and the present time in; facts out. The makers of the
facts are in `coverage_composition` and `cost_composition`, one a letter.
"""

from datetime import datetime

from services.notification.composing.cost_composition import COST_MAKERS
from services.notification.composing.coverage_composition import COVERAGE_MAKERS
from services.notification.composing.known_names import MissingFactError
from services.notification.composing.letter_links import LetterLinks
from services.notification.composing.occasion import Facts, Occasion
from services.notification.known_store import Known
from services.notification.store import LetterRow

MAKERS = {**COVERAGE_MAKERS, **COST_MAKERS}


def compose(row: LetterRow, known: Known, links: LetterLinks, now: datetime) -> Facts:
    """The facts of one letter, as its model takes them. Raises MissingFactError."""
    if known.recipient is None:
        raise MissingFactError("client_unknown")
    facts = MAKERS[row.letter](Occasion(row, known, known.recipient, links, now))
    return facts if row.provider_id is not None else {"first_name": known.recipient.first_name, **facts}
