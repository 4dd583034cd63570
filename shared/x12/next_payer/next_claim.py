"""The next payer's claim, from a claim and what the payer before decided about it. Pure.

Source of the rule: 005010X222A1 section 1.4.1 and loops 2320 to 2430: the decision is carried with every adjustment as
the 835 had it, at the level at which the 835 had it; X12 RFI 1999, 1564. What a payer's codes mean for the order of
payers is not judged here: the claims service does that before it asks for the next claim.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from shared.codes.adjustment_codes import is_payable_elsewhere
from shared.x12.claim_837.balance import claim_problems
from shared.x12.claim_837.claim import SELF, LineAdjudication, OtherPayer, ProfessionalClaim, Segment
from shared.x12.claim_837.edits import RESPONSIBILITIES, coordination_edits
from shared.x12.remittance_835.line_pairing import pair_lines
from shared.x12.remittance_835.remittance import (
    PREDETERMINATION,
    REVERSAL,
    RemittanceHeader,
    RemittedClaim,
    RemittedLine,
)
from shared.x12.remittance_835.whose import names_only_others, stated_days
from shared.x12.syntax.adjustments import Adjustment, total_cents
from shared.x12.syntax.parties import Person, Subscriber
from shared.x12.syntax.problems import any_off

PENDING_STATUSES = frozenset(("5", "10", "13", "15", "16", "17", "27"))
"""CLP02 of 4010 files: received or suspended, not decided."""

DECIDED_STATUSES = frozenset(("1", "2", "3", "4"))

_ROLES = {"P": "1", "S": "2", "T": "3"}
_OF_THE_PAYER_BEFORE = (("REF", "D9"), ("REF", "9F"), ("REF", "F8"), ("HCP", ""))
"""Segments of loop 2300 that only concern the payer that the claim went to: they are not carried on."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no claim may be sent to the next payer: a snake_case `reason` and a sentence."""

    reason: str
    why: str


def next_claim(
    claim: ProfessionalClaim, remitted: RemittedClaim, header: RemittanceHeader | None = None
) -> ProfessionalClaim | Refusal:
    """The claim to the payer after `claim.payer`, carrying its decision `remitted` as it was and where it was.

    A primary claim gives the secondary's, a secondary claim the tertiary's. `header` gives the date of the decision.
    `<id>-P` becomes `<id>-S` and `<id>-S` becomes `<id>-T`; other control numbers stay.
    """
    following = next_payer(claim)
    refusal = (
        _undecided(remitted)
        or _forwarded(remitted)
        or _unbalanced(claim, remitted)
        or _of_another_claim(claim, remitted)
        or _role_differs(claim, remitted)
    )
    if refusal is not None:
        return refusal
    if following is None:
        return Refusal("no_other_payer", "the claim names no payer that comes after this one")
    decided_on = header and (header.paid_on or header.produced_on)
    if decided_on is None:
        return Refusal("adjudication_date_missing", "the remittance states no date of the decision")
    lines = _line_adjudications(claim, remitted, decided_on)
    if isinstance(lines, Refusal):
        return lines
    if nothing_left(remitted):
        return Refusal("nothing_left_to_pay", "this payer left nothing to the patient and denied nothing")
    return _checked(_addressed(claim, following, _decision(claim, remitted, lines, decided_on)))


def next_payer(claim: ProfessionalClaim) -> OtherPayer | None:
    """The payer that comes after `claim.payer` in the order of benefits, None where the claim names none.

    One that was passed over (AMT*A8) gets no claim.
    """
    waiting = [payer for payer in claim.other_payers if not payer.bypassed]
    later = [payer for payer in waiting if _rank(payer.responsibility) > _rank(claim.responsibility)]
    return min(later, key=lambda payer: _rank(payer.responsibility), default=None)


def nothing_left(remitted: RemittedClaim) -> bool:
    """Whether nobody is left to pay anything: no patient responsibility, and no service that another may cover.

    What the payer sent to the client is paid, so it is not left (X12 RFI 1860).
    """
    adjustments = remitted.all_adjustments
    denied = any(adjustment.amount_cents > 0 and is_payable_elsewhere(adjustment.reason) for adjustment in adjustments)
    return total_cents(adjustments, "PR") - remitted.paid_to_client_cents <= 0 and not denied


def _rank(responsibility: str) -> int:
    return RESPONSIBILITIES.index(responsibility) if responsibility in RESPONSIBILITIES else len(RESPONSIBILITIES)


