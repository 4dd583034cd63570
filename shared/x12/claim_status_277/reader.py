"""Reading 277CAs, 277s and 276s.

Source of the rule: 005010X214 and 005010X212, loops 2000A to 2220E.
"""

from typing import BinaryIO

from shared.x12.claim_status_277.status import ClaimStatus, ClaimStatusReport, Status, StatusInquiry
from shared.x12.eligibility_270.reader import person_of
from shared.x12.syntax.elements import cents, day, days
from shared.x12.syntax.envelope import EnvelopeReader, OpenTransaction, element
from shared.x12.syntax.hierarchy import DEPENDENT, PAYER, PROVIDER, RECEIVER, SUBSCRIBER, Level, levels
from shared.x12.syntax.loops import party_from_nm1, procedure
from shared.x12.syntax.parties import NOBODY, Party

_BATCH_LEVELS = (PAYER, RECEIVER, PROVIDER)


def read_claim_status_files(source: bytes | BinaryIO) -> tuple[ClaimStatusReport, ...]:
    """Every 277CA and 277 in `source`. Never raises."""
    return tuple(
        read_claim_statuses(transaction)
        for transaction in EnvelopeReader(source).transactions()
        if transaction.set_id == "277"
    )


def read_claim_statuses(transaction: OpenTransaction) -> ClaimStatusReport:
    """One 277CA or 277. A status of a whole batch (receiver or provider level) is in `batches`."""
    claims: list[ClaimStatus] = []
    batches: list[ClaimStatus] = []
    parties: dict[str, Party] = {}
    reference, reported_on = "", None
    for level in levels(transaction):
        if level.code == "":
            bht: list[str] = next((segment for segment in level.segments if segment[0] == "BHT"), list[str]())
            reference, reported_on = element(bht, 3), day(element(bht, 4))
        elif level.code in _BATCH_LEVELS:
            parties.setdefault(level.code, _named(level))
            batches += [batch for batch in _statuses(level, transaction) if batch.statuses]
        else:
            claims += _statuses(level, transaction) if level.subject else []
    return ClaimStatusReport(
        tuple(claims),
        tuple(batches),
        "X212" not in transaction.implementation,
        parties.get(PAYER, NOBODY),
        parties.get(RECEIVER, NOBODY),
        parties.get(PROVIDER, NOBODY),
        reference,
        reported_on,
        tuple(transaction.problems),
    )


def read_status_inquiries(transaction: OpenTransaction) -> tuple[StatusInquiry, ...]:
    """Every question of one 276."""
    inquiries: list[StatusInquiry] = []
    for level in levels(transaction):
        if level.subject:
            inquiries += _inquiries(level)
    return tuple(inquiries)


def _named(level: Level | None) -> Party:
    nm1 = next((segment for segment in level.segments if segment[0] == "NM1"), None) if level else None
    return party_from_nm1(nm1) if nm1 else NOBODY


def _claims_of(level: Level) -> list[list[list[str]]]:
    """The segments of a level cut at each TRN: a patient may have several claims."""
    parts: list[list[list[str]]] = []
    for elements in level.segments:
        if elements[0] == "TRN" or not parts:
            parts.append([])
        parts[-1].append(elements)
    return [part for part in parts if any(segment[0] in ("TRN", "STC") for segment in part)]


def _statuses(level: Level, transaction: OpenTransaction) -> list[ClaimStatus]:
    patient = None if level.code in _BATCH_LEVELS else _named(level)
    kind = "batch" if level.code in _BATCH_LEVELS else "claim"
    return [_claim_status(part, patient, kind, transaction) for part in _claims_of(level)]


def _claim_status(
    segments: list[list[str]], patient: Party | None, level: str, transaction: OpenTransaction
) -> ClaimStatus:
    component = transaction.delimiters.component
    statuses: list[Status] = []
    lines: list[tuple[str, list[Status]]] = []
    references: dict[str, str] = {}
    trace, paid_cents, period = "", None, (None, None)
    for elements in segments:
        match elements[0]:
            case "TRN":
                trace = element(elements, 2)
            case "STC":
                (lines[-1][1] if lines else statuses).extend(_status(elements, component))
                paid_cents = cents(element(elements, 5)) if element(elements, 5) and not lines else paid_cents
            case "SVC":
                lines.append((procedure(element(elements, 1), component).code, []))
            case "REF" if lines and element(elements, 1) == "FJ":
                lines[-1] = (element(elements, 2), lines[-1][1])
            case "REF" if not lines:
                references[element(elements, 1)] = element(elements, 2)
            case "DTP" if element(elements, 1) == "472" and not lines:
                period = days(element(elements, 3))
            case _:
                pass
    return ClaimStatus(
        id=trace or references.get("EJ", ""),
        statuses=tuple(statuses),
        payer_claim_id=references.get("1K", ""),
        patient=patient,
        lines=tuple((name, tuple(own)) for name, own in lines),
        service_from=period[0],
        service_to=period[1],
        charge_cents=next((status.amount_cents for status in statuses if status.amount_cents is not None), None),
        paid_cents=paid_cents,
        clearinghouse_trace=references.get("D9", ""),
        patient_control=references.get("EJ", ""),
        level=level,
    )


def _status(stc: list[str], component: str) -> list[Status]:
    """The statuses of an STC: its first composite, and the further ones in STC10 and STC11."""
    on, action, message = day(element(stc, 2)), element(stc, 3), element(stc, 12)
    amount_cents = cents(element(stc, 4)) if element(stc, 4) else None
    statuses: list[Status] = []
    for index in (1, 10, 11):
        category, status, entity = [code.strip() for code in (element(stc, index) + component * 2).split(component)][:3]
        if category or status:
            further = bool(statuses)
            statuses.append(Status(category, status, entity, on, action, amount_cents, message, further))
    return statuses


def _inquiries(level: Level) -> list[StatusInquiry]:
    subscriber = level.at(SUBSCRIBER)
    dependent = level if level.code == DEPENDENT else None
    person, other = person_of(subscriber)[0], person_of(dependent)[0]
    inquiries: list[StatusInquiry] = []
    for part in _claims_of(level):
        values = {element(segment, 1): element(segment, 2) for segment in part if segment[0] == "REF"}
        amount = next((element(segment, 2) for segment in part if segment[0] == "AMT"), "")
        served = next((element(segment, 3) for segment in part if segment[0] == "DTP"), "")
        inquiries.append(
            StatusInquiry(
                id=next((element(segment, 2) for segment in part if segment[0] == "TRN"), ""),
                payer=_named(level.at(PAYER)),
                receiver=_named(level.at(RECEIVER)),
                provider=_named(level.at(PROVIDER)),
                subscriber=_named(subscriber),
                birth_date=person.birth_date,
                sex=person.sex,
                dependent=_named(dependent) if dependent else None,
                dependent_birth_date=other.birth_date,
                payer_claim_id=values.get("1K", ""),
                charge_cents=cents(amount) if amount else None,
                service_from=days(served)[0],
                service_to=days(served)[1],
            )
        )
    return inquiries
