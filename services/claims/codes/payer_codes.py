"""The payers' codes: the rows of `status_codes.toml` and of `shared/codes`, and how files spell them."""

import re
import tomllib
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal

from shared.codes import adjustment_codes, published

GROUPS = {
    "CO": "contractual obligation",
    "PR": "patient responsibility",
    "OA": "other adjustment",
    "PI": "payer initiated",
    "CR": "correction (old files)",
}
"""CAS01 (X12 835); CR left the 5010 guide's list and still comes."""

System = Literal["carc", "rarc", "status", "category", "claim_status", "entity", "group"]

_PREFIXED = re.compile(r"(CO|PR|OA|PI|CR)[-:* ]?([A-Z]?\d+)")
_REMARK = re.compile(r"(?:MA|M|N)\d+")


class AnswerClass(StrEnum):
    """What an answer of a payer asks for; the letters are those of README.md."""

    CLIENT_MUST_CALL = "client_must_call"
    OTHER_PLAN_FIRST = "other_plan_first"
    FIX_AND_RESEND = "fix_and_resend"
    DUPLICATE = "duplicate"
    NOT_COVERED = "not_covered"
    TOO_LATE = "too_late"
    FORWARDED = "forwarded"
    ORDINARY = "ordinary"
    REVIEW = "review"


class Reads(StrEnum):
    """How a code is read; the words are explained at the heads of the code tables."""

    ALWAYS = "always"
    NEEDS_REMARK = "needs_remark"
    ORDER = "order"
    ORDER_SOFTLY = "order_softly"
    ACTOR = "actor"
    ROUTING = "routing"
    ENTITY = "entity"
    ALERT = "alert"
    INFORMATIONAL = "informational"
    CROSSOVER = "crossover"
    NOT_CROSSOVER = "not_crossover"
    LIABILITY = "liability"
    BENEFIT = "benefit"
    TRANSIT = "transit"
    TAKEBACK = "takeback"


@dataclass(frozen=True)
class Code:
    """One row of the table; `name` is how people say it ("CARC 22", "RARC N197", "status 171")."""

    name: str
    answer: AnswerClass
    reads: Reads
    meaning: str
    denies: bool = False
    fix: str | None = None


_SAYING = {"carc": "CARC", "rarc": "RARC", "status": "status"}
_PUBLISHED = {"carc": "carc", "rarc": "rarc", "status": "claim_status"}


@cache
def table() -> dict[str, Any]:
    """The whole of `status_codes.toml`, read once."""
    return tomllib.loads(Path(__file__).with_name("status_codes.toml").read_text(encoding="utf-8"))


@cache
def adjustment_code(system: Literal["carc", "rarc", "status"], code: str) -> Code | None:
    """The row of a reason, remark or status `code` (in the table's spelling), or None for a code nobody has sorted."""
    row = _columns(system, code)
    if row is None:
        return None
    return Code(
        name=f"{_SAYING[system]} {code}",
        answer=AnswerClass(row["class"]),
        reads=Reads(row.get("reads", "always")),
        meaning=row["meaning"],
        denies=row.get("denies", False),
        fix=row.get("fix"),
    )


def _columns(system: Literal["carc", "rarc", "status"], code: str) -> dict[str, Any] | None:
    if system == "status":
        return table()["status"].get(code)
    row = adjustment_codes.rows(system).get(code)
    return None if row is None else {**asdict(row), "class": row.answer}


def not_sorted(system: Literal["carc", "rarc", "status"], code: str) -> str:
    """Why a code without a row is for a person: it is published and nobody has sorted it, or nobody knows it."""
    table = published.table(_PUBLISHED[system])
    if table.known(code):
        return f"{_SAYING[system]} {code} ({table.text(code)}) is not sorted"
    return f"{_SAYING[system]} {code} is {'not sorted' if table.exists(code) else 'not in our table'}"


def meaning(system: System, code: str) -> str | None:
    """What `code` means in our words; None when it is unknown."""
    if system == "group":
        return GROUPS.get(code)
    if system == "carc" or system == "rarc":
        row = adjustment_codes.rows(system).get(code)
        return None if row is None else row.meaning
    columns = table()[system].get(code)
    return None if columns is None else columns["meaning"]


def spelled(code: str | None) -> str | None:
    """`code` as the table spells it: trimmed, upper case, numbers without leading zeros; None for an empty one."""
    word = trimmed(code)
    return (word.lstrip("0") or "0") if word is not None and word.isascii() and word.isdigit() else word


def trimmed(code: str | None) -> str | None:
    """`code` in upper case without the blanks around it, zeros kept (entities such as 03); None for an empty one."""
    return (code or "").strip().upper() or None


def split_reason(group: str | None, reason: str | None) -> tuple[str | None, str | None]:
    """Group and reason apart, also where the group is written in front of the reason ("CO-22")."""
    group, reason = trimmed(group), spelled(reason)
    prefixed = _PREFIXED.fullmatch(reason or "")
    return (group, reason) if prefixed is None else (group or prefixed[1], spelled(prefixed[2]))


def is_remark(code: str) -> bool:
    """Whether `code` has the shape of a remark code: some payers put one where the reason belongs."""
    return _REMARK.fullmatch(code) is not None


def split_remarks(remarks: tuple[str, ...]) -> tuple[str, ...]:
    """The remark codes one by one, also where several share a string, each once and in their order."""
    words = (spelled(word) for remark in remarks for word in re.split(r"[,;\s]+", remark))
    return tuple(dict.fromkeys(word for word in words if word is not None))
