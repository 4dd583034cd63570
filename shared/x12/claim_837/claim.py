"""The 837P (005010X222A1) as values: a claim to one payer, naming the others and what they decided.

Amounts are integer cents. `reader` reads these values, `writer` writes them, `edits` checks them before they leave;
`shared.x12.next_payer` builds the next payer's claim from a claim and its remittance.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shared.x12.syntax.adjustments import Adjustment, total_cents
from shared.x12.syntax.parties import NOBODY, Address, Party, Payer, Person, Provider, Subscriber
from shared.x12.syntax.problems import Problem, any_off

Segment = tuple[str, ...]
"""A segment that is carried as it came: its id, then its elements."""

SELF = "18"
MEDICARE = ("MA", "MB")
"""Filing indicators (SBR09) of Medicare part A and B."""


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service line (loop 2400, SV1). Every line has our own control number in `control` (REF*6R).

    `place` is "" where it is the claim's; `diagnosis_pointers` are 1-based into the claim's diagnoses. `carried` are
    segments of the loop that are kept as they came, `parties` those that name a provider of this line alone (2420).
    """

    charge_cents: int
    procedure: str
    modifiers: tuple[str, ...] = ()
    units: Decimal | int = 1
    unit_kind: str = "UN"
    place: str = ""
    diagnosis_pointers: tuple[int, ...] = (1,)
    service_from: date | None = None
    service_to: date | None = None
    control: str = ""
    qualifier: str = "HC"
    revenue_code: str = ""
    carried: tuple[Segment, ...] = ()
    parties: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class LineAdjudication:
    """What another payer decided about one line (loop 2430, SVD). `line` is the 1-based number of the line."""

    line: int
    paid_cents: int
    procedure: str
    modifiers: tuple[str, ...] = ()
    units: Decimal | int = 1
    adjustments: tuple[Adjustment, ...] = ()
    adjudicated_on: date | None = None
    remaining_liability_cents: int | None = None
    qualifier: str = "HC"
    bundled_line: int | None = None


@dataclass(frozen=True, slots=True)
class OtherPayer:
    """Another payer of the same patient (loop 2320 with 2330A/B), and what it decided if it has.

    `responsibility` is P, S, T ...; `relation` the patient's relation to that plan's subscriber (SBR02). `paid_cents`
    (AMT*D) is None until that payer has adjudicated. `adjustments` and `adjudicated_on` are the claim-level ones, the
    lines' are in `lines`. `claim_id` is that payer's claim number (REF*F8); `remarks` go to MOA.
    """

    responsibility: str
    payer: Payer
    subscriber: Subscriber
    relation: str = SELF
    group_number: str = ""
    group_name: str = ""
    filing_indicator: str = "CI"
    medicare_secondary_reason: str = ""
    claim_id: str = ""
    paid_cents: int | None = None
    noncovered_cents: int | None = None
    remaining_liability_cents: int | None = None
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[LineAdjudication, ...] = ()
    remarks: tuple[str, ...] = ()
    adjudicated_on: date | None = None
    benefits_assigned: str = "Y"
    release: str = "Y"

    @property
    def adjudicated(self) -> bool:
        """Whether this payer has decided about the claim."""
        return self.paid_cents is not None or bool(self.lines) or bool(self.adjustments)

    @property
    def bypassed(self) -> bool:
        """Whether this payer was passed over because it does not cover the service at all (AMT*A8, X12 RFI 1999)."""
        return self.noncovered_cents is not None and self.paid_cents is None

    @property
    def all_adjustments(self) -> tuple[Adjustment, ...]:
        """The claim-level adjustments, then those of the lines."""
        return self.adjustments + tuple(adjustment for line in self.lines for adjustment in line.adjustments)

    @property
    def patient_responsibility_cents(self) -> int:
        """What this payer left to the patient: the sum of its PR adjustments."""
        return total_cents(self.all_adjustments, "PR")


@dataclass(frozen=True, slots=True)
class ProfessionalClaim:
    """One claim (loop 2300, CLM) with the loops above it, addressed to `payer`.

    `id` is our control number (CLM01, back in CLP01). `patient` is None where the subscriber is the patient, and
    `relation` (18 then) is the patient's relation to the subscriber. `frequency` is 1 original, 7 replacement, 8 void;
    7 and 8 need `original_claim_id`, the payer's number of the claim they replace (REF*F8).
    `diagnoses` are codes without a dot, the principal first. `carried` are segments of loop 2300 kept as they came.
    """

    id: str
    charge_cents: int
    billing: Provider
    subscriber: Subscriber
    payer: Payer
    lines: tuple[ServiceLine, ...]
    responsibility: str = "P"
    place: str = "11"
    frequency: str = "1"
    diagnoses: tuple[str, ...] = ()
    diagnosis_kind: str = "ABK"
    relation: str = SELF
    patient: Person | None = None
    group_number: str = ""
    group_name: str = ""
    filing_indicator: str = "CI"
    medicare_secondary_reason: str = ""
    original_claim_id: str = ""
    prior_authorization: str = ""
    rendering: Provider | None = None
    referring: Provider | None = None
    facility: Provider | None = None
    pay_to: Address | None = None
    other_payers: tuple[OtherPayer, ...] = ()
    provider_signature: str = "Y"
    assignment: str = "A"
    benefits_assigned: str = "Y"
    release: str = "Y"
    carried: tuple[Segment, ...] = ()
    position: int | None = field(default=None, compare=False)
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def balanced(self) -> bool:
        """Whether the lines make the charge, and every other payer's decision accounts for all of it."""
        return not any_off(self.problems)

    @property
    def patient_person(self) -> Person:
        """The patient, whether subscriber or dependent."""
        return self.subscriber.person if self.patient is None else self.patient


@dataclass(frozen=True, slots=True)
class ClaimBatch:
    """One 837 transaction set: its claims, in order, and who sent it to whom.

    `contact_name` and `contact_phone` are whom to ask at the submitter (1000A, PER); "" where it names nobody.
    """

    claims: tuple[ProfessionalClaim, ...]
    submitter: Party = NOBODY
    receiver: Party = NOBODY
    reference: str = ""
    implementation: str = ""
    problems: tuple[Problem, ...] = ()
    contact_name: str = ""
    contact_phone: str = ""

    @property
    def balanced(self) -> bool:
        """Whether every claim adds up and the set is whole."""
        return not any_off(self.problems) and all(claim.balanced for claim in self.claims)
