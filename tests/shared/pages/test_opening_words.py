"""Opening hours in words, as a reader of each language says them."""

import pytest

from shared.events.directory import Opening
from shared.pages.opening_words import in_words

WEEKDAYS, EVERY_DAY = "mon tue wed thu fri", "mon tue wed thu fri sat sun"
EAST = "America/New_York"
CASES = {
    "weekdays": (
        [(WEEKDAYS, "08:00", "17:00")],
        EAST,
        "Monday to Friday, 8 a.m. to 5 p.m. Eastern Time",
        "de lunes a viernes, de 8:00 a. m. a 5:00 p. m., hora del este",
    ),
    "a shorter day": (
        [(WEEKDAYS, "08:30", "20:00"), ("sat", "09:00", "12:00")],
        "America/Chicago",
        "Monday to Friday, 8:30 a.m. to 8 p.m.; Saturday, 9 a.m. to noon Central Time",
        "de lunes a viernes, de 8:30 a. m. a 8:00 p. m.; sábado, de 9:00 a. m. a mediodía, hora central",
    ),
    "a break at noon": (
        [("mon wed", "08:00", "12:00"), ("wed mon", "13:15", "17:00")],
        "America/Los_Angeles",
        "Monday and Wednesday, 8 a.m. to noon and 1:15 p.m. to 5 p.m. Pacific Time",
        "lunes y miércoles, de 8:00 a. m. a mediodía y de 1:15 p. m. a 5:00 p. m., hora del Pacífico",
    ),
    "day and night": (
        [(EVERY_DAY, "00:00", "24:00")],
        EAST,
        "every day, 24 hours a day",
        "todos los días, las 24 horas",
    ),
    "until midnight, and two days in a row by name": (
        [("thu fri", "00:00", "09:00"), ("sat sun", "18:00", "24:00")],
        EAST,
        "Thursday and Friday, midnight to 9 a.m.; Saturday and Sunday, 6 p.m. to midnight Eastern Time",
        "jueves y viernes, de medianoche a 9:00 a. m.; sábado y domingo, de 6:00 p. m. a medianoche, hora del este",
    ),
    "a zone that never changes its clocks": (
        [("mon tue wed thu sat", "08:00", "17:00")],
        "America/Phoenix",
        "Monday to Thursday and Saturday, 8 a.m. to 5 p.m. Mountain Standard Time",
        "de lunes a jueves y sábado, de 8:00 a. m. a 5:00 p. m., hora estándar de las Montañas Rocosas",
    ),
}


@pytest.mark.parametrize(("spans", "zone", "english", "spanish"), CASES.values(), ids=CASES)
def test_hours_are_said_in_the_readers_language(
    spans: list[tuple[str, str, str]], zone: str, english: str, spanish: str
):
    hours = [{"days": days.split(), "from_time": begin, "to_time": end} for days, begin, end in spans]
    opening = tuple(Opening.model_validate(span) for span in hours)

    assert in_words(opening, zone, "en") == english
    assert in_words(opening, zone, "es") == spanish
