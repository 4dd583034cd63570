"""One payer's answer to one claim of a session, and which answers are the same one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from services.settlement.answers.benefits_adjudicated import GRAVITY, Answer, Part, answer
from shared.codes.adjustment_codes import is_paid_to_client
from shared.x12.remittance_835 import remittance
from shared.x12.remittance_835.remittance import REVERSAL, RemittedClaim, RemittedLine
from shared.x12.remittance_835.standing import Stated, stated_claim
from shared.x12.syntax.adjustments import Adjustment, total_cents

NOT_OUR_CLAIM = "23"
DENIED = "4"


class Level(StrEnum):
    """The order of benefits: who pays first."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    TERTIARY = "tertiary"


LEVELS = tuple(Level)

LEVEL_OF_STATUS = {status: LEVELS[place - 1] for status, place in remittance.LEVEL_OF_STATUS.items()}
"""The level at which a payer says it processed the claim (CLP02)."""


@dataclass(frozen=True)
class Adjudication:
    """A claim of an 835 at the level at which we asked.

    `id` names it once and for all: the same one again has the same id. `plan` is whose answer it is, where we know: by
    it the answer moves to another level when the order of plans is corrected. `adjudicated_on` is the payer's own
    date; `arrived` and `position` tell several of one date apart. `reverses` is the id of the adjudication that this
    one takes back, where the claims service has matched it, `also_reverses` those of the other pieces of an answer that
    it takes back as a whole; `decides_benefits` False is the claims service's word that
    it settles nothing (None: only the codes are known). `complete` is its word on whether with this one every line of
    ours is answered (None: nobody has said); False: the rest is awaited.
    """

    id: str
    level: Level
    claim: RemittedClaim
    payer: str = ""
    trace: str = ""
    adjudicated_on: date | None = None
    arrived: int = 0
    position: int = 0
    reverses: str | None = None
    decides_benefits: bool | None = None
    plan: str = ""
    complete: bool | None = None
    also_reverses: tuple[str, ...] = ()

    @cached_property
    def order(self) -> tuple[date, int, str, int, str]:
        """Sorts a payer's answers into the order in which the payer gave them, whatever the order of arrival."""
        return (self.adjudicated_on or date.min, self.arrived, self.trace, self.position, self.id)

    @property
    def counts(self) -> bool:
        """Whether it is an adjudication at all: not a price estimate, not passed on unread, not pended."""
        return self.claim.status in LEVEL_OF_STATUS or self.claim.status in (DENIED, REVERSAL)

    @cached_property
    def patient_responsibility_cents(self) -> int:
        """What the payer leaves to the client: the sum of its PR adjustments."""
        return total_cents(self.claim.all_adjustments, "PR")

    @property
    def payer_paid_cents(self) -> int:
        """What the payer paid, to us or to the client (PR-100)."""
        return self.claim.paid_cents + self.claim.paid_to_client_cents

    @property
    def prior_payers_cents(self) -> int:
        """What it says the payers before it paid and wrote off (OA-23)."""
        return sum(
            adjustment.amount_cents
            for adjustment in self.claim.all_adjustments
            if adjustment.reason.lstrip("0") == "23"
        )

    @cached_property
    def answer(self) -> Answer:
        """What it says of the whole claim: the gravest of its lines. What either service doubts decides nothing."""
        gravest = min((share.answer for share in self.shares), key=GRAVITY.__getitem__)
        return Answer.UNKNOWN if self.decides_benefits is False and gravest.decides_benefits else gravest

    @cached_property
    def stated(self) -> Stated:
        """What it is for the rule that says which of a payer's answers stand."""
        return replace(
            stated_claim(self.claim, self.id),
            decides=self.answer.decides_benefits,
            disputes=self.answer is Answer.COORDINATION,
            payment=f"{self.trace}/{self.arrived}",
            position=self.position,
            reverses=() if self.reverses is None else (self.reverses, *self.also_reverses),
        )

    @cached_property
    def shares(self) -> tuple["Share", ...]:
        """What it says of each line; one share for the whole where it came without lines.

        Adjustments of the claim as a whole belong to every line's answer, and their PR to a share of its own.
        """
        claim = self.claim
        if not claim.lines:
            return (self._share("", claim, ()),)
        lines = tuple(self._share(_key(line), line, claim.adjustments, line.remarks) for line in claim.lines)
        whole = _own_share_cents(claim.adjustments)
        if not whole:
            return lines
        said = answer(Part(claim.paid_cents, claim.adjustments, claim.remarks, claim.status == DENIED))
        return (*lines, Share("", 0, whole, said))

    def _share(
        self,
        key: str,
        part: RemittedClaim | RemittedLine,
        of_the_whole: tuple[Adjustment, ...],
        remarks: tuple[str, ...] = (),
    ) -> "Share":
        denied = self.claim.status == DENIED
        paid = min(part.paid_cents, self.claim.paid_cents)  # a claim denied as a whole may state its lines as paid
        said = answer(Part(paid, part.adjustments + of_the_whole, remarks + self.claim.remarks, denied))
        named = (_service(part), part.procedure.casefold()) if isinstance(part, RemittedLine) else ("", "")
        return Share(key, part.charge_cents, _own_share_cents(part.adjustments), said, *named)


@dataclass(frozen=True, slots=True)
class Share:
    """What a payer says of one service line. `key` is our line control number, or procedure and modifiers.

    `patient_responsibility_cents` leaves out what the payer sent to the client: no later payer can take that over.

    `service` is procedure and modifiers in any case: for a payer that does not return our number, or another one.
    """

    key: str
    charge_cents: int
    patient_responsibility_cents: int
    answer: Answer
    service: str = ""
    procedure: str = ""


def _own_share_cents(adjustments: Iterable[Adjustment]) -> int:
    return sum(
        adjustment.amount_cents
        for adjustment in adjustments
        if adjustment.group == "PR" and not is_paid_to_client(adjustment.reason)
    )


def _key(line: RemittedLine) -> str:
    """What tells the line from the others: our control number (REF*6R), else its procedure and modifiers."""
    return line.control.strip().casefold() or _service(line)


def _service(line: RemittedLine) -> str:
    return f"{line.procedure}:{','.join(line.modifiers)}".casefold()


def identity(claim: RemittedClaim, payer: str, trace: str) -> tuple[Any, ...]:
    """What is the same for an adjudication that comes twice: payer, trace (TRN02), payer claim number, and content."""
    return (
        payer.strip().casefold(),
        trace.strip().casefold(),
        claim.payer_claim_id.strip().casefold(),
        claim.id.strip().casefold(),
        claim.status,
        claim.charge_cents,
        claim.paid_cents,
        tuple(
            sorted(
                (adjustment.group, adjustment.reason, adjustment.amount_cents) for adjustment in claim.all_adjustments
            )
        ),
        tuple((line.control, line.procedure, line.modifiers, line.charge_cents) for line in claim.lines),
    )
