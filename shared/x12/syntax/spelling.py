"""Names and other free text in the letters that X12 files may hold.

Source of the rule: 005010 guides, appendix B.1.1.2, basic and extended character sets. Payers match members by name, so
a letter is replaced by the letters that cards and passports use for it (ICAO Doc 9303, part 3, section 6), not dropped.
"""

import unicodedata

_IN_WORDS = {
    "ß": "ss",
    "ẞ": "SS",
    "Æ": "AE",
    "æ": "ae",
    "Œ": "OE",
    "œ": "oe",
    "Ø": "O",
    "ø": "o",
    "Ł": "L",
    "ł": "l",
    "Đ": "D",
    "đ": "d",
    "Ð": "D",
    "ð": "d",
    "Þ": "TH",
    "þ": "th",
    "Ħ": "H",
    "ħ": "h",
    "Ŧ": "T",
    "ŧ": "t",
    "Ŋ": "N",
    "ŋ": "n",
    "ı": "i",
}
_APOSTROPHES = "\u2018\u2019\u201a\u201b\u02bb\u02bc\u2032\u00b4"
_QUOTES = "\u201c\u201d\u201e\u2033\u00ab\u00bb"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_SPELLED = str.maketrans(
    {**_IN_WORDS, **dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(_QUOTES, '"'), **dict.fromkeys(_DASHES, "-")}
)


def spelled(value: str) -> str:
    """`value` in ASCII: letters without accents, typographic marks as plain ones; other scripts are left out."""
    if value.isascii():
        return value
    return unicodedata.normalize("NFKD", value.translate(_SPELLED)).encode("ascii", "ignore").decode()
