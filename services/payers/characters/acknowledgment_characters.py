"""Characters that reject, lose, delay or refuse a claim."""

from dataclasses import replace

from services.payers.adjudication.adjudication import Decision, deny
from services.payers.characters.character import Character, Situation
from shared.x12.acknowledgment_999.acknowledgment import SyntaxFault
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.claim_status_277.status import Status


class RejectsAt999(Character):
    """Rejects the set of the first submission (`=N`: of the first N) in the 999."""

    default = "1"

    def faults(self, claim: ProfessionalClaim, now: Situation) -> tuple[SyntaxFault, ...]:
        """A required segment is missing."""
        if now.tries >= self.number:
            return ()
        return (SyntaxFault("HI", 20, "3", loop="2300"),)


class RejectsAt277CA(Character):
    """Rejects the first submission in the 277CA: `=A7/562` says with which category and status (and entity)."""

    default = "A3/21"

    def acknowledges(self, status: Status, claim: ProfessionalClaim, now: Situation) -> Status:
        """Returned as unprocessable."""
        if now.tries or status.action == "U":
            return status
        category, code, entity = (*self.argument.split("/"), "", "")[:3]
        return replace(status, category=category, status=code, entity=entity, action="U")


class AcknowledgesLate(Character):
    """Sends its 835 before the 277CA, which comes `=N` days after the claim (20 unless told)."""

    default = "20"

    def acknowledges_after(self, days: float) -> float:
        """Long after the 835."""
        return self.number


class AnswersAfter(Character):
    """Its 835 takes `=N` days, 45 unless told."""

    default = "45"

    def adjudicates_after(self, days: float, claim: ProfessionalClaim, now: Situation) -> float | None:
        """Late."""
        return self.number


class NeverAnswers(Character):
    """Loses every claim (`=N`: the first N submissions of the same services): no 835 ever comes."""

    def __init__(self, argument: str = "") -> None:
        super().__init__(argument)
        self.losses = int(argument) if argument else None

    def adjudicates_after(self, days: float, claim: ProfessionalClaim, now: Situation) -> float | None:
        """Lost."""
        return None if self.losses is None or now.tries < self.losses else days


class DeniesTimelyFiling(Character):
    """Denies everything for timely filing."""

    def decides(self, decision: Decision, claim: ProfessionalClaim, now: Situation) -> Decision:
        """CARC 29."""
        return deny(claim, "CO", "29")
