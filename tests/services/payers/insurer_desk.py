"""The stand-in as its counterparts see it: X12 in, X12 out, read back into values."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.x12.acknowledgment_999.acknowledgment import Acknowledgment
from shared.x12.benefits_271.benefits import BenefitsReport
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.claim_status_277.status import ClaimStatus, ClaimStatusReport
from shared.x12.document.interchange import read_file
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.remittance_835.remittance import Remittance, RemittedClaim
from shared.x12.syntax.parties import Payer
from tests.harness import ServiceUnderTest
from tests.services.payers.claim_samples import as_270, as_276, as_837


@dataclass
class Answers:
    """What the stand-in sent, by kind, in the order of sending."""

    benefits: list[BenefitsReport] = field(default_factory=list)
    files: list[Acknowledgment] = field(default_factory=list)
    acknowledgments: list[ClaimStatus] = field(default_factory=list)
    statuses: list[ClaimStatus] = field(default_factory=list)
    remittances: list[Remittance] = field(default_factory=list)

    @property
    def claims(self) -> list[RemittedClaim]:
        """The claims of all 835s."""
        return [claim for remittance in self.remittances for claim in remittance.claims]


def answers(interchanges: Iterable[bytes]) -> Answers:
    """The interchanges read; each must be whole."""
    collected = Answers()
    for value in interchanges:
        file = read_file(value)
        assert not file.problems, file.problems
        for transaction in (
            transaction for interchange in file.interchanges for transaction in interchange.transactions
        ):
            match transaction.content:
                case Remittance() as remittance:
                    collected.remittances.append(remittance)
                case Acknowledgment() as acknowledgment:
                    collected.files.append(acknowledgment)
                case ClaimStatusReport() as report:
                    (collected.acknowledgments if report.acknowledgment else collected.statuses).extend(report.claims)
                case (BenefitsReport(), *_) as reports:
                    collected.benefits += reports
                case other:
                    raise AssertionError(f"not an insurer's answer: {other}")
    return collected


class Desk:
    """A counterpart of the stand-in: sends, lets time pass, and reads what comes back."""

    def __init__(self, sut: ServiceUnderTest) -> None:
        self.sut = sut
        self.control = 0

    async def sends(self, value: bytes) -> Answers:
        """Send one interchange; what comes back at once."""
        await self.sut.receives_interchange(value)
        assert not self.sut.dead, self.sut.dead
        return answers(self.sut.interchanges)

    async def files(self, *claims: ProfessionalClaim) -> Answers:
        """Send one 837, each under a new control number; what comes back at once."""
        self.control += 1
        return await self.sends(as_837(*claims, control=self.control))

    async def inquires(self, *inquiries: EligibilityInquiry) -> Answers:
        """Send one 270, each under a new control number; what comes back."""
        self.control += 1
        return await self.sends(as_270(*inquiries, control=self.control))

    async def waits(self, days: float) -> Answers:
        """What comes in the next days."""
        await self.sut.passes(days=days)
        return answers(self.sut.interchanges)

    async def asks_about(self, claim_id: str, payer: Payer) -> ClaimStatus:
        """What a 276 about a claim brings."""
        self.control += 1
        return (await self.sends(as_276(claim_id, payer, self.control))).statuses[0]
