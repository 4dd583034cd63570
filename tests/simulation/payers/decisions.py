"""How a payer of the simulation decides on a claim. Its own arithmetic, of no service's making.

As the first payer it allows the contracted rate and leaves a fifth to the client. After another payer it takes up what
that one left to the client, and leaves a fifth of that. `how` names another decision.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.x12.claim_837.claim import LineAdjudication, OtherPayer, ProfessionalClaim, ServiceLine
from shared.x12.remittance_835.remittance import RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.parties import Party

SHARE_PERCENT = 20
LEVELS = ("P", "S", "T")
DENIALS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "not_covered": ("PR", "204", ()),
    "not_covered_contract": ("CO", "96", ("N30",)),
    "must_call": ("CO", "22", ("N197",)),
    "must_call_all_the_same": ("CO", "22", ("N197",)),
    "other_first": ("CO", "22", ()),
    "duplicate": ("OA", "18", ()),
    "too_late": ("CO", "29", ()),
    "prior_missing": ("CO", "16", ("MA04",)),
}
"""Why nothing is paid: group, reason, remarks."""
_DENIED = {"204", "96", "18", "29"}


@dataclass(frozen=True)
class Terms:
    """What a payer allows for each procedure, in cents."""

    rates: Mapping[str, int]


@dataclass(frozen=True)
class Cut:
    """How the charge of a line is cut up: paid, left to the client and why, taken by the contract, paid by others."""

    paid: int
    client: int
    reason: str
    contract: int
    others: int = 0


def level_of(claim: ProfessionalClaim) -> int:
    """The place in which a claim asks this payer to pay: 0 is the first."""
    return LEVELS.index(claim.responsibility)


def decide(claim: ProfessionalClaim, how: str, terms: Terms, number: str) -> RemittedClaim:
    """The decision as an 835 tells it; `number` is the payer's own number of the claim."""
    if how in DENIALS:
        return _denied(claim, *DENIALS[how], number)
    lines = tuple(_line(line, _cut(claim, at, how, terms)) for at, line in enumerate(claim.lines, 1))
    if how == "bundled":
        lines = (lines[0], *(_bundled(line) for line in claim.lines[1:]))
    level = level_of(claim)
    said = _remitted(claim, lines, str(level + 1), number)
    if how == "wrong_role":
        return replace(said, status="2" if level == 0 else "1")
    return said


def _cut(claim: ProfessionalClaim, at: int, how: str, terms: Terms) -> Cut:
    line = claim.lines[at - 1]
    left = _left_by_others(claim, at)
    allowed = min(terms.rates[line.procedure], line.charge_cents) if left is None else left
    contract, others = (line.charge_cents - allowed, 0) if left is None else (0, line.charge_cents - left)
    match how:
        case "full":
            return Cut(allowed, 0, "2", contract, others)
        case "deductible":
            return Cut(0, allowed, "1", contract, others)
        case "nothing":
            return Cut(0, allowed, "2", contract, others)
        case "less":
            client = allowed * 2 * SHARE_PERCENT // 100
        case _:
            client = allowed * SHARE_PERCENT // 100
    return Cut(allowed - client, client, "2", contract, others)


def _left_by_others(claim: ProfessionalClaim, at: int) -> int | None:
    """What the payer before left of a line to the client; None where none has decided on benefits."""
    for other in reversed(claim.other_payers):
        lines = [line for line in other.lines if line.line == at]
        if other.adjudicated and not other.lines:
            return _left_of_the_claim(claim, other, at)
        if not other.adjudicated or not lines:
            continue
        cents = sum(a.amount_cents for line in lines for a in line.adjustments if a.group == "PR")
        paid = sum(line.paid_cents for line in lines)
        denied = {a.reason for line in lines for a in line.adjustments} & _DENIED
        return None if denied and not paid else cents
    return None


def _left_of_the_claim(claim: ProfessionalClaim, other: OtherPayer, at: int) -> int | None:
    """Of what a payer that decided on no lines left to the client, the first lines take up all that they can."""
    if not other.paid_cents and {adjustment.reason for adjustment in other.adjustments} & _DENIED:
        return None
    before = sum(line.charge_cents for line in claim.lines[: at - 1])
    return max(0, min(other.patient_responsibility_cents - before, claim.lines[at - 1].charge_cents))


