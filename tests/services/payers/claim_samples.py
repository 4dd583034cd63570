"""Claims and inquiries as the product sends them, and the readers of what comes back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from shared.x12.claim_837.claim import LineAdjudication, OtherPayer, ProfessionalClaim, ServiceLine
from shared.x12.claim_837.writer import write_claims
from shared.x12.claim_status_277.status import StatusInquiry
from shared.x12.claim_status_277.writer import write_status_inquiries
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.eligibility_270.writer import write_inquiries
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Address, Party, Payer, Person, Provider, Subscriber

SERVICE_ON = date(2026, 2, 27)
SAM = Person("Doe", "Sam", birth_date=date(1990, 5, 4), sex="F", address=Address("1 Elm St", "Albany", "NY", "12207"))
ALEX = Person("Doe", "Alex", birth_date=date(1988, 2, 1), sex="M", address=SAM.address)
BILLING = Provider(
    "Evergreen Care Group",
    npi="1234567893",
    tax_id="123456789",
    address=Address("5 Main St", "Albany", "NY", "122070001"),
    contact="Billing",
    phone="5185550100",
)
RENDERING = Provider("Reyes", npi="1993999998", first_name="Dana", taxonomy="103TC0700X")
PLAN_ONE, PLAN_TWO = Payer("Plan One Health", "PLANONE"), Payer("Plan Two Mutual", "PLANTWO")
LINE = ServiceLine(220_00, "90837", ("95",), place="10", service_from=SERVICE_ON, control="S1-1")


def claim(
    id: str = "S1-P", payer: Payer = PLAN_ONE, member_id: str = "ONE1001", lines: Sequence[ServiceLine] = (LINE,)
) -> ProfessionalClaim:
    """A primary claim of Sam, who holds the plan."""
    return ProfessionalClaim(
        id=id,
        charge_cents=sum(line.charge_cents for line in lines),
        billing=BILLING,
        rendering=RENDERING,
        subscriber=Subscriber(SAM, member_id),
        payer=payer,
        lines=tuple(lines),
        place="10",
        diagnoses=("F411",),
    )


def other_plan(responsibility: str = "S", payer: Payer = PLAN_TWO, member_id: str = "TWO1001") -> OtherPayer:
    """Alex's plan, under which Sam is a dependent."""
    return OtherPayer(responsibility, payer, Subscriber(ALEX, member_id), relation="01")


def decided_by_plan_one(paid: int = 120_00, left: int = 30_00, charge: int = 220_00) -> OtherPayer:
    """Plan One's decision on a claim of one line, for the coordination loops of the next claim."""
    adjustments = [("CO", "45", charge - paid - left), ("PR", "2", left)]
    kept = tuple(Adjustment(*parts) for parts in adjustments if parts[2])
    on = date(2026, 3, 1)
    line = LineAdjudication(1, paid, "90837", ("95",), adjustments=kept, adjudicated_on=on)
    plan = OtherPayer("P", PLAN_ONE, Subscriber(SAM, "ONE1001"), relation="18")
    return replace(plan, claim_id="PLAN1", paid_cents=paid, lines=(line,))


def secondary(prior: OtherPayer, id: str = "S1-S") -> ProfessionalClaim:
    """The claim to Plan Two after Plan One."""
    return replace(
        claim(id, PLAN_TWO, "TWO1001"),
        responsibility="S",
        subscriber=Subscriber(ALEX, "TWO1001"),
        patient=SAM,
        relation="01",
        other_payers=(prior,),
    )


def envelope(control: int = 1) -> Envelope:
    """From us to the clearinghouse."""
    return Envelope("MARKETPLACE", "CLEARINGHOUSE", control, datetime(2026, 3, 2, 9, tzinfo=UTC))


def as_837(*claims: ProfessionalClaim, control: int = 1) -> bytes:
    """The interchange that carries claims."""
    return write_claims(claims, envelope(control))


def inquiry(
    payer: Payer = PLAN_ONE, member_id: str = "ONE1001", trace: str = "T1", on: date = SERVICE_ON
) -> EligibilityInquiry:
    """Sam asks about a plan of their own."""
    return EligibilityInquiry(
        trace, payer, Provider("Evergreen Care Group", npi="1234567893"), Subscriber(SAM, member_id), on
    )


def as_270(*inquiries: EligibilityInquiry, control: int = 1) -> bytes:
    """The interchange that carries inquiries."""
    return write_inquiries(inquiries, envelope(control))


def as_276(claim_id: str, payer: Payer = PLAN_ONE, control: int = 1) -> bytes:
    """The interchange that asks what became of a claim."""
    inquiry = StatusInquiry(
        id=claim_id,
        payer=Party(payer.name, id=payer.id, id_kind="PI"),
        receiver=Party("Evergreen Care Group", id="MARKETPLACE", id_kind="46"),
        provider=Party("Evergreen Care Group", id="1234567893", id_kind="XX"),
        subscriber=Party("Doe", "Sam", "ONE1001", "MI"),
        charge_cents=220_00,
        service_from=SERVICE_ON,
    )
    return write_status_inquiries([inquiry], envelope(control))
