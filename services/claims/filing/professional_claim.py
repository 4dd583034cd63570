"""The 837P of a session: to the primary from the facts, to each later payer from the claim before and its decision.

Sources: 005010X222A1 loops 2000B to 2430. The first payer's claim names the other payers without amounts; a later
payer's carries every adjustment of the payers before as it came (`shared.x12.next_payer`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from services.claims.claim import control_number
from services.claims.claim.posted_remittance import MOST_CENTS
from shared.codes.adjustment_codes import is_forwarding
from shared.x12.claim_837.claim import SELF, OtherPayer, ProfessionalClaim, ServiceLine
from shared.x12.claim_837.edits import RESPONSIBILITIES
from shared.x12.next_payer.next_claim import Refusal, next_claim
from shared.x12.remittance_835.remittance import RemittanceHeader, RemittedClaim
from shared.x12.remittance_835.standing import joined
from shared.x12.syntax.parties import Payer, Person, Provider, Subscriber

RELATIONS = {
    "self": SELF,
    "spouse": "01",
    "former_spouse": "G8",
    "domestic_partner": "53",
    "parent": "19",
    "step_parent": "19",
    "grandparent": "G8",
    "other": "G8",
}
"""Who the subscriber is to the patient -> what the patient is to them (PAT01, SBR02): a parent's is a child."""

_POINTERS = 4


class UnbillableSessionError(ValueError):
    """The facts do not make a claim; the message names what is missing, without personal data."""


class MissingPayerClaimNumberError(ValueError):
    """A replacement or void names the payer's own claim number, and that payer has not given one yet."""


@dataclass(frozen=True)
class ServiceFacts:
    """One service as the provider reported it; `charge_cents` is for all units."""

    procedure: str
    charge_cents: int
    modifiers: tuple[str, ...] = ()
    units: Decimal | int = 1


@dataclass(frozen=True)
class SessionFacts:
    """What took place: `place` is the place of service code (10 telehealth at home, 11 office), diagnoses ICD-10."""

    session_id: str
    service_on: date
    place: str
    services: tuple[ServiceFacts, ...]
    diagnoses: tuple[str, ...]


@dataclass(frozen=True)
class PlanFacts:
    """One plan of the patient: its payer and its subscriber, who is `relation` (self, spouse, parent ...) to them.

    `filing_indicator` is SBR09; `medicare_secondary_reason` SBR05, where Medicare pays later (12, 13, 43 ...).
    `passed_over`: it gets no claim, and the payers after it are told so.
    """

    plan_id: str
    payer: Payer
    subscriber: Subscriber
    relation: str = "self"
    group_number: str = ""
    group_name: str = ""
    filing_indicator: str = "CI"
    medicare_secondary_reason: str = ""
    passed_over: bool = False


@dataclass(frozen=True)
class ClaimParties:
    """Who bills, who rendered the service, and to whom. `rendering` None: the billing provider itself."""

    patient: Person
    billing: Provider
    rendering: Provider | None = None


def first_claim(
    session: SessionFacts, parties: ClaimParties, plans: Sequence[PlanFacts], session_base: str, submission: int = 1
) -> ProfessionalClaim:
    """The claim to the first of `plans` (as claims name them, first to last), naming the others without any decision.

    `session_base` is the session's part of the control numbers (`control_number.base`).

    Raises UnbillableSessionError: no plan, no service, no diagnosis, or an unknown relation.
    """
    _check(session, plans)
    first = plans[0]
    return ProfessionalClaim(
        id=control_number.control_number(session_base, 0, submission),
        charge_cents=sum(service.charge_cents for service in session.services),
        billing=parties.billing,
        rendering=parties.rendering,
        subscriber=insured(first.relation, first.subscriber, parties.patient),
        patient=None if first.relation == "self" else parties.patient,
        relation=RELATIONS[first.relation],
        payer=first.payer,
        group_number=first.group_number,
        group_name=first.group_name,
        filing_indicator=first.filing_indicator,
        responsibility=RESPONSIBILITIES[0],
        place=session.place,
        diagnoses=tuple(_undotted(diagnosis) for diagnosis in session.diagnoses),
        lines=_lines(session, session_base),
        other_payers=later_payers(plans, 0, parties.patient),
    )


def later_claim(
    before: ProfessionalClaim,
    decisions: Sequence[RemittedClaim],
    header: RemittanceHeader,
    session_base: str,
    submission: int = 1,
    despite_forwarding: bool = False,
) -> ProfessionalClaim | Refusal:
    """The claim to the payer after that of the claim `before`, with its decision; under this level's own number.

    `decisions` are the remitted claims that stand, one or more pieces, matched to `before` already; `header` is that
    of the latest. `despite_forwarding`: the payer had forwarded the claim and the next one never answered.

    A refusal says why none may be sent (forwarded, nothing left, unbalanced ...).
    """
    decision = replace(joined(decisions), id=before.id)
    claim = next_claim(before, _not_forwarded(decision) if despite_forwarding else decision, header)
    if isinstance(claim, Refusal):
        return claim
    level = RESPONSIBILITIES.index(claim.responsibility)
    number = control_number.control_number(session_base, level, submission)
    return replace(claim, id=number, frequency="1", original_claim_id="")


