"""Which claims of ours a batch of interchanges answers, looked up in a few statements for all of them.

Payers mostly send an interchange for each claim or two; asked for one by one, each would cost its own round trips.
What was not looked up before is looked up when it is asked for.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from services.claims.claim.control_number import key
from services.claims.claim.tables import ControlNumber
from services.claims.interchanges.interchange_cache import LARGE_BYTES, Reading, read
from services.claims.remittances import claims_on_file
from services.claims.remittances.claim_match import Match, NoMatch, OnFile, Unmatched, match
from services.claims.remittances.posting_in_bulk import WORTH_IT
from shared.runtime.interchange import Interchange
from shared.runtime.transaction import Transaction
from shared.x12.acknowledgment_999.acknowledgment import Acknowledgment
from shared.x12.claim_status_277.status import ClaimStatusReport
from shared.x12.remittance_835.remittance import Remittance, RemittanceHeader, RemittedClaim

_READING, _ON_FILE, _BY_KEY, _BY_INTERCHANGE = "reading", "claims on file", "sent as", "sent with"
_Set = tuple[str, str, int]
"""An interchange by key and id, and the place of a transaction set in it."""
_ID = re.compile(r"[\x21-\x7e]{1,100}")


async def prefetch(events: Sequence[Any], tx: Transaction) -> None:
    """Read a batch's interchanges, and look up the claims that they name."""
    interchanges = [e for e in events if isinstance(e, Interchange) and len(e.value) < LARGE_BYTES]
    if not interchanges:
        return
    keys, numbers, remitted = set[str](), set[int](), dict[str, dict[_Set, Sequence[RemittedClaim]]]()
    for interchange in interchanges:
        for place, (_, transaction) in enumerate((await reading_of(interchange, tx)).sets):
            match transaction.content:
                case ClaimStatusReport() as report:
                    keys.update(keys_of(report))
                case Acknowledgment() as acknowledgment if (number := number_of(acknowledgment)) is not None:
                    numbers.add(number)
                case Remittance(claims=claims) as remittance if len(claims) < WORTH_IT:
                    of_payer = remitted.setdefault(payer_of(remittance.header, interchange), {})
                    of_payer[interchange.key, interchange.id, place] = claims
                case _:
                    pass
    await sent_as(tx, keys)
    await sent_with(tx, numbers)
    for payer_id, sets in remitted.items():
        of_all = [claim for claims in sets.values() for claim in claims]
        known = OnFile(await claims_on_file.numbered(tx.connection, payer_id, of_all))
        tx.notes.update({(_ON_FILE, which): known for which in sets})


async def reading_of(interchange: Interchange, tx: Transaction) -> Reading:
    """What the interchange says, read once a transaction."""
    known = tx.notes.get((_READING, interchange.key, interchange.id))
    if known is None:
        known = tx.notes[_READING, interchange.key, interchange.id] = await read(interchange.value)
    return known


def keys_of(report: ClaimStatusReport) -> list[str]:
    """The keys of the control numbers that a 277 names."""
    return [key(control) for claim in report.claims for control in (claim.id, claim.patient_control) if control]


def number_of(acknowledgment: Acknowledgment) -> int | None:
    """The interchange of ours that a 999 is about; None where it is about another kind, or names none."""
    if acknowledgment.functional_id not in ("HC", ""):
        return None  # of eligibility inquiries or status questions, which are numbered apart
    number = acknowledgment.control.strip()
    return int(number) if re.fullmatch(r"[0-9]{1,18}", number) else None


def payer_of(header: RemittanceHeader, interchange: Interchange) -> str:
    """The payer that the 835 names; where it names none that can be an id, the one that sent the interchange."""
    sender = interchange.key.rsplit("-", 1)[0]
    return next((name for name in (header.payer.id, sender) if _ID.fullmatch(name)), "unknown")


async def sent_as(tx: Transaction, keys: Iterable[str]) -> dict[str, ControlNumber | None]:
    """Which claims went out under these control numbers, by key."""
    known: dict[str, ControlNumber | None] = tx.notes.setdefault(_BY_KEY, {})
    if missing := sorted(set(keys) - known.keys()):
        known.update(dict.fromkeys(missing) | await claims_on_file.sent_as(tx.connection, missing))
    return known


async def sent_with(tx: Transaction, numbers: Iterable[int]) -> dict[int, list[ControlNumber]]:
    """Which claims went out with these interchanges of ours, by its number."""
    known: dict[int, list[ControlNumber]] = tx.notes.setdefault(_BY_INTERCHANGE, {})
    if missing := sorted(set(numbers) - known.keys()):
        known.update({number: [] for number in missing})
        for row in await claims_on_file.sent_with(tx.connection, missing):
            known[row.interchange].append(row)
    return known


async def on_file(
    tx: Transaction, interchange: Interchange, place: int, payer_id: str, claims: Sequence[RemittedClaim]
) -> OnFile:
    """Our claims that `claims` of the interchange's set at `place` may answer: by their numbers, and by day and charge
    where those lead nowhere.
    """
    known: OnFile | None = tx.notes.get((_ON_FILE, (interchange.key, interchange.id, place)))
    if known is None:
        known = OnFile(await claims_on_file.numbered(tx.connection, payer_id, claims) if claims else ())
    lost = [claim for claim in claims if known.lacks(claim, payer_id)]
    if lost:
        known.add(await claims_on_file.of_their_days(tx.connection, lost))
    return known


async def claim_of_ours(tx: Transaction, claim: RemittedClaim, payer_id: str, known: OnFile) -> Match | NoMatch:
    """The claim of ours that a remitted one belongs to.

    Where it names one of ours and does not fit it, it is compared with what was sent under that number.
    """
    candidates = known.candidates(claim, payer_id)
    outcome = match(claim, payer_id, candidates)
    if not isinstance(outcome, NoMatch) or outcome.reason is not Unmatched.CONFLICT:
        return outcome
    return match(claim, payer_id, await claims_on_file.as_sent(tx.connection, candidates, claim.id))


def forget_on_file(tx: Transaction) -> None:
    """Claims were changed: what they are found by may have changed, too."""
    for name in [name for name in tx.notes if name[0] == _ON_FILE]:
        del tx.notes[name]
