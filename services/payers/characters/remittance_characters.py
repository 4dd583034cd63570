"""Characters whose 835s are wrong, doubled, cut up, or taken back."""

from collections.abc import Sequence
from dataclasses import replace

from services.payers.adjudication.remittance import Delivery, reversal
from services.payers.characters.character import Character, Situation
from shared.x12.remittance_835.remittance import RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import Adjustment, total_cents
from shared.x12.syntax.parties import Party


class Unbalanced(Character):
    """Its 835 pays one dollar more than the adjustments leave."""

    def remits(self, remitted: RemittedClaim, next_payer: Party | None, now: Situation) -> RemittedClaim:
        """A dollar from nowhere, in the claim alone."""
        return replace(remitted, paid_cents=remitted.paid_cents + 1_00)


class DropsLineControls(Character):
    """Does not return our line control numbers (REF*6R)."""

    def remits(self, remitted: RemittedClaim, next_payer: Party | None, now: Situation) -> RemittedClaim:
        """Lines are told apart by procedure and charge alone."""
        return replace(remitted, lines=tuple(replace(line, control="") for line in remitted.lines))


class DropsModifiers(Character):
    """Does not return the modifiers."""

    def remits(self, remitted: RemittedClaim, next_payer: Party | None, now: Situation) -> RemittedClaim:
        """The bare procedures."""
        return replace(remitted, lines=tuple(replace(line, modifiers=()) for line in remitted.lines))


class RenumbersLines(Character):
    """Returns the lines backwards, under numbers of its own."""

    def remits(self, remitted: RemittedClaim, next_payer: Party | None, now: Situation) -> RemittedClaim:
        """1 is our last line."""
        lines = enumerate(reversed(remitted.lines), 1)
        return replace(remitted, lines=tuple(replace(line, control=str(number)) for number, line in lines))


class PaysTwice(Character):
    """Sends the same payment again `=N` days later (3 unless told), with another trace."""

    default = "3"

    def delivers(self, deliveries: Sequence[Delivery], now: Situation) -> Sequence[Delivery]:
        """Every 835 twice."""
        later = self.number
        again = [
            replace(delivery, name=f"{delivery.name}-again", after_days=delivery.after_days + later)
            for delivery in deliveries
        ]
        return [*deliveries, *again]


class SendsInPieces(Character):
    """One 835 a line, the last line first, `=N` days apart (2 unless told)."""

    default = "2"

    def delivers(self, deliveries: Sequence[Delivery], now: Situation) -> Sequence[Delivery]:
        """Reversals stay whole."""
        return [piece for delivery in deliveries for piece in self._pieces(delivery)]

    def _pieces(self, delivery: Delivery) -> list[Delivery]:
        if len(delivery.claims) != 1 or len(delivery.claims[0].lines) < 2 or delivery.claims[0].reversal:
            return [delivery]
        claim, apart = delivery.claims[0], self.number
        return [
            Delivery(f"{delivery.name}-{number}", delivery.after_days + apart * number, (_piece(claim, line),))
            for number, line in enumerate(reversed(claim.lines))
        ]


class ReversesAfter(Character):
    """Takes the payment back after `=N` days (80 unless told) and corrects it: 10.00 less, moved to the deductible."""

    default = "80"

    def delivers(self, deliveries: Sequence[Delivery], now: Situation) -> Sequence[Delivery]:
        """Reversal and correction in one 835."""
        paid = [claim for delivery in deliveries for claim in delivery.claims if claim.paid_cents > 0]
        if not paid:
            return deliveries
        back = (reversal(paid[-1]), *self.correction(paid[-1]))
        return [*deliveries, Delivery("taken-back", self.number, back)]

    def correction(self, paid: RemittedClaim) -> tuple[RemittedClaim, ...]:
        """What takes the place of the payment."""
        moved = min(10_00, paid.lines[0].paid_cents)
        line = _more_deductible(paid.lines[0], moved)
        return (
            replace(
                paid,
                paid_cents=paid.paid_cents - moved,
                patient_responsibility_cents=(paid.patient_responsibility_cents or 0) + moved,
                lines=(line, *paid.lines[1:]),
            ),
        )


class ReversesWithoutCorrection(ReversesAfter):
    """Takes the payment back after `=N` days (80 unless told), for retroactive coordination (N420), and is silent."""

    def delivers(self, deliveries: Sequence[Delivery], now: Situation) -> Sequence[Delivery]:
        """The reversal alone, with its remark."""
        with_reversal = super().delivers(deliveries, now)
        return [
            replace(delivery, claims=tuple(replace(claim, remarks=("N420",)) for claim in delivery.claims))
            if delivery.name == "taken-back"
            else delivery
            for delivery in with_reversal
        ]

    def correction(self, paid: RemittedClaim) -> tuple[RemittedClaim, ...]:
        """None."""
        return ()


def _piece(claim: RemittedClaim, line: RemittedLine) -> RemittedClaim:
    owed = total_cents(line.adjustments, "PR")
    return replace(
        claim,
        charge_cents=line.charge_cents,
        paid_cents=line.paid_cents,
        patient_responsibility_cents=owed,
        lines=(line,),
    )


def _more_deductible(line: RemittedLine, moved: int) -> RemittedLine:
    others = tuple(entry for entry in line.adjustments if (entry.group, entry.reason) != ("PR", "1"))
    deductible_cents = total_cents(line.adjustments) - total_cents(others) + moved
    deductible = (Adjustment("PR", "1", deductible_cents),) if deductible_cents else ()
    return replace(line, paid_cents=line.paid_cents - moved, adjustments=others + deductible)
