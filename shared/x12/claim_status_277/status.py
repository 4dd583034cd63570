"""The 277CA (005010X214), the 277 and the 276 (005010X212) as values: what became of a claim before it was paid."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shared.x12.syntax.parties import NOBODY, Party
from shared.x12.syntax.problems import Problem


class Outcome(StrEnum):
    """What a claim status category means for us; the category wins over the action code (STC03)."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PENDING = "pending"
    FINALIZED = "finalized"
    NOT_FOUND = "not_found"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Status:
    """One STC composite: category (A2), status (20) and entity (IL, PR ..., "" where none is stated).

    `action` is STC03 (WQ accept, U reject), `amount_cents` STC04, `message` STC12. `further`: it came in STC10 or
    STC11, beside the first status of the same STC.
    """

    category: str
    status: str = ""
    entity: str = ""
    on: date | None = None
    action: str = ""
    amount_cents: int | None = None
    message: str = ""
    further: bool = False


_OUTCOMES = {
    Outcome.REJECTED: "A3 A6 A7 A8",
    Outcome.NOT_FOUND: "A4 D0",
    Outcome.FINALIZED: "F0 F1 F2 F3 F3F F3N F4",
    Outcome.ACCEPTED: "A2",
    Outcome.PENDING: "A0 A1 A5 P0 P1 P2 P3 P4 P5 R0 R1 R3 R4 R5 R6 R7 R8 R9 R10 R11 R12 R13 R14 R15 R16 R17",
}
_BY_CATEGORY = {category: outcome for outcome, categories in _OUTCOMES.items() for category in categories.split()}
_GRAVEST_FIRST = (
    Outcome.REJECTED,
    Outcome.REVIEW,
    Outcome.NOT_FOUND,
    Outcome.FINALIZED,
    Outcome.ACCEPTED,
    Outcome.PENDING,
)


def outcome(statuses: tuple[Status, ...]) -> Outcome:
    """What `statuses` mean for the claim: the gravest wins, an unknown category is for review.

    A2 is the only category that means accepted by the payer (005010X214); received (A1) and forwarded (A0) do not. An
    STC that accepts and refuses the same claim in its further statuses (STC10, STC11) is for review.
    """
    if contradicts_itself(statuses):
        return Outcome.REVIEW
    outcomes = {_BY_CATEGORY.get(status.category.upper(), Outcome.REVIEW) for status in statuses}
    return next((candidate for candidate in _GRAVEST_FIRST if candidate in outcomes), Outcome.REVIEW)


def contradicts_itself(statuses: tuple[Status, ...]) -> bool:
    """Whether one STC both accepts and refuses: its first status says one thing, a further status the other."""
    refused = (Outcome.REJECTED, Outcome.NOT_FOUND)
    first: Outcome | None = None
    for status in statuses:
        said = _BY_CATEGORY.get(status.category.upper(), Outcome.REVIEW)
        if not status.further:
            first = said
        elif {first, said} & {*refused} and Outcome.ACCEPTED in (first, said):
            return True
    return False


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """What became of one claim. `payer_claim_id` is REF*1K; `statuses` are as they came.

    `id` is what we asked or sent it by (TRN*2): the claim's control number in a 277CA, the inquiry's in a 277, where
    `patient_control` repeats the claim's (REF*EJ).

    `lines` are (our line control or procedure, statuses) where the payer speaks about single lines. An entry at the
    level of the batch (information receiver or provider) has `level` "batch" and the batch's reference as its id.
    """

    id: str
    statuses: tuple[Status, ...]
    payer_claim_id: str = ""
    patient: Party | None = None
    lines: tuple[tuple[str, tuple[Status, ...]], ...] = ()
    service_from: date | None = None
    service_to: date | None = None
    charge_cents: int | None = None
    paid_cents: int | None = None
    clearinghouse_trace: str = ""
    patient_control: str = ""
    level: str = "claim"

    @property
    def outcome(self) -> Outcome:
        """What the statuses of the claim and of its lines mean together."""
        return outcome(self.statuses + tuple(status for _, statuses in self.lines for status in statuses))

    @property
    def accepted(self) -> bool | None:
        """Whether the payer took the claim (True) or refused it (False); None where it says neither."""
        if self.outcome is Outcome.FINALIZED and self.decisive is not None:
            return False if self.decisive.category.upper() == "F2" else None
        return {Outcome.ACCEPTED: True, Outcome.REJECTED: False, Outcome.NOT_FOUND: False}.get(self.outcome)

    @property
    def decisive(self) -> Status | None:
        """The status that decides the outcome; None where none was given."""
        together = self.statuses + tuple(status for _, statuses in self.lines for status in statuses)
        wanted = self.outcome
        return next((status for status in together if outcome((status,)) == wanted), next(iter(together), None))


@dataclass(frozen=True, slots=True)
class ClaimStatusReport:
    """One 277CA or 277 transaction set. `acknowledgment` tells a 277CA (X214) from an answer to a 276 (X212)."""

    claims: tuple[ClaimStatus, ...]
    batches: tuple[ClaimStatus, ...] = ()
    acknowledgment: bool = True
    payer: Party = NOBODY
    receiver: Party = NOBODY
    provider: Party = NOBODY
    reference: str = ""
    reported_on: date | None = None
    problems: tuple[Problem, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class StatusInquiry:
    """One question of a 276: what became of the claim `id` (TRN*1). `charge_cents` and dates help the payer find it."""

    id: str
    payer: Party
    receiver: Party
    provider: Party
    subscriber: Party
    birth_date: date | None = None
    sex: str = ""
    dependent: Party | None = None
    dependent_birth_date: date | None = None
    payer_claim_id: str = ""
    charge_cents: int | None = None
    service_from: date | None = None
    service_to: date | None = None
