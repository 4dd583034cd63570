"""Reading 837s: professional ones wholly; of institutional and dental ones what they have in common with them.

Source of the rule: 005010X222A1, 005010X223A2, 005010X224A2, loops 1000A to 2430; 4010 files have the same shape.
"""

from collections.abc import Iterator
from typing import BinaryIO

from shared.x12.claim_837.claim import ClaimBatch, ProfessionalClaim
from shared.x12.claim_837.claim_reader import ClaimReader
from shared.x12.claim_837.level_reader import LevelReader
from shared.x12.syntax.envelope import EnvelopeReader, OpenTransaction


def read_claim_files(source: bytes | BinaryIO) -> Iterator[ClaimBatch]:
    """Every 837 in `source`. Never raises."""
    for transaction in EnvelopeReader(source).transactions():
        if transaction.set_id == "837":
            yield read_claims(transaction)


def read_claims(transaction: OpenTransaction) -> ClaimBatch:
    """The whole of one 837."""
    levels = LevelReader(transaction)
    claims = tuple(_claims(transaction, levels))
    return ClaimBatch(
        claims,
        levels.submitter,
        levels.receiver,
        levels.reference,
        transaction.implementation,
        tuple(transaction.problems),
        levels.contact_name,
        levels.contact_phone,
    )


def _claims(transaction: OpenTransaction, levels: LevelReader) -> Iterator[ProfessionalClaim]:
    claim: ClaimReader | None = None
    for elements in transaction:
        if elements[0] in ("CLM", "HL"):
            if claim is not None:
                yield claim.finish(levels)
            claim = ClaimReader(transaction, elements) if elements[0] == "CLM" else None
            if elements[0] == "HL":
                levels.open_level(elements)
        elif claim is not None:
            claim.take(elements)
        else:
            levels.take(elements)
    if claim is not None:
        yield claim.finish(levels)
