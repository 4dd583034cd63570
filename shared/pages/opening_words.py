"""Opening hours as a reader says them, in English and Spanish. Pure."""

from collections.abc import Sequence
from datetime import datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_time, get_day_names, get_timezone, get_timezone_name
from babel.lists import format_list

from shared.events.directory import Opening, OpeningHours, Weekday
from shared.events.types import Language

_LOCALES: dict[Language, str] = {"en": "en_US", "es": "es_US"}
_WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY_DAY: dict[Language, str] = {"en": "every day", "es": "todos los días"}
_ALL_DAY: dict[Language, str] = {"en": "24 hours a day", "es": "las 24 horas"}
_NOON: dict[Language, str] = {"en": "noon", "es": "mediodía"}
_MIDNIGHT: dict[Language, str] = {"en": "midnight", "es": "medianoche"}
_FROM_TO: dict[Language, str] = {"en": "{} to {}", "es": "de {} a {}"}
_SAID = {"hora oriental": "hora del este", "hora estándar oriental": "hora estándar del este"}
"""What insurers and their members say where the Spanish of CLDR says something else."""
_ZONED: dict[Language, str] = {"en": "{} {}", "es": "{}, {}"}


@lru_cache(maxsize=1024)
def in_words(opening: tuple[Opening, ...], time_zone: str, language: Language) -> str:
    """`Monday to Friday, 8 a.m. to 5 p.m. Eastern Time` or
    `de lunes a viernes, de 8:00 a. m. a 5:00 p. m., hora del este`.

    Spans of the same days stand together; day and night, every day, needs no zone. `opening` is not empty.
    """
    if all(len(set(span.days)) == len(_WEEK) and _is_all_day(span) for span in opening):
        return f"{_EVERY_DAY[language]}, {_ALL_DAY[language]}"
    by_days: dict[tuple[int, ...], list[Opening]] = {}
    for span in opening:
        by_days.setdefault(tuple(sorted({_WEEK.index(day) for day in span.days})), []).append(span)
    parts = [
        f"{_days(days, language)}, {_join([_span(span, language) for span in spans], language)}"
        for days, spans in by_days.items()
    ]
    return _ZONED[language].format("; ".join(parts), _zone(time_zone, language))


def hours_in_words(hours: OpeningHours, language: Language) -> str | None:
    """The hours as the reader says them; None where nobody gives them as facts."""
    return in_words(hours.opening, hours.time_zone, language) if hours.opening and hours.time_zone is not None else None


def _join(words: Sequence[str], language: Language) -> str:
    return format_list(words, locale=_LOCALES[language])


def _days(days: Sequence[int], language: Language) -> str:
    """Three days or more in a row as a range; any others by name."""
    if len(days) == len(_WEEK):
        return _EVERY_DAY[language]
    names = get_day_names("wide", locale=_LOCALES[language])
    words: list[str] = []
    for run in _runs(days):
        if len(run) > 2:
            words.append(_FROM_TO[language].format(names[run[0]], names[run[-1]]))
        else:
            words += [names[day] for day in run]
    return _join(words, language)


def _runs(days: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _is_all_day(span: Opening) -> bool:
    return (span.from_time, span.to_time) == ("00:00", "24:00")


def _span(span: Opening, language: Language) -> str:
    if _is_all_day(span):
        return _ALL_DAY[language]
    return _FROM_TO[language].format(_time(span.from_time, language), _time(span.to_time, language))


def _time(clock: str, language: Language) -> str:
    """`8 a.m.`, `8:30 a.m.`, `8:00 a. m.`; noon and midnight by name, which nobody can mix up."""
    if clock in ("00:00", "24:00"):
        return _MIDNIGHT[language]
    if clock == "12:00":
        return _NOON[language]
    at = time.fromisoformat(clock)
    if language == "en":
        minutes = f":{at.minute:02}" if at.minute else ""
        return f"{at.hour % 12 or 12}{minutes} {'a.m.' if at.hour < 12 else 'p.m.'}"
    half = "a. m." if at.hour < 12 else "p. m."
    return f"{format_time(at, 'h:mm', locale=_LOCALES[language])} {half}"


def _zone(time_zone: str, language: Language) -> str:
    """The zone's name; where the clocks are never changed, the standard time by name (`Mountain Standard Time`)."""
    zone = ZoneInfo(time_zone)
    winter, summer = (datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
    variant = "standard" if winter == summer else "generic"
    name = get_timezone_name(get_timezone(time_zone), zone_variant=variant, locale=_LOCALES[language])
    return _SAID.get(name, name)
