"""Which of our service lines each remitted line answers: our own line number first, then what was done and charged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.claims.claim import control_number
from services.claims.claim.line_on_file import LineOnFile
from shared.x12.remittance_835.remittance import RemittedLine


@dataclass(frozen=True)
class LineMatches:
    """`pairs` are (index of our line, index of the remitted line), both from 0, in our order.

    `unanswered` are our lines that no remitted line answers; `unknown` are remitted lines that are none of ours.
    """

    pairs: tuple[tuple[int, int], ...]
    unanswered: tuple[int, ...]
    unknown: tuple[int, ...]


Fits = Callable[[LineOnFile, RemittedLine], bool]


def match_lines(ours: Sequence[LineOnFile], remitted: Sequence[RemittedLine]) -> LineMatches:
    """Pair every remitted line with the line of ours that it answers, at most once each.

    Passes from the surest sign to the weakest: REF*6R with a procedure or charge that fits; procedure, modifiers and
    charge; procedure and charge (payers drop modifiers); the procedure that SVC06 says was billed. Lines that are
    alike in all of that are paired in their order.
    """
    pairs: dict[int, int] = {}
    unanswered, unknown = list(range(len(ours))), list(range(len(remitted)))
    for fits in _PASSES:
        for ours_at in tuple(unanswered) if unknown else ():
            for at in unknown:
                if fits(ours[ours_at], remitted[at]):
                    pairs[ours_at] = at
                    unanswered.remove(ours_at)
                    unknown.remove(at)
                    break
    return LineMatches(tuple(sorted(pairs.items())), tuple(unanswered), tuple(unknown))


def _same_control(ours: LineOnFile, remitted: RemittedLine) -> bool:
    # A payer that renumbers lines can return one of our numbers on the wrong line: it must fit in something else, too.
    if not remitted.control:
        return False
    exact = remitted.control == ours.control
    if not exact and control_number.key(remitted.control) != control_number.key(ours.control):
        return False
    return _same_procedure(ours, remitted) or _billed_procedure(ours, remitted) or _same_charge(ours, remitted)


def _same_procedure(ours: LineOnFile, remitted: RemittedLine) -> bool:
    return ours.procedure == remitted.procedure


def _same_charge(ours: LineOnFile, remitted: RemittedLine) -> bool:
    # A reversal carries the charge with the opposite sign.
    return ours.charge_cents == abs(remitted.charge_cents)


def _same_modifiers(ours: LineOnFile, remitted: RemittedLine) -> bool:
    return sorted(ours.modifiers) == sorted(remitted.modifiers)


def _billed_procedure(ours: LineOnFile, remitted: RemittedLine) -> bool:
    return remitted.billed_procedure == ours.procedure


_PASSES: tuple[Fits, ...] = (
    _same_control,
    lambda ours, remitted: all(fits(ours, remitted) for fits in (_same_procedure, _same_modifiers, _same_charge)),
    lambda ours, remitted: _same_procedure(ours, remitted) and _same_charge(ours, remitted),
    lambda ours, remitted: _billed_procedure(ours, remitted) and _same_charge(ours, remitted),
)
