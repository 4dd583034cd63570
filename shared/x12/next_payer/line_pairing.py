"""Which line of a claim each line of its remittance answers. Pure.

Source of the rule: 005010X221A1 loop 2110: REF*6R returns our line control number, SVC06 the procedure that was billed
where the payer adjudicated another. Payers drop or renumber the control, so the procedure and the charge come next.
"""

from collections.abc import Callable, Sequence

from shared.x12.claim_837.claim import ServiceLine
from shared.x12.remittance_835.remittance import RemittedLine

Fits = Callable[[ServiceLine, RemittedLine], bool]


def pair_lines(ours: Sequence[ServiceLine], remitted: Sequence[RemittedLine]) -> list[int | None]:
    """For every line of `remitted` the index of the line of `ours` that it answers, None for one that fits nowhere.

    From the surest sign to the weakest. A line that the payer split is answered by several, so a control number may
    be given back more than once; by the weaker signs a line is answered once.
    """
    answers: list[int | None] = [_by_control(ours, line) for line in remitted]
    for fits in _PASSES:
        for at, line in enumerate(remitted):
            if answers[at] is None:
                free = (index for index in range(len(ours)) if index not in answers)
                answers[at] = next((index for index in free if fits(ours[index], line)), None)
    return _with_parts(ours, remitted, answers)


def _with_parts(
    ours: Sequence[ServiceLine], remitted: Sequence[RemittedLine], answers: list[int | None]
) -> list[int | None]:
    """`answers` with the parts of split lines: lines of one service whose charges together make the charge of ours."""
    for index, own in enumerate(ours):
        left = [at for at, answer in enumerate(answers) if answer is None and _same_procedure(own, remitted[at])]
        if index not in answers and len(left) > 1 and sum(remitted[at].charge_cents for at in left) == own.charge_cents:
            for at in left:
                answers[at] = index
    return answers


def _by_control(ours: Sequence[ServiceLine], line: RemittedLine) -> int | None:
    """The line with the control number that came back, if procedure or charge speak for it, too.

    A payer that renumbers lines can return one of our numbers on the wrong line.
    """
    wanted = _key(line.control)
    if not wanted:
        return None
    for index, own in enumerate(ours):
        if _key(own.control) == wanted and (_same_procedure(own, line) or _same_charge(own, line)):
            return index
    return None


def _key(control: str) -> str:
    """A control number without what payers change: case, blanks and leading zeros."""
    return control.strip().upper().lstrip("0")


def _same_procedure(own: ServiceLine, line: RemittedLine) -> bool:
    return own.procedure in (line.procedure, line.billed_procedure)


def _same_charge(own: ServiceLine, line: RemittedLine) -> bool:
    return own.charge_cents == line.charge_cents


def _same_modifiers(own: ServiceLine, line: RemittedLine) -> bool:
    return sorted(own.modifiers) == sorted(line.modifiers)


_PASSES: tuple[Fits, ...] = (
    lambda own, line: _same_procedure(own, line) and _same_modifiers(own, line) and _same_charge(own, line),
    lambda own, line: _same_procedure(own, line) and _same_charge(own, line),
)