def _undecided(remitted: RemittedClaim) -> Refusal | None:
    if remitted.status == REVERSAL:
        return Refusal("reversed_without_correction", "the payment was taken back and no correction came with it")
    if remitted.status == PREDETERMINATION:
        return Refusal("predetermination", "the remittance is a predetermination, not a decision")
    if remitted.status in PENDING_STATUSES:
        return Refusal("pending", "the payer has not decided yet")
    return None


def _forwarded(remitted: RemittedClaim) -> Refusal | None:
    signals = remitted.crossover_signals
    if not signals:
        return None
    named = {"status": f"CLP02 {remitted.status}", "payer": "NM1*TT", "remark": "a remark code"}
    said = ", ".join(named[signal] for signal in signals)
    return Refusal("crossed_over", f"the payer says that it forwarded the claim to the next one ({said})")


def _unbalanced(claim: ProfessionalClaim, remitted: RemittedClaim) -> Refusal | None:
    if not remitted.balanced:
        return Refusal("unbalanced", "the remittance of this claim does not add up")
    if any_off(claim.problems) or any_off(claim_problems(claim.charge_cents, claim.lines, claim.other_payers)):
        return Refusal("unbalanced", "the claim itself does not add up")
    if remitted.paid_cents < 0 or any(line.paid_cents < 0 for line in remitted.lines):
        return Refusal("paid_amount_negative", "a payment is negative without being a reversal")
    return None


def _of_another_claim(claim: ProfessionalClaim, remitted: RemittedClaim) -> Refusal | None:
    if remitted.charge_cents != claim.charge_cents:
        return Refusal("remittance_of_another_claim", "the remittance is about another charge than the claim's")
    patient = claim.patient_person
    if names_only_others(remitted, (patient.last_name, patient.first_name), claim.subscriber.member_id):
        return Refusal("remittance_of_another_claim", "the remittance names another patient")
    days = stated_days([remitted])
    if days and not any(_on_a_line(claim, day) for day in days):
        return Refusal("remittance_of_another_claim", "the remittance is about another day than the claim's")
    return None


def _on_a_line(claim: ProfessionalClaim, day: date) -> bool:
    """Whether a line is for `day`, or does not say when it was."""
    return any(
        line.service_from is None or line.service_from <= day <= (line.service_to or line.service_from)
        for line in claim.lines
    )


def _role_differs(claim: ProfessionalClaim, remitted: RemittedClaim) -> Refusal | None:
    """A payer that decided in another role than it was billed in, or names another payer first, disputes the order."""
    billed_as = _ROLES.get(claim.responsibility, "3")
    if remitted.corrected_priority_payer is not None:
        return Refusal("other_payer_first", "the payer names another payer that comes before it (NM1*PR)")
    if remitted.status not in DECIDED_STATUSES:
        return Refusal("claim_status_unknown", "CLP02 is no known claim status, so a person must look")
    if remitted.status not in ("4", billed_as):
        return Refusal(
            "processed_in_another_role", f"billed as payer {billed_as}, processed as payer {remitted.status}"
        )
    return None


def _line_adjudications(
    claim: ProfessionalClaim, remitted: RemittedClaim, decided_on: date
) -> tuple[LineAdjudication, ...] | Refusal:
    """The decision on every line; empty where the payer decided about the claim as a whole."""
    if not remitted.lines:
        return ()
    answers = pair_lines(claim.lines, remitted.lines)
    if None in answers:
        return Refusal("remittance_of_another_claim", "the remittance has a service line that is not in the claim")
    if set(answers) != set(range(len(claim.lines))):
        return Refusal("lines_not_adjudicated", "the remittance does not answer every service line of the claim")
    adjudicated = [
        LineAdjudication(
            line=at + 1,
            paid_cents=line.paid_cents,
            procedure=line.procedure,
            modifiers=line.modifiers,
            units=line.units,
            adjustments=_told(line.adjustments),
            adjudicated_on=decided_on,
            qualifier=line.qualifier or "HC",
            bundled_line=_bundled_into(at, line, answers, remitted),
        )
        for at, line in zip(answers, remitted.lines, strict=True)
        if at is not None
    ]
    return tuple(sorted(adjudicated, key=lambda line: line.line))


