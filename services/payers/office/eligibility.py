"""Answering 270s, and 276s: each payer's answers in one interchange, as the inquiries came in one."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from services.payers import store
from services.payers.book.membership import Membership, knows_birth_date
from services.payers.office.acknowledgment import status_answer
from services.payers.office.benefits import report, unanswered
from services.payers.office.office import Office
from services.payers.office.outbound import ReceivedSet
from services.payers.store import STANDINGS
from shared.x12.benefits_271.benefits import BenefitsReport
from shared.x12.benefits_271.writer import write_benefits
from shared.x12.claim_status_277.status import StatusInquiry
from shared.x12.claim_status_277.writer import write_claim_statuses
from shared.x12.eligibility_270.inquiry import EligibilityInquiry


def asked_about(office: Office, inquiry: EligibilityInquiry) -> Membership | None:
    """Whom an inquiry is about."""
    person = inquiry.dependent or inquiry.subscriber.person
    return office.membership(inquiry.payer.id, inquiry.subscriber.member_id, person)


async def answer_inquiries(office: Office, received: ReceivedSet, inquiries: Sequence[EligibilityInquiry]) -> None:
    """Send the 271s that answer a 270."""
    by_payer: dict[str, list[BenefitsReport]] = {}
    for inquiry in inquiries:
        told = await _answer(office, inquiry)
        if told is not None:
            by_payer.setdefault(inquiry.payer.id, []).append(told)
    for payer_id, reports in by_payer.items():
        fact = ("271", reports[0].trace, received.interchange_control, received.control)
        office.send(payer_id, payer_id, received.sender_id, partial(write_benefits, reports), *fact)


async def _answer(office: Office, inquiry: EligibilityInquiry) -> BenefitsReport | None:
    membership = asked_about(office, inquiry)
    if membership is None:
        if office.directions.book.insurer(inquiry.payer.id) is None:
            return unanswered(inquiry, inquiry.payer, "79", "N", "payer")
        return unanswered(inquiry, inquiry.payer, "75", "C", "subscriber")
    if not knows_birth_date(membership):
        level = "dependent" if inquiry.dependent else "subscriber"
        return unanswered(inquiry, membership.payer, "71", "C", level)
    await _count(office, membership)
    case = await office.case(membership, inquiry.on)
    used = await office.used(case.membership, inquiry.on.year)
    told: BenefitsReport | None = report(inquiry, case.membership, used, office.tx.today)
    for character in case.cast:
        told = None if told is None else character.answers(told, inquiry, case.now)
    return told


async def _count(office: Office, membership: Membership) -> None:
    known = await store.standing(office.tx, membership.key)
    since = known.inquiries_since_denial + (known.denied_on is not None)
    office.tx.save(STANDINGS, replace(known, inquiries=known.inquiries + 1, inquiries_since_denial=since))


async def answer_status_inquiries(office: Office, received: ReceivedSet, inquiries: Sequence[StatusInquiry]) -> None:
    """Send the 277s that answer a 276."""
    for inquiry in inquiries:
        filed = await store.claims_with_id(office.tx, inquiry.payer.id, inquiry.id)
        answer = status_answer([(inquiry, filed[-1] if filed else None)], office.tx.today)
        fact = ("277", inquiry.id, received.interchange_control, received.control)
        office.send(
            inquiry.payer.id, inquiry.payer.id, received.sender_id, partial(write_claim_statuses, [answer]), *fact
        )
