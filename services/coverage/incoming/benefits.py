"""The payers' answers (271): split, kept, asked for again where a payer could not respond, given up after a while."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from services.coverage import store
from services.coverage.benefits import asking_payers
from services.coverage.benefits.report_271 import members, reported
from services.coverage.incoming import redeciding
from services.coverage.plans import eligibility, former_plans
from services.coverage.plans.eligibility import ANSWERED, SILENT, WAITING, Benefits, Client, Inquiry
from shared.events.coverage import BenefitsReported, CoverageReviewRequested
from shared.runtime.interchange import Interchange
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction
from shared.x12.benefits_271.benefits import BenefitsReport
from shared.x12.document.interchange import read_file

_READ = "answers of an interchange"
_HOLDS_A_271 = re.compile(rb"ST[^A-Za-z0-9\s]271[^A-Za-z0-9]")


async def on_interchange(interchange: Interchange, tx: Transaction) -> None:
    """Split a payer's 271s into one fact a client; other transaction sets are not ours."""
    reports = _read(interchange, tx)
    asked = await store.inquiries_by_trace(tx, (report.trace for report in reports))
    for trace, answers in _by_trace(reports).items():
        inquiry = asked.get(trace)
        if inquiry is not None and len({members(report) for report in answers}) == 1:
            _publish(tx, reported(answers[-1], inquiry))
            continue
        await store.keep_unmatched(tx, interchange.id, trace)
        if inquiry is not None:
            tx.publish(_of_several(inquiry))


def _publish(tx: Transaction, event: BenefitsReported) -> None:
    """Publish the answer; the member ids in it stay here, since only our own rules read them."""
    numbers = tuple(other.member_id for other in event.other_payers)
    if any(numbers):
        tx.save(store.NAMED_NUMBERS, store.NamedNumbers(event.client_id, event.trace, numbers, tx.now))
    tx.publish(_numbered(event, [None] * len(numbers)))


async def _with_numbers(event: BenefitsReported, tx: Transaction) -> BenefitsReported:
    """The event with the member ids that were kept of its answer; one of an earlier version has its own."""
    if not event.other_payers or any(other.member_id for other in event.other_payers):
        return event
    kept = await tx.one(store.NAMED_NUMBERS, event.client_id, event.trace)
    same = kept is not None and len(kept.member_ids) == len(event.other_payers)
    return _numbered(event, kept.member_ids) if kept is not None and same else event


def _numbered(event: BenefitsReported, numbers: Sequence[str | None]) -> BenefitsReported:
    others = zip(event.other_payers, numbers, strict=True)
    renamed = tuple(other.model_copy(update={"member_id": number}) for other, number in others)
    return event.model_copy(update={"other_payers": renamed})


async def prefetch(events: Sequence[Any], tx: Transaction) -> None:
    """Read the questions that a batch's 271s answer, in one statement."""
    interchanges = [event for event in events if isinstance(event, Interchange)]
    await store.inquiries_by_trace(
        tx, [report.trace for interchange in interchanges for report in _read(interchange, tx)]
    )


def _read(interchange: Interchange, tx: Transaction) -> list[BenefitsReport]:
    """The answers in an interchange, read once a transaction."""
    known = tx.notes.get((_READ, interchange.key, interchange.id))
    if known is None:
        known = tx.notes[_READ, interchange.key, interchange.id] = _reports(interchange.value)
    return known


def _reports(value: bytes) -> list[BenefitsReport]:
    if not _HOLDS_A_271.search(value):
        return []
    return [
        report
        for document in read_file(value).interchanges
        for transaction in document.transactions
        if transaction.set_id == "271" and isinstance(transaction.content, tuple)
        for report in transaction.content
        if isinstance(report, BenefitsReport)
    ]


def _by_trace(reports: Iterable[BenefitsReport]) -> dict[str, list[BenefitsReport]]:
    by_trace: dict[str, list[BenefitsReport]] = {}
    for report in reports:
        by_trace.setdefault(report.trace, []).append(report)
    return by_trace


def _of_several(inquiry: Inquiry) -> CoverageReviewRequested:
    """A payer answered one question with the benefits of several people: nobody may choose among them but a person."""
    return CoverageReviewRequested(
        client_id=inquiry.client_id,
        reason="answer_about_several_people",
        evidence=f"the 271 to {inquiry.trace} is about several members: check plan {inquiry.plan_id} with the payer",
        payer_id=inquiry.payer_id,
    )


