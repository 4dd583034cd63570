"""The stand-in through its messages: an ordinary insurer, and the payment system."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from shared.events.payments import PaymentDisputed, PaymentFailed, PaymentSucceeded, RefundFailed, RefundSucceeded
from shared.events.settlement import ChargeRequested, RefundRequested
from shared.x12.benefits_271.benefits import BenefitsReport, Rejection
from shared.x12.benefits_271.cost_share import cost_share_on
from shared.x12.benefits_271.other_coverage import Coverage, coverage_on, other_coverages
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.parties import Payer, Subscriber
from tests.harness import Incoming
from tests.services.payers.claim_samples import (
    ALEX,
    LINE,
    PLAN_ONE,
    PLAN_TWO,
    SAM,
    SERVICE_ON,
    as_270,
    as_837,
    claim,
    decided_by_plan_one,
    inquiry,
    other_plan,
    secondary,
)
from tests.services.payers.insurer_desk import Desk

MEADOW = Payer("Meadow Benefits", "MEADOW")


async def told(desk: Desk, about: EligibilityInquiry) -> BenefitsReport:
    """The one 271 that comes back."""
    (report,) = (await desk.inquires(about)).benefits
    return report


async def test_a_member_is_told_their_cover_and_their_share(desk: Desk):
    report = await told(desk, inquiry(trace="T77"))

    share = cost_share_on(report, SERVICE_ON)
    assert (report.trace, report.relation, coverage_on(report, SERVICE_ON)) == ("T77", "18", Coverage.ACTIVE)
    assert (share.coinsurance_share, share.copay_cents, share.deductible_remaining_cents) == (Decimal("0.2"), 0, 0)
    assert share.confidence == "high"
    assert other_coverages(report, SERVICE_ON) == ()


async def test_a_dependents_insurer_names_the_plan_that_is_first(desk: Desk):
    asked = replace(inquiry(PLAN_TWO, "TWO1001"), subscriber=Subscriber(ALEX, "TWO1001"), dependent=SAM, relation="01")

    report = await told(desk, asked)

    assert (report.relation, report.dependent and report.dependent.first_name) == ("01", "Sam")
    assert [(coverage.role, coverage.payer_id) for coverage in other_coverages(report, SERVICE_ON)] == [
        ("primary", "PLANONE")
    ]


async def test_an_insurer_knows_better_who_holds_the_plan(desk: Desk):
    report = await told(desk, inquiry(PLAN_TWO, "TWO1001"))

    assert report.relation == "01"
    assert (report.subscriber.person.first_name, report.dependent and report.dependent.first_name) == ("Alex", "Sam")


async def test_cover_that_ended_is_inactive(desk: Desk):
    report = await told(desk, inquiry(member_id="ONE9001"))

    assert coverage_on(report, SERVICE_ON) is Coverage.INACTIVE


async def test_figures_that_are_told_for_office_visits_only_are_found_there(desk: Desk):
    report = await told(desk, inquiry(MEADOW, "MEA1"))

    share = cost_share_on(report, SERVICE_ON)
    assert (share.deductible_cents, share.copay_cents, share.confidence) == (1000_00, 30_00, "medium")


async def test_an_unknown_member_and_an_unknown_insurer_are_no_answer_on_cover(desk: Desk):
    stranger = await told(desk, inquiry(member_id="XYZ"))
    nobody = await told(desk, inquiry(Payer("Nobody", "NOBODY"), "ONE1001"))

    assert stranger.rejections == (Rejection("75", "C", "subscriber"),)
    assert nobody.rejections == (Rejection("79", "N", "payer"),)


async def test_several_inquiries_of_a_file_come_back_together(desk: Desk):
    answers = await desk.sends(as_270(inquiry(trace="T1"), inquiry(trace="T2"), inquiry(PLAN_TWO, "TWO1001", "T3")))

    assert sorted(report.trace for report in answers.benefits) == ["T1", "T2", "T3"]


async def test_a_claim_is_acknowledged_at_once_and_paid_after_its_days_in_process(desk: Desk):
    at_once = await desk.files(replace(claim(), other_payers=(other_plan(),)))
    too_soon = await desk.waits(4.9)
    then = await desk.waits(0.2)

    assert [file.accepted for file in at_once.files] == [True]
    (acknowledged,) = at_once.acknowledgments
    assert (acknowledged.id, acknowledged.statuses[0].category, acknowledged.statuses[0].status) == ("S1-P", "A2", "20")
    assert too_soon.remittances == []
    (paid,) = then.claims
    assert paid.payer_claim_id == acknowledged.payer_claim_id
    assert (paid.id, paid.status, paid.charge_cents, paid.paid_cents) == ("S1-P", "1", 220_00, 120_00)
    assert paid.patient_responsibility_cents == 30_00
    assert paid.all_adjustments == (Adjustment("CO", "45", 70_00), Adjustment("PR", "2", 30_00))
    assert then.remittances[0].postable
    assert then.remittances[0].header.payer.id == "PLANONE"


async def test_the_second_insurer_pays_24_of_the_30_that_are_left(desk: Desk):
    await desk.files(secondary(decided_by_plan_one()))

    (paid,) = (await desk.waits(5)).claims

    assert (paid.status, paid.paid_cents, paid.patient_responsibility_cents) == ("2", 24_00, 6_00)
    assert paid.all_adjustments == (Adjustment("OA", "23", 190_00), Adjustment("PR", "2", 6_00))
    assert paid.lines[0].allowed_cents == 150_00


async def test_the_same_file_twice_is_one_claim(desk: Desk):
    topic = desk.sut.service.interchange_topic or ""
    message = Incoming(topic, "PLANONE-1", as_837(claim()), (("ce_id", b"one"),), "o/0/1")

    await desk.sut.handles(message)
    await desk.sut.handles(message)

    assert desk.sut.interchanges == []
    assert len((await desk.waits(5)).claims) == 1


async def test_two_files_of_one_batch_are_both_answered(desk: Desk):
    topic = desk.sut.service.interchange_topic or ""
    files = [as_837(claim("S1-P"), control=1), as_837(claim("S2-P"), control=2), as_270(inquiry(), control=3)]
    messages = [Incoming(topic, f"PLANONE-{n}", value, (), f"o/0/{n}") for n, value in enumerate(files)]

    await desk.sut.handles(*messages, together=True)

    assert len(desk.sut.interchanges) == 5


async def test_the_same_services_again_are_a_duplicate(desk: Desk):
    await desk.files(claim("S1-P"))
    await desk.files(claim("S1-P2"))

    first, second = (await desk.waits(5)).claims

    assert (first.status, second.status) == ("1", "4")
    assert second.all_adjustments == (Adjustment("OA", "18", 220_00),)


async def test_a_void_takes_the_payment_back_and_the_next_payment_makes_up_for_it(desk: Desk):
    await desk.files(claim())
    (paid,) = (await desk.waits(5)).claims

    await desk.files(replace(claim("S1-P2"), frequency="8", original_claim_id=paid.payer_claim_id))
    (taken_back,) = (await desk.waits(5)).remittances
    await desk.files(claim("S2-P", lines=[replace(LINE, service_from=date(2026, 3, 3), control="S2-1")]))
    (following,) = (await desk.waits(5)).remittances

    (reversed_claim,) = taken_back.claims
    assert (reversed_claim.id, reversed_claim.status, reversed_claim.paid_cents) == ("S1-P", "22", -120_00)
    assert reversed_claim.payer_claim_id == paid.payer_claim_id
    assert (taken_back.header.payment_cents, taken_back.provider_adjustments[0].amount_cents) == (0, -120_00)
    assert (following.header.payment_cents, following.provider_adjustments[0].amount_cents) == (0, 120_00)
    assert taken_back.postable
    assert following.postable
    assert (await desk.asks_about("S1-P", PLAN_ONE)).statuses[0].category == "F4"


async def test_a_replacement_is_answered_by_a_reversal_and_the_corrected_claim(desk: Desk):
    await desk.files(claim())
    (paid,) = (await desk.waits(5)).claims
    line = replace(LINE, charge_cents=200_00)

    again = replace(claim("S1-P2", lines=[line]), frequency="7", original_claim_id=paid.payer_claim_id)
    await desk.files(again)
    (remittance,) = (await desk.waits(5)).remittances

    assert [(claim.id, claim.status, claim.paid_cents) for claim in remittance.claims] == [
        ("S1-P", "22", -120_00),
        ("S1-P2", "1", 120_00),
    ]
    assert remittance.postable


async def test_a_claim_is_voided_before_it_was_paid(desk: Desk):
    number = (await desk.files(claim())).acknowledgments[0].payer_claim_id
    await desk.files(replace(claim("S1-P2"), frequency="8", original_claim_id=number))

    # the void is processed after the claim it voids: payment and reversal meet on the same day
    claims = (await desk.waits(5)).claims

    assert [(claim.id, claim.paid_cents) for claim in claims] == [("S1-P", 120_00), ("S1-P", -120_00)]


async def test_a_replacement_of_an_unknown_claim_is_rejected(desk: Desk):
    answers = await desk.files(replace(claim(), frequency="7", original_claim_id="NEVER"))

    assert [(answer.statuses[0].category, answer.statuses[0].status) for answer in answers.acknowledgments] == [
        ("A7", "535")
    ]
    assert (await desk.waits(5)).remittances == []


async def test_claims_that_nobody_knows_or_that_do_not_add_up_are_rejected(desk: Desk):
    other = decided_by_plan_one(paid=121_00)
    wrong = replace(other, lines=(replace(other.lines[0], paid_cents=120_00),), paid_cents=121_00)

    answers = await desk.files(
        claim("S1", member_id="XYZ"), claim("S2", Payer("Nobody", "NOBODY")), replace(secondary(wrong), id="S3")
    )

    said = {answer.id: (answer.statuses[0].category, answer.statuses[0].status) for answer in answers.acknowledgments}
    assert said == {"S1": ("A3", "97"), "S2": ("A3", "116"), "S3": ("A7", "672")}
    assert (await desk.waits(10)).remittances == []


async def test_a_file_that_is_cut_off_is_rejected_by_the_999(desk: Desk):
    whole = as_837(claim())
    answers = await desk.sends(whole[: whole.index(b"\nSE*")])

    assert [file.accepted for file in answers.files] == [False]
    assert answers.acknowledgments == []


async def test_a_status_inquiry_follows_the_claim(desk: Desk):
    before = await desk.asks_about("S1-P", PLAN_ONE)
    await desk.files(claim())
    pending = await desk.asks_about("S1-P", PLAN_ONE)
    await desk.waits(5)
    paid = await desk.asks_about("S1-P", PLAN_ONE)

    assert [answer.statuses[0].category for answer in (before, pending, paid)] == ["D0", "P1", "F1"]
    assert paid.paid_cents == 120_00


async def test_a_deductible_is_used_up_and_given_back(desk: Desk):
    async def remaining() -> int | None:
        share = cost_share_on(await told(desk, inquiry(MEADOW, "MEA1")), SERVICE_ON)
        return share.deductible_remaining_cents

    at_first = await remaining()
    await desk.files(claim(payer=MEADOW, member_id="MEA1"))
    (paid,) = (await desk.waits(6)).claims
    used = await remaining()
    await desk.files(
        replace(claim("S1-P2", payer=MEADOW, member_id="MEA1"), frequency="8", original_claim_id=paid.payer_claim_id)
    )
    await desk.waits(5)

    assert (at_first, paid.paid_cents, used, await remaining()) == (1000_00, 0, 850_00, 1000_00)


async def test_a_daily_insurer_pays_the_claims_of_a_day_together(desk: Desk):
    sent = [claim(f"S{number}-P", MEADOW, f"MEA{number}") for number in range(3)]
    await desk.files(sent[0], sent[1])
    await desk.files(sent[2])

    (remittance,) = (await desk.waits(6)).remittances

    assert sorted(claim.id for claim in remittance.claims) == ["S0-P", "S1-P", "S2-P"]
    assert remittance.postable
    assert (await desk.waits(30)).remittances == []


async def test_an_insurer_that_knows_it_is_second_denies_a_first_claim(desk: Desk):
    await desk.files(replace(claim(payer=PLAN_TWO, member_id="TWO1001"), other_payers=()))

    (denied,) = (await desk.waits(5)).claims

    assert (denied.status, denied.all_adjustments) == ("4", (Adjustment("CO", "22", 220_00),))


async def test_a_second_claim_without_the_first_insurers_decision_is_denied_for_it(desk: Desk):
    undecided = replace(decided_by_plan_one(), paid_cents=None, lines=())
    await desk.files(secondary(undecided))

    (denied,) = (await desk.waits(5)).claims

    assert (denied.all_adjustments, denied.remarks) == ((Adjustment("CO", "16", 220_00),), ("MA04",))


async def test_a_claim_after_the_filing_limit_is_too_late(desk: Desk):
    line = replace(LINE, service_from=date(2025, 2, 1))
    await desk.files(claim(lines=[line]))

    (denied,) = (await desk.waits(5)).claims

    assert denied.all_adjustments == (Adjustment("CO", "29", 220_00),)


async def test_a_charge_and_a_refund_succeed(desk: Desk):
    await desk.sut.receives(
        ChargeRequested(client_id="c1", session_id="s1", idempotency_key="charge-s1", amount_cents=30_00),
        RefundRequested(client_id="c1", session_id="s1", idempotency_key="refund-s1", amount_cents=24_00),
    )

    assert desk.sut.published == [
        PaymentSucceeded(client_id="c1", session_id="s1", idempotency_key="charge-s1", amount_cents=30_00),
        RefundSucceeded(client_id="c1", session_id="s1", idempotency_key="refund-s1", amount_cents=24_00),
    ]


async def test_a_card_may_be_declined_or_closed(desk: Desk):
    await desk.sut.receives(
        ChargeRequested(client_id="c1-declined", session_id="s1", idempotency_key="charge", amount_cents=30_00),
        RefundRequested(client_id="c1-norefund", session_id="s1", idempotency_key="refund", amount_cents=24_00),
    )

    assert [type(event) for event in desk.sut.published] == [PaymentFailed, RefundFailed]


async def test_a_charge_that_was_asked_for_twice_is_disputed_once(desk: Desk):
    request = ChargeRequested(client_id="c1-disputed", session_id="s1", idempotency_key="charge", amount_cents=30_00)
    await desk.sut.receives(request, request)
    assert [type(event) for event in desk.sut.published] == [PaymentSucceeded, PaymentSucceeded]

    await desk.sut.passes(days=30)

    assert desk.sut.published == [
        PaymentDisputed(
            client_id="c1-disputed",
            session_id="s1",
            idempotency_key="charge",
            amount_cents=30_00,
            reason="disputed_by_cardholder",
        )
    ]