def of_patient(claim: ProfessionalClaim, patient: Person | None) -> ProfessionalClaim:
    """`claim` with the patient's present details: a name or birth date may be corrected since the claim before went."""
    return claim if patient is None or claim.patient is None else replace(claim, patient=patient)


def _not_forwarded(decision: RemittedClaim) -> RemittedClaim:
    """The same decision without its words about a forwarding that came to nothing."""
    status = {"19": "1", "20": "2", "21": "3"}.get(decision.status, decision.status)
    lines = tuple(replace(line, remarks=_without_forwarding(line.remarks)) for line in decision.lines)
    remarks = _without_forwarding(decision.remarks)
    return replace(decision, status=status, crossover_to=None, lines=lines, remarks=remarks)


def _without_forwarding(remarks: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(remark for remark in remarks if not is_forwarding(remark))


def replacement(claim: ProfessionalClaim, number: str, payer_claim_id: str) -> ProfessionalClaim:
    """`claim` as a replacement (frequency 7) of what the payer knows as `payer_claim_id`, under our own new `number`.

    Raises MissingPayerClaimNumberError.
    """
    return _about_original(claim, number, payer_claim_id, "7")


def void(claim: ProfessionalClaim, number: str, payer_claim_id: str) -> ProfessionalClaim:
    """`claim` as a void (frequency 8) of what the payer knows as `payer_claim_id`, under our own new `number`.

    Raises MissingPayerClaimNumberError.
    """
    return _about_original(claim, number, payer_claim_id, "8")


def _about_original(claim: ProfessionalClaim, number: str, payer_claim_id: str, frequency: str) -> ProfessionalClaim:
    if not payer_claim_id:
        raise MissingPayerClaimNumberError(f"claim {claim.id} has no payer claim number")
    return replace(claim, id=number, frequency=frequency, original_claim_id=payer_claim_id)


def _check(session: SessionFacts, plans: Sequence[PlanFacts]) -> None:
    if not plans:
        raise UnbillableSessionError(f"session {session.session_id} has no plan to bill")
    if not session.services or not session.diagnoses:
        missing = "diagnosis" if session.services else "service"
        raise UnbillableSessionError(f"session {session.session_id} has no {missing}")
    if sum(service.charge_cents for service in session.services) > MOST_CENTS:
        raise UnbillableSessionError(f"session {session.session_id} charges more than any amount that we state")
    unknown = next((plan for plan in plans if plan.relation not in RELATIONS), None)
    if unknown is not None:
        raise UnbillableSessionError(f"plan {unknown.plan_id} has a subscriber of unknown relation {unknown.relation}")


def _lines(session: SessionFacts, session_base: str) -> tuple[ServiceLine, ...]:
    pointers = tuple(range(1, min(len(session.diagnoses), _POINTERS) + 1))
    return tuple(
        ServiceLine(
            charge_cents=service.charge_cents,
            procedure=service.procedure,
            modifiers=service.modifiers,
            units=service.units,
            diagnosis_pointers=pointers,
            service_from=session.service_on,
            control=control_number.line_control(session_base, number),
        )
        for number, service in enumerate(session.services, start=1)
    )


def later_payers(plans: Sequence[PlanFacts], before: int, patient: Person) -> tuple[OtherPayer, ...]:
    """The payers of `plans` (as claims name them) after the place `before`, from 0, as no payer has decided yet."""
    return tuple(_other(plan, level, patient) for level, plan in enumerate(plans) if level > before)


def naming(
    claim: ProfessionalClaim, plans: Sequence[PlanFacts], before: int, patient: Person | None
) -> ProfessionalClaim:
    """`claim` to the payer in the place `before` with the payers after it as they stand now.

    A plan may have been entered, or have become billable, since the claim went. One that is passed over comes without
    a decision and with all of the charge as not covered (AMT*A8, X12 RFI 1999). `patient` are their present details.
    """
    later = later_payers(plans, before, patient or claim.patient_person)
    passed_over = {plan.payer.id for plan in plans if plan.passed_over}
    decided = tuple(other for other in claim.other_payers if other.adjudicated or other.bypassed)
    return replace(
        claim,
        other_payers=decided
        + tuple(
            replace(other, noncovered_cents=claim.charge_cents) if other.payer.id in passed_over else other
            for other in later
        ),
    )


def _other(plan: PlanFacts, level: int, patient: Person) -> OtherPayer:
    return OtherPayer(
        responsibility=RESPONSIBILITIES[level],
        payer=plan.payer,
        subscriber=insured(plan.relation, plan.subscriber, patient),
        relation=RELATIONS[plan.relation],
        group_number=plan.group_number,
        group_name=plan.group_name,
        filing_indicator=plan.filing_indicator,
        medicare_secondary_reason=plan.medicare_secondary_reason,
    )


def insured(relation: str, subscriber: Subscriber, patient: Person) -> Subscriber:
    """The subscriber; where that is the patient, their details are the client's own, which are the fresher ones."""
    return replace(subscriber, person=patient) if relation == "self" else subscriber


def _undotted(diagnosis: str) -> str:
    return diagnosis.replace(".", "").strip().upper()
