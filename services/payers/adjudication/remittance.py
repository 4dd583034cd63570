"""An insurer's decision as an 835: the claim, its reversal, and the payment around them.

Source: 005010X221A1 loops 2100 and 2110; 1.10.2.8 (reversal and correction); 1.10.2.12 (a payment is never negative:
what is owed is carried forward, PLB FB). X12 RFI 1981 (no NM1*TT in a reversal) and RFI 288 (a correction keeps a
real status).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.payers.adjudication.adjudication import Decision
from services.payers.book import numbers
from services.payers.book.book import Insurer, Plan
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.remittance_835.remittance import (
    REVERSAL,
    ProviderAdjustment,
    Remittance,
    RemittanceHeader,
    RemittedClaim,
    RemittedLine,
)
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.parties import Address, Party, Person, Provider

_ADDRESS = Address("100 Payer Plaza", "Springfield", "IL", "627010001")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One 835 that is to be sent, `after_days` from the decision. `name` tells several about one claim apart."""

    name: str
    after_days: float
    claims: tuple[RemittedClaim, ...]


def remitted(
    claim: ProfessionalClaim, decision: Decision, plan: Plan, payer_claim_id: str, received_on: date
) -> RemittedClaim:
    """The claim as the 835 tells it."""
    days = [day for line in claim.lines for day in (line.service_from, line.service_to) if day]
    return RemittedClaim(
        id=claim.id,
        status=decision.status,
        charge_cents=claim.charge_cents,
        paid_cents=decision.paid_cents,
        patient_responsibility_cents=decision.patient_responsibility_cents,
        filing_indicator=plan.filing_indicator,
        payer_claim_id=payer_claim_id,
        place=claim.place,
        frequency=claim.frequency,
        lines=decision.lines,
        remarks=decision.remarks,
        patient=_person(claim.patient_person, claim.subscriber.member_id),
        subscriber=None if claim.patient is None else _person(claim.subscriber.person, claim.subscriber.member_id),
        rendering=None if claim.rendering is None else _provider(claim.rendering),
        service_from=min(days, default=None),
        service_to=max(days, default=None),
        received_on=received_on,
    )


def reversal(decided: RemittedClaim) -> RemittedClaim:
    """`decided` taken back: every amount negated, under the same numbers."""
    return replace(
        decided,
        status=REVERSAL,
        charge_cents=-decided.charge_cents,
        paid_cents=-decided.paid_cents,
        patient_responsibility_cents=None,
        adjustments=_negated(decided.adjustments),
        lines=tuple(_reversed_line(line) for line in decided.lines),
        crossover_to=None,
        remarks=(),
        amounts=(),
    )


def _reversed_line(line: RemittedLine) -> RemittedLine:
    return replace(
        line,
        charge_cents=-line.charge_cents,
        paid_cents=-line.paid_cents,
        allowed_cents=None,
        adjustments=_negated(line.adjustments),
        remarks=(),
    )


def _negated(adjustments: Sequence[Adjustment]) -> tuple[Adjustment, ...]:
    return tuple(replace(adjustment, amount_cents=-adjustment.amount_cents) for adjustment in adjustments)


def remittance(
    insurer: Insurer, payee: Provider, claims: Sequence[RemittedClaim], trace: str, today: date, owed_cents: int = 0
) -> tuple[Remittance, int]:
    """The 835 that pays `claims`, and what the payee owes the insurer after it.

    `owed_cents` is what earlier reversals left to be taken back; it is applied here (PLB FB, positive). A payment that
    would be negative is 0, and the rest is carried forward (PLB FB, negative).
    """
    made = sum(claim.paid_cents for claim in claims)
    payment = max(0, made - owed_cents)
    carried = payment - (made - owed_cents)
    adjustments: list[ProviderAdjustment] = []
    for amount in (owed_cents, -carried):
        if amount:
            adjustments.append(ProviderAdjustment("FB", trace, amount, payee.npi, date(today.year, 12, 31)))
    header = RemittanceHeader(
        payment_cents=payment,
        trace=trace,
        paid_on=today,
        method="ACH" if payment else "NON",
        handling="I" if payment else "H",
        payer_tax_id=f"1{insurer.tax_id}",
        payer=Party(insurer.name, id=insurer.payer_id, id_kind="XV"),
        payee=Party(payee.name, payee.first_name, payee.npi, "XX"),
        payer_address=_ADDRESS,
        payer_contact=insurer.phone,
        payee_address=payee.address,
        payee_tax_id=payee.tax_id,
        produced_on=today,
    )
    return Remittance(header, tuple(claims), tuple(adjustments)), carried


def trace(seed: str, insurer: Insurer, fact: str) -> str:
    """The trace number of the payment that tells `fact`."""
    return numbers.trace(seed, insurer.payer_id, fact)


def _person(person: Person, member_id: str) -> Party:
    return Party(person.last_name, person.first_name, member_id, "MI")


def _provider(provider: Provider) -> Party:
    return Party(provider.name, provider.first_name, provider.npi, "XX" if provider.npi else "")
