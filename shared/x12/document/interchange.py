"""A whole X12 file as values: every interchange, and in it every transaction set read by its own reader."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import BinaryIO

from shared.x12.acknowledgment_999.acknowledgment import Acknowledgment
from shared.x12.acknowledgment_999.reader import read_acknowledgment
from shared.x12.benefits_271.benefits import BenefitsReport
from shared.x12.benefits_271.reader import read_benefits
from shared.x12.claim_837.claim import ClaimBatch
from shared.x12.claim_837.reader import read_claims
from shared.x12.claim_status_277.reader import read_claim_statuses, read_status_inquiries
from shared.x12.claim_status_277.status import ClaimStatusReport, StatusInquiry
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.eligibility_270.reader import read_inquiries
from shared.x12.remittance_835.reader import read_remittance
from shared.x12.remittance_835.remittance import Remittance
from shared.x12.syntax.envelope import EnvelopeReader, OpenInterchange, OpenTransaction
from shared.x12.syntax.problems import Problem, any_grave

Content = (
    Remittance
    | ClaimBatch
    | tuple[BenefitsReport, ...]
    | tuple[EligibilityInquiry, ...]
    | ClaimStatusReport
    | tuple[StatusInquiry, ...]
    | Acknowledgment
    | None
)

_READERS: dict[str, Callable[[OpenTransaction], Content]] = {
    "835": read_remittance,
    "837": read_claims,
    "271": read_benefits,
    "270": read_inquiries,
    "277": read_claim_statuses,
    "276": read_status_inquiries,
    "999": read_acknowledgment,
    "997": read_acknowledgment,
}


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """One ST to SE. `content` is what the set's reader made of it, None for a set that has no reader here.

    `set_id` is ST01 (835, 837, 271, 270, 277, 276, 999, 997), `implementation` ST03 or GS08; `group_sender_id` and
    `group_receiver_id` are GS02 and GS03.
    """

    set_id: str
    control: str
    implementation: str
    content: Content
    problems: tuple[Problem, ...] = ()
    group_sender_id: str = ""
    group_receiver_id: str = ""

    @property
    def balanced(self) -> bool | None:
        """Whether the money in it adds up; None for a set without money."""
        match self.content:
            case Remittance() | ClaimBatch():
                return self.content.balanced
            case _:
                return None


@dataclass(frozen=True, slots=True)
class InterchangeAcknowledgment:
    """A TA1: the answer about a whole interchange. `code` is A, E or R, `reason` the note code."""

    control: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Interchange:
    """One ISA to IEA (or what stands without an ISA: `control` is "" then)."""

    sender_id: str = ""
    receiver_id: str = ""
    control: str = ""
    usage: str = ""
    transactions: tuple[TransactionSet, ...] = ()
    acknowledgments: tuple[InterchangeAcknowledgment, ...] = ()
    problems: tuple[Problem, ...] = ()
    sender_kind: str = ""
    receiver_kind: str = ""


@dataclass(frozen=True, slots=True)
class X12File:
    """All that was found in a file. `problems` are those of the envelopes, in order, over all interchanges."""

    interchanges: tuple[Interchange, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def adds_up(self) -> bool:
        """Whether the envelopes add up and everything in them balances: only then may it be posted."""
        sets = [transaction for interchange in self.interchanges for transaction in interchange.transactions]
        whole = not any_grave(self.problems) and not any(any_grave(transaction.problems) for transaction in sets)
        return whole and not any(transaction.balanced is False for transaction in sets)


def read_file(source: bytes | BinaryIO, only: Collection[str] | None = None) -> X12File:
    """Read a whole file of any X12 that this package knows. Never raises; a file without X12 has no interchanges.

    Where `only` names some transaction sets (ST01), the others have no `content`: their segments are just counted.
    """
    reader = EnvelopeReader(source)
    sets: dict[int, list[TransactionSet]] = {}
    for transaction in reader.transactions():
        asked = only is None or transaction.set_id in only
        content = (_READERS.get(transaction.set_id, _skip) if asked else _read_over)(transaction)
        read = TransactionSet(
            transaction.set_id,
            transaction.control,
            transaction.implementation,
            content,
            tuple(transaction.problems),
            transaction.group.sender_id,
            transaction.group.receiver_id,
        )
        sets.setdefault(id(transaction.interchange), []).append(read)
    interchanges = tuple(
        _interchange(interchange, sets.get(id(interchange), [])) for interchange in reader.interchanges
    )
    return X12File(interchanges, tuple(reader.problems))


def _skip(transaction: OpenTransaction) -> None:
    """A set that this package does not know: it is skipped, with a note that says so."""
    _read_over(transaction)
    transaction.note("set_unknown", "this transaction set is not read here", "ST")


def _read_over(transaction: OpenTransaction) -> None:
    for _ in transaction:
        pass


def _interchange(opened: OpenInterchange, sets: list[TransactionSet]) -> Interchange:
    return Interchange(
        opened.sender_id,
        opened.receiver_id,
        opened.control,
        opened.usage,
        tuple(sets),
        tuple(InterchangeAcknowledgment(*fields) for fields in opened.acknowledges),
        tuple(opened.problems),
        opened.sender_kind,
        opened.receiver_kind,
    )
