"""Which line of a claim each line of its remittance answers. Pure; the one rule of the services and the commands.

Source of the rule: 005010X221A1 loop 2110: REF*6R returns our line control number, SVC06 the procedure that was billed
where the payer adjudicated another, DTM*472 the date of service. Payers drop or renumber the control, so what was done,
when and for how much comes next.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

from shared.x12.remittance_835.remittance import RemittedLine


class BilledLine(Protocol):
    """A service line as we billed it; `service_from` None where the date is no sign (all lines are of one day)."""

    @property
    def control(self) -> str:
        """Our line control number (REF*6R)."""
        ...

    @property
    def procedure(self) -> str:
        """The procedure code."""
        ...

    @property
    def modifiers(self) -> tuple[str, ...]:
        """Its modifiers."""
        ...

    @property
    def charge_cents(self) -> int:
        """The charge in cents."""
        ...

    @property
    def service_from(self) -> date | None:
        """The first day of service."""
        ...


Fits = Callable[[BilledLine, RemittedLine], bool]


def pair_lines(billed: Sequence[BilledLine], remitted: Sequence[RemittedLine]) -> list[int | None]:
    """For every line of `remitted` the index of the line of `billed` that it answers, None for one that fits nowhere.

    From the surest sign to the weakest. A line that the payer split is answered by several, so an index may be given
    back more than once; by the weaker signs a line is answered once. Lines alike in everything are paired in order.
    """
    answers: list[int | None] = [_by_control(billed, line) for line in remitted]
    for fits in _passes(remitted):
        for at, line in enumerate(remitted):
            if answers[at] is None:
                free = (index for index in range(len(billed)) if index not in answers)
                answers[at] = next((index for index in free if fits(billed[index], line)), None)
    return _with_parts(billed, remitted, answers)


def _with_parts(
    billed: Sequence[BilledLine], remitted: Sequence[RemittedLine], answers: list[int | None]
) -> list[int | None]:
    """`answers` with the parts of split lines: lines of one service whose charges together make the charge of ours."""
    dates_tell = _dates_tell(remitted)
    for index, own in enumerate(billed):
        parts = [
            at
            for at, line in enumerate(remitted)
            if answers[at] is None and _same_procedure(own, line) and (_not_another_day(own, line) or not dates_tell)
        ]
        charge_cents = sum(abs(remitted[at].charge_cents) for at in parts)
        if index not in answers and len(parts) > 1 and charge_cents == own.charge_cents:
            for at in parts:
                answers[at] = index
    return answers


def _by_control(billed: Sequence[BilledLine], line: RemittedLine) -> int | None:
    """The line with the control number that came back, if procedure or charge speak for it, too.

    A payer that renumbers lines can return one of our numbers on the wrong line.
    """
    wanted = _key(line.control)
    if not wanted:
        return None
    for index, own in enumerate(billed):
        if _key(own.control) == wanted and (_same_procedure(own, line) or _same_charge(own, line)):
            return index
    return None


def _key(control: str) -> str:
    """A control number without what payers change: case, hyphens, blanks and leading zeros."""
    return "".join(letter for letter in control.upper() if letter.isalnum()).lstrip("0")


def _passes(remitted: Sequence[RemittedLine]) -> tuple[Fits, ...]:
    """The signs below the control number, the surest first.

    A line of another day is none of ours, unless the remittance gives all its lines one date: that tells no line from
    another, and payers put the first day of a claim on each.
    """
    on_its_day = [_both(_same_day, fits) for fits in _WHAT_WAS_DONE]
    if not _dates_tell(remitted):
        return (*on_its_day, *_WHAT_WAS_DONE)
    return (*on_its_day, *(_both(_not_another_day, fits) for fits in _WHAT_WAS_DONE))


def _both(first: Fits, second: Fits) -> Fits:
    return lambda own, line: first(own, line) and second(own, line)


def _dates_tell(remitted: Sequence[RemittedLine]) -> bool:
    return len({line.service_from for line in remitted} - {None}) > 1


def _same_day(own: BilledLine, line: RemittedLine) -> bool:
    return own.service_from is not None and own.service_from == line.service_from


def _not_another_day(own: BilledLine, line: RemittedLine) -> bool:
    return None in (own.service_from, line.service_from) or own.service_from == line.service_from


def _was_billed(own: BilledLine, line: RemittedLine) -> bool:
    return own.procedure.upper() == (line.billed_procedure or line.procedure).upper()


def _same_procedure(own: BilledLine, line: RemittedLine) -> bool:
    return own.procedure.upper() in (line.procedure.upper(), line.billed_procedure.upper())


def _same_charge(own: BilledLine, line: RemittedLine) -> bool:
    """A reversal carries the charge with the opposite sign."""
    return own.charge_cents == abs(line.charge_cents)


def _same_modifiers(own: BilledLine, line: RemittedLine) -> bool:
    return sorted(own.modifiers) == sorted(line.modifiers)


_WHAT_WAS_DONE: tuple[Fits, ...] = (
    lambda own, line: _was_billed(own, line) and _same_modifiers(own, line) and _same_charge(own, line),
    lambda own, line: _was_billed(own, line) and _same_charge(own, line),
    lambda own, line: _same_procedure(own, line) and _same_charge(own, line),
)
