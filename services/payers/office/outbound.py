"""What came in on `payers.outbound`: the transaction sets of an interchange that the stand-in answers."""

from dataclasses import dataclass
from functools import lru_cache

from shared.x12.claim_837.claim import ClaimBatch
from shared.x12.claim_837.reader import read_claims
from shared.x12.claim_status_277.reader import read_status_inquiries
from shared.x12.claim_status_277.status import StatusInquiry
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.eligibility_270.reader import read_inquiries
from shared.x12.syntax.envelope import EnvelopeReader, OpenTransaction
from shared.x12.syntax.problems import any_grave

Content = ClaimBatch | tuple[EligibilityInquiry, ...] | tuple[StatusInquiry, ...] | None


@dataclass(frozen=True, slots=True)
class ReceivedSet:
    """One transaction set: who sent it, under which numbers, and what it says.

    `whole` is False where the set does not add up as an envelope. `content` is None for a set that is not answered.
    """

    set_id: str
    control: str
    implementation: str
    group_control: str
    functional_id: str
    sender_id: str
    receiver_id: str
    interchange_control: str
    whole: bool
    content: Content


@lru_cache(maxsize=64)  # more than a batch has: its members are looked up before it is answered
def read(value: bytes) -> tuple[ReceivedSet, ...]:
    """Every transaction set in `value`, in order. Never raises; what is no X12 holds none."""
    return tuple(_received(transaction) for transaction in EnvelopeReader(value).transactions())


def _received(transaction: OpenTransaction) -> ReceivedSet:
    content = _content(transaction)
    return ReceivedSet(
        set_id=transaction.set_id,
        control=transaction.control,
        implementation=transaction.implementation,
        group_control=transaction.group.control,
        functional_id=transaction.group.functional_id,
        sender_id=transaction.interchange.sender_id,
        receiver_id=transaction.interchange.receiver_id,
        interchange_control=transaction.interchange.control,
        whole=not any_grave(transaction.problems),
        content=content,
    )


def _content(transaction: OpenTransaction) -> Content:
    match transaction.set_id:
        case "270":
            return read_inquiries(transaction)
        case "837":
            return read_claims(transaction)
        case "276":
            return read_status_inquiries(transaction)
        case _:
            return None