def _line(line: ServiceLine, cut: Cut) -> RemittedLine:
    adjustments = [
        Adjustment(group, reason, cents)
        for group, reason, cents in (
            ("CO", "45", cut.contract),
            ("OA", "23", cut.others),
            ("PR", cut.reason, cut.client),
        )
        if cents
    ]
    return _remitted_line(line, cut.paid, tuple(adjustments))


def _bundled(line: ServiceLine) -> RemittedLine:
    """An add-on that is paid with the main service."""
    return _remitted_line(line, 0, (Adjustment("CO", "97", line.charge_cents),))


def _remitted_line(
    line: ServiceLine, paid: int, adjustments: tuple[Adjustment, ...], remarks: tuple[str, ...] = ()
) -> RemittedLine:
    return RemittedLine(
        charge_cents=line.charge_cents,
        paid_cents=paid,
        procedure=line.procedure,
        modifiers=line.modifiers,
        control=line.control,
        adjustments=adjustments,
        remarks=remarks,
        service_from=line.service_from,
    )


def _denied(claim: ProfessionalClaim, group: str, reason: str, remarks: tuple[str, ...], number: str) -> RemittedClaim:
    lines = tuple(
        _remitted_line(line, 0, (Adjustment(group, reason, line.charge_cents),), remarks) for line in claim.lines
    )
    return _remitted(claim, lines, "4", number)


def _remitted(claim: ProfessionalClaim, lines: tuple[RemittedLine, ...], status: str, number: str) -> RemittedClaim:
    person = claim.patient_person
    return RemittedClaim(
        id=claim.id,
        status=status,
        charge_cents=sum(line.charge_cents for line in lines),
        paid_cents=sum(line.paid_cents for line in lines),
        patient_responsibility_cents=client_cents(lines),
        filing_indicator=claim.filing_indicator,
        payer_claim_id=number,
        lines=lines,
        patient=Party(person.last_name, person.first_name, claim.subscriber.member_id, "MI"),
        service_from=claim.lines[0].service_from,
    )


def client_cents(lines: tuple[RemittedLine, ...]) -> int:
    """What is left to the client."""
    return sum(a.amount_cents for line in lines for a in line.adjustments if a.group == "PR")


def taken_back(decided: RemittedClaim) -> RemittedClaim:
    """The reversal of a decision: every amount negated, under the same numbers."""
    return replace(
        decided,
        status="22",
        charge_cents=-decided.charge_cents,
        paid_cents=-decided.paid_cents,
        patient_responsibility_cents=None,
        remarks=(),
        crossover_to=None,
        lines=tuple(_negated(line) for line in decided.lines),
    )


def _negated(line: RemittedLine) -> RemittedLine:
    return replace(
        line,
        charge_cents=-line.charge_cents,
        paid_cents=-line.paid_cents,
        remarks=(),
        adjustments=tuple(replace(a, amount_cents=-a.amount_cents) for a in line.adjustments),
    )


def payers_after(claim: ProfessionalClaim) -> list[OtherPayer]:
    """Those that the claim names and that have yet to decide; one that was passed over gets no claim."""
    return [other for other in claim.other_payers if not other.adjudicated and not other.bypassed]


def handed_over(claim: ProfessionalClaim, decided: RemittedClaim, place: str | None) -> ProfessionalClaim | None:
    """The claim as the payer that decided it hands it to the next one; None where there is no next one.

    `place`: the one that it states to that payer; None for the next place after its own.
    """
    after = payers_after(claim)
    if not after:
        return None
    lines = tuple(
        LineAdjudication(at, line.paid_cents, line.procedure, adjustments=line.adjustments)
        for at, line in enumerate(decided.lines, 1)
    )
    own = OtherPayer(claim.responsibility, claim.payer, claim.subscriber, paid_cents=decided.paid_cents, lines=lines)
    before = (*(other for other in claim.other_payers if other not in after), own)
    return replace(
        claim,
        payer=after[0].payer,
        subscriber=after[0].subscriber,
        responsibility=place or LEVELS[level_of(claim) + 1],
        other_payers=(*before, *after[1:]),
    )