def _bundled_into(at: int, line: RemittedLine, answers: list[int | None], remitted: RemittedClaim) -> int | None:
    """The number of the line that `line` was paid within (SVD06), where the 835 tells it; None where it doesn't.

    A bundled line is remitted under the procedure that was paid, with what was billed in SVC06 (005010X221A1 1.10.2.6).
    """
    if (
        line.paid_cents
        or not line.billed_procedure
        or not any(adjustment.reason == "97" for adjustment in line.adjustments)
    ):
        return None
    paid = {
        index
        for index, other in zip(answers, remitted.lines, strict=True)
        if index is not None and index != at and other.procedure == line.procedure and other.paid_cents
    }
    return paid.pop() + 1 if len(paid) == 1 else None


def _told(adjustments: Iterable[Adjustment]) -> tuple[Adjustment, ...]:
    """The adjustments without those of 0.00: an 835 may have them, an 837 may not."""
    return tuple(adjustment for adjustment in adjustments if adjustment.amount_cents)


def _decision(
    claim: ProfessionalClaim, remitted: RemittedClaim, lines: tuple[LineAdjudication, ...], decided_on: date
) -> OtherPayer:
    """The payer before as the next claim names it; its decision is dated on the lines or on the claim, never both."""
    return OtherPayer(
        responsibility=claim.responsibility,
        payer=claim.payer,
        subscriber=claim.subscriber,
        relation=claim.relation,
        group_number=claim.group_number,
        group_name=claim.group_name,
        filing_indicator=claim.filing_indicator,
        medicare_secondary_reason=claim.medicare_secondary_reason,
        claim_id=remitted.payer_claim_id,
        paid_cents=remitted.paid_cents,
        adjustments=_told(remitted.adjustments),
        lines=lines,
        remarks=tuple(dict.fromkeys(remitted.remarks))[:5],
        adjudicated_on=None if lines else decided_on,
        benefits_assigned=claim.benefits_assigned or "Y",
        release=claim.release or "Y",
    )


def _addressed(claim: ProfessionalClaim, following: OtherPayer, decision: OtherPayer) -> ProfessionalClaim:
    """`claim` turned to `following`: its plan goes to the top, the payer before goes to the other payers."""
    patient = claim.patient_person
    own = following.relation == SELF
    others = (decision, *(_as_decided(other) for other in claim.other_payers if other is not following))
    return replace(
        claim,
        id=_next_id(claim.id),
        responsibility=following.responsibility,
        payer=following.payer,
        subscriber=_as_patient(following.subscriber, patient) if own else following.subscriber,
        patient=None if own else patient,
        relation=SELF if own else following.relation,
        group_number=following.group_number,
        group_name=following.group_name,
        filing_indicator=following.filing_indicator,
        medicare_secondary_reason=following.medicare_secondary_reason,
        frequency="1",
        original_claim_id="",
        prior_authorization="",
        other_payers=tuple(sorted(others, key=lambda other: _rank(other.responsibility))),
        carried=tuple(segment for segment in claim.carried if not _only_for_the_payer_before(segment)),
        position=None,
        problems=(),
    )


def _as_decided(other: OtherPayer) -> OtherPayer:
    """An earlier payer as the guide wants it: AMT*A8 goes with a payer that was by-passed only (X12 RFI 1999)."""
    return other if other.bypassed else replace(other, noncovered_cents=None)


def _as_patient(subscriber: Subscriber, patient: Person) -> Subscriber:
    """The subscriber who is the patient, with what loop 2330A lacks: the birth date and often the address."""
    person = subscriber.person
    return Subscriber(
        Person(
            person.last_name or patient.last_name,
            person.first_name or patient.first_name,
            person.middle_name or patient.middle_name,
            person.birth_date or patient.birth_date,
            person.sex or patient.sex,
            person.address or patient.address,
        ),
        subscriber.member_id,
    )


def _only_for_the_payer_before(segment: Segment) -> bool:
    return any(segment[0] == name and qualifier in ("", *segment[1:2]) for name, qualifier in _OF_THE_PAYER_BEFORE)


def _next_id(control: str) -> str:
    match control[-2:]:
        case "-P":
            return f"{control[:-2]}-S"
        case "-S":
            return f"{control[:-2]}-T"
        case _:
            return control


def _checked(made: ProfessionalClaim) -> ProfessionalClaim | Refusal:
    problems = coordination_edits(made)
    return Refusal("edits_failed", "; ".join(problem.text for problem in problems[:3])) if problems else made
