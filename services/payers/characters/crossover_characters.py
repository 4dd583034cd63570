"""Characters that forward a claim to the next payer, or say so.

Source: 005010X221A1: CLP02 19 to 21, NM1*TT (the payer it went to), and remark MA18 say that a claim crossed over.
"""

from dataclasses import replace

from services.payers.characters.character import Character, Situation
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.remittance_835.remittance import RemittedClaim
from shared.x12.syntax.parties import Party

SIGNALS = ("status", "payer", "remark")
_FORWARDED_AS = {"1": "19", "2": "20", "3": "21"}
_REMARK = "MA18"


class Forwards(Character):
    """Forwards every claim that it has paid on, and says so by all three signals.

    The next payer then gets our own secondary claim as a duplicate.
    """

    signals: tuple[str, ...] = SIGNALS

    def forwards(self, claim: ProfessionalClaim, now: Situation) -> bool:
        """It goes on."""
        return True

    def remits(self, remitted: RemittedClaim, next_payer: Party | None, now: Situation) -> RemittedClaim:
        """The signals, where there is a next payer and the claim was not denied."""
        if next_payer is None or remitted.status not in _FORWARDED_AS:
            return remitted
        if "status" in self.signals:
            remitted = replace(remitted, status=_FORWARDED_AS[remitted.status])
        if "payer" in self.signals:
            remitted = replace(remitted, crossover_to=next_payer)
        if "remark" in self.signals:
            remitted = replace(remitted, remarks=(*remitted.remarks, _REMARK))
        return remitted


class ForgetsToForward(Forwards):
    """Says by all three signals that it forwarded the claim, and does not."""

    def forwards(self, claim: ProfessionalClaim, now: Situation) -> bool:
        """It stays."""
        return False


class ForwardsWithOneSignal(Forwards):
    """Forwards with one signal only: `=status` (unless told), `=payer` or `=remark`."""

    default = "status"

    def __init__(self, argument: str = "") -> None:
        super().__init__(argument)
        if self.argument not in SIGNALS:
            raise ValueError(f"the signal is one of {', '.join(SIGNALS)}")
        self.signals = (self.argument,)
