"""What came in and could not be given to a claim of ours: left to a person as it came, once for each fact."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from services.claims.claim.level import level_name
from services.claims.claim.statements import CLAIM, HEADER, REPORT, dump
from services.claims.claim.work_queue import NOBODY, leave_to_a_person
from services.claims.remittances.claim_match import Match, NoMatch
from shared.runtime.interchange import Interchange
from shared.runtime.transaction import Transaction
from shared.x12.acknowledgment_999.acknowledgment import Acknowledgment
from shared.x12.claim_status_277.status import ClaimStatus
from shared.x12.document.interchange import X12File
from shared.x12.remittance_835.remittance import RemittanceHeader, RemittedClaim

SUGGESTIONS = {
    "remittance_unbalanced": "Ask the payer for a corrected 835; nothing of it was posted.",
    "remittance_incomplete": "The file is cut off or its envelope is broken; ask the clearinghouse to send it again.",
    "remittance_of_another_provider": "It was sent to the wrong payee; return it to the clearinghouse.",
    "unmatched_unknown": "Find the claim by patient and date, then post it from here.",
    "unmatched_ambiguous": "Several claims of ours could be meant; choose one and post it from here.",
    "unmatched_conflict": "Its number leads to another patient or session; ask the payer which claim it means.",
    "unmatched_fourth_payer": "The plan lost its place to three others; void its claim there, or post it by hand.",
    "unmatched_unsure": "Compare it with the sessions named; post it from here where it fits.",
}


async def leave_unreadable(tx: Transaction, interchange: Interchange, file: X12File) -> None:
    """Nothing X12 in it."""
    said = [problem.text for problem in file.problems] or ["there is no X12 transaction set in it"]
    await leave_to_a_person(
        tx,
        NOBODY,
        None,
        "unreadable_interchange",
        "Ask the clearinghouse to send it again; post it from its file once it is whole.",
        interchange.id,
        problems=said,
        original=interchange.value.decode("latin-1")[:1_000_000].replace("\x00", ""),
    )


@dataclass(frozen=True, slots=True)
class Unposted:
    """A remitted claim that cannot be posted, and the claim of ours that it belongs to, as far as that is known.

    `obstacle` is why nothing of its 835 can be posted (None: it is this claim that cannot), `outcome` None where nobody
    looked for a claim of ours. `occurrence` counts equal claims within one 835, from 0.
    """

    outcome: Match | NoMatch | None
    claim: RemittedClaim
    occurrence: int
    obstacle: str | None = None


async def leave_unposted(
    tx: Transaction, interchange: Interchange, header: RemittanceHeader, unposted: Unposted, problems: Sequence[str]
) -> None:
    """A claim of a remittance, under its session where that is known.

    `problems` are those of the remittance as a whole.
    """
    claim, outcome, occurrence = unposted.claim, unposted.outcome, unposted.occurrence
    whose, level = (NOBODY, None), {}
    reason, sessions = unposted.obstacle or "remittance_unbalanced", list[str]()
    match outcome:
        case None:
            pass
        case Match(claim=ours):
            sessions = [ours.session_id]
            whose, level = (ours.client_id, ours.session_id), {"level": level_name(ours.level), "plan_id": ours.plan_id}
        case NoMatch():
            if unposted.obstacle is None and claim.balanced:
                reason = f"unmatched_{outcome.reason.value}"
            sessions = list(outcome.sessions)
            if outcome.client_id is not None:
                whose = (outcome.client_id, outcome.sessions[0])
    # Where in its file it stood is no part of what it says.
    said = replace(claim, position=None, problems=())
    await leave_to_a_person(
        tx,
        *whose,
        reason,
        SUGGESTIONS.get(reason, "Look at the evidence, then post it from here or refuse it."),
        sha256(repr((header.payer.id, header.trace, said, occurrence)).encode()).hexdigest(),
        **level,
        interchange=interchange.id,
        sessions=sessions,
        problems=[*problems, *(problem.text for problem in claim.problems)],
        occurrence=occurrence,
        claim=dump(CLAIM, claim),
        header=dump(HEADER, header),
    )


async def leave_unknown_status(tx: Transaction, claim: ClaimStatus) -> None:
    """A 277CA or 277 about no claim of ours."""
    await leave_to_a_person(
        tx,
        NOBODY,
        None,
        "status_of_unknown_claim",
        "It names no claim of ours; ask the clearinghouse.",
        claim.id,
        repr(claim.statuses),
        report=dump(REPORT, claim),
    )


async def leave_unknown_acknowledgment(tx: Transaction, acknowledgment: Acknowledgment) -> None:
    """A 999 that refuses what we know nothing of: a claim may be lost that we believe to be under way."""
    await leave_to_a_person(
        tx,
        NOBODY,
        None,
        "rejection_of_unknown_interchange",
        "It rejects claims under a number that we never used; ask the clearinghouse which ones.",
        acknowledgment.functional_id,
        acknowledgment.control,
        control=acknowledgment.control[:50],
    )
