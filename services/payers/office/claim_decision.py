"""Deciding a claim whose days in process are over: a denial, benefits, a replacement or a void; then its 835s."""

from dataclasses import dataclass, replace

from services.payers import store
from services.payers.adjudication import crossover
from services.payers.adjudication.adjudication import Decision, adjudicate
from services.payers.adjudication.denial import Earlier, denial, place, service_day
from services.payers.adjudication.remittance import Delivery, remittance, remitted, reversal
from services.payers.book.cost_share import Used
from services.payers.office.intake import AGAIN, file_claim, patient_of
from services.payers.office.office import Case, Office
from services.payers.office.payment_run import deliver, give_back, use
from services.payers.store import FILED_CLAIMS, STANDINGS, FiledClaim
from shared.runtime.timers import Timer
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.remittance_835.remittance import RemittedClaim

VOID = "8"
_COORDINATION = "22"


@dataclass(frozen=True, slots=True)
class Decided:
    """A claim's decision, told plainly and as the 835 tells it."""

    decision: Decision
    plain: RemittedClaim
    told: RemittedClaim


async def decide(office: Office, timer: Timer) -> None:
    """Decide the claim that the timer names, unless it was voided meanwhile."""
    filed = await office.tx.one(FILED_CLAIMS, timer.client_id, timer.data["number"])
    if filed is None or filed.state != "pending":
        return
    original = await _take_back(office, filed)
    if filed.claim.frequency == VOID:
        office.tx.save(FILED_CLAIMS, replace(filed, state="finalized"))
        if original is not None and original.decided is not None:
            await deliver(office, filed, [Delivery("void", 0, (reversal(original.decided),))])
        return
    membership = patient_of(office, filed.claim)
    assert membership is not None, "a claim is on file for a member of the book only"
    on = service_day(filed.claim) or filed.received_on
    case = await office.case(membership, on, filed.services)
    await _decide(office, filed, case, original)


async def _take_back(office: Office, filed: FiledClaim) -> FiledClaim | None:
    """Void the claim that this one replaces or voids; returned as it was before."""
    if filed.claim.frequency not in AGAIN:
        return None
    original = await office.tx.one(FILED_CLAIMS, filed.client_id, filed.claim.original_claim_id)
    if original is None or original.state in ("voided", "reversed"):
        return None
    await give_back(office, original)
    office.tx.save(FILED_CLAIMS, replace(original, state="voided", decided=None))
    return original


async def _decide(office: Office, filed: FiledClaim, case: Case, original: FiledClaim | None) -> None:
    on = service_day(filed.claim) or filed.received_on
    before = await office.used(case.membership, on.year)
    decision = await _decision(office, filed, case, before)
    told = _told(filed, case, decision)
    filed = replace(filed, state="denied" if decision.denied else "finalized", decided=told.told)
    if not decision.denied:
        filed = replace(
            filed,
            deductible_cents=decision.used.deductible_cents - before.deductible_cents,
            out_of_pocket_cents=decision.used.out_of_pocket_cents - before.out_of_pocket_cents,
        )
        await use(office, filed, filed.deductible_cents, filed.out_of_pocket_cents)
    office.tx.save(FILED_CLAIMS, filed)
    await _note_dispute(office, filed, decision)
    taken_back = () if original is None or original.decided is None else (reversal(original.decided),)
    deliveries = [Delivery("payment", 0, (*taken_back, told.told))]
    for character in case.cast:
        deliveries = list(character.delivers(deliveries, case.now))
    await deliver(office, filed, deliveries)
    if any(character.forwards(filed.claim, case.now) for character in case.cast):
        await _forward(office, filed, case, told)


async def _decision(office: Office, filed: FiledClaim, case: Case, before: Used) -> Decision:
    claim, membership = filed.claim, case.membership
    others = [
        other
        for other in await office.tx.all(FILED_CLAIMS, filed.client_id)
        if other.services == filed.services and other.state == "finalized" and other.claim.frequency != VOID
    ]
    same = Earlier(others[0].crossed_over) if others else None
    decision = denial(claim, membership, same, filed.received_on)
    if decision is None:
        order = place(claim, membership)
        decision = adjudicate(claim, membership.plan, membership.figures, before, place=order)
    for character in case.cast:
        decision = character.decides(decision, claim, case.now)
    return decision


def _told(filed: FiledClaim, case: Case, decision: Decision) -> Decided:
    plain = remitted(filed.claim, decision, case.membership.plan, filed.payer_claim_id, filed.received_on)
    following = crossover.next_payer(filed.claim, case.membership)
    told = plain
    for character in case.cast:
        told = character.remits(told, crossover.as_party(following) if following else None, case.now)
    return Decided(decision, plain, told)


async def _note_dispute(office: Office, filed: FiledClaim, decision: Decision) -> None:
    """Remember since when the insurer denies for coordination."""
    known = await store.standing(office.tx, filed.client_id)
    reasons = {adjustment.reason for line in decision.lines for adjustment in line.adjustments}
    if decision.denied and _COORDINATION in reasons and known.denied_on is None:
        office.tx.save(STANDINGS, replace(known, denied_on=office.tx.today))


async def _forward(office: Office, filed: FiledClaim, case: Case, decided: Decided) -> None:
    """Hand the claim to the next payer of the book; one outside it never answers."""
    to = crossover.next_payer(filed.claim, case.membership)
    if to is None or decided.decision.denied:
        return
    header, _ = remittance(case.membership.insurer, filed.claim.billing, (decided.plain,), "1", office.tx.today)
    claim = crossover.forwarded(filed.claim, decided.plain, header.header, to)
    if claim is not None:
        await _arrive(office, claim, filed.submitter_id)


async def _arrive(office: Office, claim: ProfessionalClaim, submitter_id: str) -> None:
    """The next payer takes the claim in; nobody acknowledges it to us."""
    membership = patient_of(office, claim)
    if membership is None:
        return
    await office.lock(membership.key)
    on = service_day(claim) or office.tx.today
    case = await office.case(membership, on)
    await file_claim(office, case, claim, submitter_id, "pending", crossed_over=True)
