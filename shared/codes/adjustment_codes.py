"""What an adjustment reason (CARC) or a remark (RARC) means to us: the rows of `carc.toml` and `rarc.toml`.

Each list is one table with a column for each reader, explained at the head of its file. To sort a code add a row; no
code changes. Sources: X12 external code lists 139 (CARC) and 411 (RARC).
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from shared.codes import published

List = Literal["carc", "rarc"]


@dataclass(frozen=True, slots=True)
class AdjustmentCode:
    """One row: `answer`, `reads`, `fix` and `denies` are for the claims service, `cost` and `waives` for settlement.

    `elsewhere`: the next payer may pay the service as if it were alone. `within`: paid within another line, or cut to
    a limit, so that the line is decided although it was paid nothing. `to_client`: paid to the client instead of us.
    """

    code: str
    answer: str
    meaning: str
    reads: str = "always"
    fix: str | None = None
    denies: bool = False
    cost: str | None = None
    elsewhere: bool = False
    within: bool = False
    waives: bool = False
    to_client: bool = False


def reason(code: str) -> AdjustmentCode | None:
    """The row of a CARC as a payer writes it (any case, leading zeros, blanks around it); None for one without."""
    return rows("carc").get(_spelled(code))


def remark(code: str) -> AdjustmentCode | None:
    """The row of a RARC as a payer writes it; None for one without."""
    return rows("rarc").get(_spelled(code))


@cache
def rows(name: List) -> dict[str, AdjustmentCode]:
    """The rows of a list by code."""
    return {code: _row(name, code, columns) for code, columns in _document(name)["codes"].items()}


@cache
def unsorted(name: List) -> frozenset[str]:
    """The published codes of a list that deliberately have no row: a person reads them."""
    return frozenset(_document(name)["unsorted"])


def is_payable_elsewhere(code: str) -> bool:
    """Whether the reason says that this plan does not cover the service, so that the next payer may pay it alone."""
    row = reason(code)
    return row is not None and row.elsewhere


def is_paid_to_client(code: str) -> bool:
    """Whether the reason says that the payer sent this part of its payment to the client (X12 RFI 1860)."""
    row = reason(code)
    return row is not None and row.to_client


def is_forwarding(code: str) -> bool:
    """Whether the remark says that the payer forwarded the claim to the next one."""
    row = remark(code)
    return row is not None and row.reads == "crossover"


def _row(name: List, code: str, columns: dict[str, Any]) -> AdjustmentCode:
    values: dict[str, Any] = {"meaning": published.table(name).text(code), **columns}
    return AdjustmentCode(code=code, answer=values.pop("class"), **values)


@cache
def _document(name: List) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))


def _spelled(code: str) -> str:
    word = code.strip().upper()
    return (word.lstrip("0") or "0") if word.isascii() and word.isdigit() else word
