"""What an insurer does at each step, so that a character can do one of them differently.

The methods of `Character` are the steps, in the order in which they happen; each gets what an ordinary insurer would
do and returns it. A character overrides one or two of them. See `characters.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.payers.adjudication.adjudication import Decision
from services.payers.adjudication.remittance import Delivery
from services.payers.book.book import Member
from services.payers.book.membership import Membership
from shared.x12.acknowledgment_999.acknowledgment import SyntaxFault
from shared.x12.benefits_271.benefits import BenefitsReport
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.claim_status_277.status import Status
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.remittance_835.remittance import RemittedClaim
from shared.x12.syntax.parties import Party


@dataclass(frozen=True, slots=True)
class Situation:
    """What a character may look at beside the message.

    `inquiries` is how often the insurer was asked about the member so far, an inquiry in hand included;
    `inquiries_since_denial` how often since coordination was first disputed, on `denied_on`. `tries` are the
    submissions of the same services that were rejected before.
    """

    membership: Membership
    today: date
    inquiries: int = 0
    inquiries_since_denial: int = 0
    denied_on: date | None = None
    tries: int = 0

    def days_since_denial(self) -> int:
        """Days since coordination was first disputed; 0 where it never was."""
        return (self.today - self.denied_on).days if self.denied_on else 0


class Character:
    """An ordinary insurer. `argument` is what stands behind the `=` of its name in the book or the settings."""

    default = ""
    number = 0

    def __init__(self, argument: str = "") -> None:
        """Raises ValueError: the argument is not of the kind that the character takes."""
        self.argument = argument or self.default
        if self.default.isdigit():
            self.number = int(self.argument)

    def regards(self, member: Member, on: date, now: Situation) -> Member:
        """What the insurer takes the member's cover and order of benefits to be on `on`."""
        return member

    def answers(self, told: BenefitsReport, inquiry: EligibilityInquiry, now: Situation) -> BenefitsReport | None:
        """The 271; None: it never comes."""
        return told

    def faults(self, claim: ProfessionalClaim, now: Situation) -> tuple[SyntaxFault, ...]:
        """What the 999 finds wrong with the set that holds the claim; none: accepted."""
        return ()

    def acknowledges(self, status: Status, claim: ProfessionalClaim, now: Situation) -> Status:
        """What the 277CA says of the claim."""
        return status

    def acknowledges_after(self, days: float) -> float:
        """Days until the 277CA."""
        return days

    def adjudicates_after(self, days: float, claim: ProfessionalClaim, now: Situation) -> float | None:
        """Days until the 835; None: it never comes."""
        return days

    def decides(self, decision: Decision, claim: ProfessionalClaim, now: Situation) -> Decision:
        """What is paid, and why not more."""
        return decision

    def forwards(self, claim: ProfessionalClaim, now: Situation) -> bool:
        """Whether the claim really goes on to the next payer."""
        return False

    def remits(self, remitted: RemittedClaim, next_payer: Party | None, now: Situation) -> RemittedClaim:
        """How the 835 tells the decision; `next_payer` comes next in the order of benefits, where one is known."""
        return remitted

    def delivers(self, deliveries: Sequence[Delivery], now: Situation) -> Sequence[Delivery]:
        """Which 835s are sent, and when."""
        return deliveries