async def on_benefits_reported(event: BenefitsReported, tx: Transaction) -> None:
    """Keep what the payer answered, and decide with it: of a former plan too, since it counts on the dates before it
    was dropped. An answer to a question about a card that was corrected is dropped.
    """
    client = await store.client(tx, event.client_id)
    plan = client.plan_ever(event.plan_id)
    if client.plans is not None and (plan is None or plan.for_care(event.date_of_service).payer_id != event.payer_id):
        return
    asked = await tx.one(store.INQUIRY, event.client_id, event.trace)
    for inquiry in await tx.all(store.INQUIRY, event.client_id):
        same = (inquiry.plan_id, inquiry.date_of_service) == (event.plan_id, event.date_of_service)
        if same and inquiry.state == WAITING and (asked is None or inquiry.asked_at <= asked.asked_at):
            _answered(tx, inquiry, event)
    await _keep(tx, await _with_numbers(event, tx), asked)
    if client.plan(event.plan_id) is not None:
        await _ask_to_correct(tx, client, event)
    await redeciding.redecide(tx, event.client_id)


async def _keep(tx: Transaction, event: BenefitsReported, asked: Inquiry | None) -> None:
    """Keep the answer. One to a question from before the client's calls is overtaken, and replaces none from after;
    one that says nothing (AAA) replaces none that says something about the same date.
    """
    client = await store.client(tx, event.client_id)
    listed = None if client.plans is None else former_plans.ids_on(client, event.date_of_service)
    row = Benefits(event.client_id, event.plan_id, event.date_of_service, tx.now, event, listed=listed)
    kept = await tx.one(store.BENEFITS, *store.BENEFITS.key_of(row))
    if event.status == "unknown" and kept is not None and kept.report.status != "unknown":
        return
    paused = await store.open_pause(tx, event.client_id)
    if paused is not None and paused.asked_at is not None and asked is not None and asked.asked_at < paused.asked_at:
        row = replace(row, overtaken=True)
        if kept is not None and not kept.overtaken:
            return
    tx.save(store.BENEFITS, row)


async def _ask_to_correct(tx: Transaction, client: Client, event: BenefitsReported) -> None:
    """Have a person correct what the payer can't find the member by, once as the plans are entered."""
    code = next((rejection.code for rejection in event.rejections if rejection.code in eligibility.CORRECTIONS), None)
    if code is None:
        return
    if await store.tell_once(tx, event.client_id, f"rejected|{event.plan_id}|{code}|{client.entered_on}"):
        evidence = f"AAA {code} for plan {event.plan_id}: {eligibility.CORRECTIONS[code]}"
        reason, payer_id = "payer_cannot_find_member", event.payer_id
        review = CoverageReviewRequested(client_id=event.client_id, reason=reason, evidence=evidence, payer_id=payer_id)
        tx.publish(review)


def _answered(tx: Transaction, inquiry: Inquiry, event: BenefitsReported) -> None:
    """Take the question as answered, or put the same one again later where the payer could not respond now."""
    inquiry = replace(inquiry, rejections=event.rejections)
    again = eligibility.retry_after(event, inquiry.attempt)
    if again is None:
        tx.save(store.INQUIRY, replace(inquiry, state=ANSWERED))
        tx.unschedule("benefits.silent", inquiry.client_id, f"{inquiry.plan_id}|{inquiry.date_of_service}")
    else:
        subject = f"{inquiry.plan_id}|{inquiry.date_of_service}"
        tx.save(store.INQUIRY, inquiry)
        tx.schedule("benefits.again", inquiry.client_id, subject, tx.now + again, trace=inquiry.trace)


async def on_ask_again(timer: Timer, tx: Transaction) -> None:
    """Put the same question again to a payer that could not respond."""
    inquiry = await tx.one(store.INQUIRY, timer.client_id, timer.data["trace"])
    client = await store.client(tx, timer.client_id)
    plan = client.plan_ever(inquiry.plan_id) if inquiry is not None else None
    if inquiry is None or inquiry.state != WAITING or plan is None:
        return
    if plan.for_care(inquiry.date_of_service).payer_id != inquiry.payer_id:
        return
    tx.save(store.INQUIRY, replace(inquiry, state=ANSWERED))
    await asking_payers.send(tx, client, plan, inquiry.date_of_service, unanswered=inquiry)


async def on_silent(timer: Timer, tx: Transaction) -> None:
    """The payer has not answered in time: the plan counts as unknown, and care goes on."""
    on = date.fromisoformat(timer.data["on"])
    for inquiry in await tx.all(store.INQUIRY, timer.client_id):
        same = inquiry.plan_id == timer.data["plan_id"] and inquiry.date_of_service == on
        if same and inquiry.state == WAITING:
            tx.save(store.INQUIRY, replace(inquiry, state=SILENT))
    tx.unschedule("benefits.again", timer.client_id, timer.subject)
    await redeciding.redecide(tx, timer.client_id)
