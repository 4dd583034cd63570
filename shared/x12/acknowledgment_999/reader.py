"""Reading 999s, and the 997s that came before them.

Source of the rule: 005010X231A1 (AK1 to AK9); the 997 has AK3, AK4, AK5 where the 999 has IK3, IK4, IK5.
"""

from dataclasses import replace
from typing import Any, BinaryIO

from shared.x12.acknowledgment_999.acknowledgment import AcknowledgedSet, Acknowledgment, SyntaxFault
from shared.x12.syntax.envelope import EnvelopeReader, OpenTransaction, element

_ACCEPTED = ("A", "E")


def read_acknowledgment_files(source: bytes | BinaryIO) -> tuple[Acknowledgment, ...]:
    """Every 999 and 997 in `source`. Never raises."""
    return tuple(
        read_acknowledgment(transaction)
        for transaction in EnvelopeReader(source).transactions()
        if transaction.set_id in ("999", "997")
    )


def read_acknowledgment(transaction: OpenTransaction) -> Acknowledgment:
    """One 999 or 997."""
    group: dict[str, Any] = {"functional_id": "", "control": "", "code": ""}
    sets: list[AcknowledgedSet] = []
    faults: list[SyntaxFault] = []
    for elements in transaction:
        match elements[0]:
            case "AK1":
                names = ("functional_id", "control", "implementation")
                group |= {name: element(elements, place) for place, name in enumerate(names, 1)}
            case "AK2":
                faults = []
                set_id, control, implementation = (element(elements, place) for place in (1, 2, 3))
                sets.append(AcknowledgedSet(control, set_id, "", implementation=implementation))
            case "IK3" | "AK3":
                faults.append(_segment_fault(elements))
            case "IK4" | "AK4" if faults:
                _add_element_fault(faults, elements)
            case "CTX" if faults:
                faults[-1] = replace(faults[-1], context=element(elements, 1))
            case "IK5" | "AK5" if sets:
                codes = tuple(code.strip() for code in elements[2:7] if code.strip())
                sets[-1] = replace(sets[-1], code=element(elements, 1), errors=tuple(faults), error_codes=codes)
            case "AK9":
                names = ("sets_included", "sets_received", "sets_accepted")
                group |= {name: _number(element(elements, place)) for place, name in enumerate(names, 2)}
                group["code"] = element(elements, 1)
            case _:
                pass
    answer = Acknowledgment(**group, sets=tuple(sets))
    _check(answer, transaction)
    return replace(answer, problems=tuple(transaction.problems))


def _segment_fault(ik3: list[str]) -> SyntaxFault:
    return SyntaxFault(element(ik3, 1), _number(element(ik3, 2)), element(ik3, 4), element(ik3, 3))


def _add_element_fault(faults: list[SyntaxFault], ik4: list[str]) -> None:
    """The first element of a segment completes its fault, a further one is a fault of its own."""
    last = faults[-1]
    named = replace(last, element=element(ik4, 1), element_code=element(ik4, 3), value=element(ik4, 4))
    if last.element:
        faults.append(named)
    else:
        faults[-1] = named


def _check(answer: Acknowledgment, transaction: OpenTransaction) -> None:
    if not answer.code:
        transaction.note("group_answer_missing", "the acknowledgment has no AK9", "AK9")
    elif answer.code in _ACCEPTED and not answer.accepted:
        transaction.note("answers_disagree", "the group is said to be accepted, but one of its sets is not", "AK9")
    if any(not answered.code for answered in answer.sets):
        transaction.note("set_answer_missing", "a set is named without being answered", "AK2")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
