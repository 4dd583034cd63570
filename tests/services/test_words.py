"""The words that clients read in letters and pages: easy to read, and in Spanish one word for each thing."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from services.settlement.statement import reasons
from tests.reading import ease, grade, words_of

ROOT = Path(__file__).parents[2]
LETTERS = ROOT / "services/notification/letters/templates/es.po"
PAGES = {
    "coverage's pages": ROOT / "services/coverage/pages/templates",
    "the statement": ROOT / "services/settlement/statement/templates",
    "every page": ROOT / "shared/pages/frame",
}
OTHER_WORDS = {
    "cita": r"visitas?|sesi[oó]n|sesiones|consultas?",
    "proveedor": r"m[eé]dicos?|doctora?|doctores|terapeutas?|profesional(es)?|prestador(es)?",
    "reclamo": r"facturas?|facturar\w*|reclamaci[oó]n|reclamaciones",
    "aseguradora": r"asegurador(es)?|compañías?",
    "enlace": r"links?|v[ií]nculos?",
    "reembolso": r"devoluci[oó]n|devoluciones",
    "al reverso": r"al dorso",
}
HEALTH_INSURANCE = re.compile(r"seguro médico", re.IGNORECASE)


def texts(folder: Path, language: str) -> list[str]:
    """Every text of a folder in a language."""
    return list(tomllib.loads((folder / f"{language}.toml").read_text("utf-8")).values())


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [part for part in re.split(r"(?<=[.!?:])\s+", text) if re.search(r"\w", part)]


def spanish() -> list[str]:
    """Everything that a client reads in Spanish."""
    with LETTERS.open("rb") as file:
        strings: list[Any] = [message.string for message in read_po(file) if message.id]
    letters = [text for string in strings for text in (string if isinstance(string, tuple) else (string,))]
    told = [both[1] for both in (*reasons._OF_REASON.values(), *reasons._OF_GROUP.values())]
    return [*letters, *told, *(text for folder in PAGES.values() for text in texts(folder, "es"))]


@pytest.mark.parametrize("thing", OTHER_WORDS)
def test_spanish_has_one_word_for_a_thing(thing: str):
    others = re.compile(rf"\b({OTHER_WORDS[thing]})\b", re.IGNORECASE)

    assert [text for text in spanish() if others.search(HEALTH_INSURANCE.sub("", text))] == []


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_read_at_grade_6_or_lower_and_easily_in_spanish(name: str):
    english, in_spanish = (
        [sentence for text in texts(PAGES[name], language) for sentence in sentences(text)] for language in ("en", "es")
    )

    assert grade(_whole(english)) <= 6
    assert ease(_whole(in_spanish)) >= 65
    assert [sentence for sentence in [*english, *in_spanish] if len(words_of([sentence])) > 21] == []


def _whole(parts: Sequence[str]) -> list[str]:
    """The sentences without headings and words of lists, which alone would read as easy."""
    return [part for part in parts if len(words_of([part])) > 4]
