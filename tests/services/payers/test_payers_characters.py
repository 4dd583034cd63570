"""Each character of the stand-in through its messages: the member id names it."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.payers.characters.characters import CHARACTERS, UnknownCharacterError, called
from shared.x12.benefits_271.other_coverage import Coverage, coverage_on, other_coverages
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.parties import Payer, Subscriber
from tests.services.payers.claim_samples import (
    ALEX,
    LINE,
    PLAN_ONE,
    PLAN_TWO,
    SERVICE_ON,
    claim,
    decided_by_plan_one,
    inquiry,
    other_plan,
    secondary,
)
from tests.services.payers.insurer_desk import Desk

DISPUTE = Payer("Harbor Life", "DISPUTE")
TWO_LINES = (LINE, replace(LINE, procedure="90785", charge_cents=20_00, control="S1-2"))
PAID = ("1", 120_00)


def of(character: str, *lines: object) -> ProfessionalClaim:
    """A claim of a member who is insured with this character."""
    return claim(member_id=f"ONE7.{character}", lines=lines or (LINE,))  # type: ignore[arg-type]


def with_second(character: str) -> ProfessionalClaim:
    """The same, naming Plan Two as the second payer."""
    return replace(of(character), other_payers=(other_plan(member_id="TWO7"),))


async def said_of_others(desk: Desk, payer: Payer, member_id: str, on: date = SERVICE_ON) -> list[str | None]:
    """The roles that a 271 gives to other plans."""
    (report,) = (await desk.inquires(inquiry(payer, member_id, on=on))).benefits
    return [coverage.role for coverage in other_coverages(report, on)]


async def test_a_dispute_goes_on_until_the_second_inquiry_after_the_first_denial(desk: Desk):
    before = await said_of_others(desk, DISPUTE, "DIS4001")
    await desk.files(claim(payer=DISPUTE, member_id="DIS4001"))
    (denied,) = (await desk.waits(5)).claims
    first = await said_of_others(desk, DISPUTE, "DIS4001")
    second = await said_of_others(desk, DISPUTE, "DIS4001")
    await desk.files(claim("S1-P2", payer=DISPUTE, member_id="DIS4001"))
    (paid,) = (await desk.waits(5)).claims

    assert (before, first, second) == (["secondary"], ["primary"], ["secondary"])
    assert (denied.status, denied.all_adjustments) == ("4", (Adjustment("CO", "22", 220_00),))
    assert denied.all_remarks == ("N197",)
    assert (paid.status, paid.paid_cents) == ("1", 130_00)


async def test_a_dispute_ends_with_the_day_of_the_denial(desk: Desk):
    await desk.files(claim(payer=DISPUTE, member_id="DIS4002"))
    (denied,) = (await desk.waits(5)).claims
    await desk.waits(1)

    assert await said_of_others(desk, DISPUTE, "DIS4002") == []
    replaced = replace(claim("S1-P2", payer=DISPUTE, member_id="DIS4002"), frequency="7")
    await desk.files(replace(replaced, original_claim_id=denied.payer_claim_id))
    back, paid = (await desk.waits(5)).claims
    assert [(back.status, back.charge_cents, back.paid_cents), (paid.status, paid.paid_cents)] == [
        ("22", -220_00, 0),
        ("1", 130_00),
    ]


async def test_a_dispute_hides_no_other_reason_to_deny(desk: Desk):
    long_ago = replace(LINE, service_from=date(2024, 2, 1))
    await desk.files(claim(payer=DISPUTE, member_id="DIS4001", lines=[long_ago]))

    (denied,) = (await desk.waits(5)).claims

    assert denied.all_adjustments == (Adjustment("CO", "29", 220_00),)


async def test_an_insurer_contradicts_until_it_was_asked_again(desk: Desk):
    member = "DIS4001.contradicts_until_confirmed-2"

    assert [await said_of_others(desk, DISPUTE, member) for _ in range(3)] == [["primary"], ["primary"], ["secondary"]]


@pytest.mark.parametrize("named", ["PLANTWO", ""])
async def test_an_insurer_claims_to_be_second(desk: Desk, named: str):
    word = f"claims_to_be_second-{named}".rstrip("-")
    roles = await said_of_others(desk, PLAN_ONE, f"ONE7.{word}")
    await desk.files(of(word))

    (denied,) = (await desk.waits(5)).claims

    assert roles == (["primary"] if named else [])
    assert (denied.status, denied.all_adjustments) == ("4", (Adjustment("CO", "22", 220_00),))


async def test_both_insurers_claim_to_be_second(desk: Desk):
    roles = [
        await said_of_others(desk, PLAN_ONE, "ONE7.claims_to_be_second-PLANTWO"),
        await said_of_others(desk, PLAN_TWO, "TWO7.claims_to_be_second-PLANONE"),
    ]

    assert roles == [["primary"], ["primary"]]


async def test_the_order_changes_in_the_middle_of_the_year(desk: Desk):
    june, july = date(2026, 6, 30), date(2026, 7, 1)
    first, two = "ONE7.changes_order-07-01/PLANTWO/secondary", "TWO7.changes_order-07-01/PLANONE/primary"

    assert [await said_of_others(desk, PLAN_ONE, first, on) for on in (june, july)] == [["secondary"], ["primary"]]
    assert [await said_of_others(desk, PLAN_TWO, two, on) for on in (june, july)] == [["primary"], ["secondary"]]


async def test_a_claim_is_judged_by_the_order_of_its_date_of_service(desk: Desk):
    desk.sut.clock.now += timedelta(days=150)
    member = "ONE7.changes_order-07-01/PLANTWO/secondary"
    lines = [replace(LINE, service_from=on, control=str(on)) for on in (date(2026, 6, 30), date(2026, 7, 1))]
    for number, line in enumerate(lines):
        await desk.files(claim(f"S{number}-P", PLAN_ONE, member, [line]))

    first, second = (await desk.waits(5)).claims

    assert (first.status, first.paid_cents) == PAID
    assert (second.status, second.all_adjustments) == ("4", (Adjustment("CO", "22", 220_00),))


@pytest.mark.parametrize(("role", "expected"), [("", None), ("-primary", "primary"), ("-secondary", "secondary")])
async def test_an_insurer_names_a_plan_that_nobody_entered(desk: Desk, role: str, expected: str | None):
    assert await said_of_others(desk, PLAN_ONE, f"ONE7.names_unentered_plan{role}") == [expected]


async def test_an_insurer_is_unable_to_answer_first(desk: Desk):
    reports = [(await desk.inquires(inquiry(member_id="ONE7.unable_first-2"))).benefits[0] for _ in range(3)]

    assert [[rejection.reason for rejection in report.rejections] for report in reports] == [["42"], ["42"], []]
    assert [coverage_on(report, SERVICE_ON) for report in reports] == [
        Coverage.UNKNOWN,
        Coverage.UNKNOWN,
        Coverage.ACTIVE,
    ]


async def test_the_settings_give_characters_to_member_ids(desk: Desk):
    first, second = [(await desk.inquires(inquiry(member_id="ONE5501"))).benefits[0] for _ in range(2)]

    assert (len(first.rejections), len(second.rejections)) == (1, 0)


async def test_an_inquiry_is_never_answered(desk: Desk):
    assert (await desk.inquires(inquiry(member_id="ONE7.never_answers_inquiries"))).benefits == []
    assert (await desk.waits(100)).benefits == []


async def test_the_999_rejects_the_first_file(desk: Desk):
    first = await desk.files(of("rejects_at_999"))
    second = await desk.files(of("rejects_at_999"))
    (paid,) = (await desk.waits(5)).claims

    assert [(answers.files[0].accepted, len(answers.acknowledgments)) for answers in (first, second)] == [
        (False, 0),
        (True, 1),
    ]
    assert first.files[0].sets[0].errors[0].segment == "HI"
    assert (paid.status, paid.paid_cents) == PAID


@pytest.mark.parametrize(
    ("character", "said"), [("rejects_at_277ca", ("A3", "21", "")), ("rejects_at_277ca-A7/286/PR", ("A7", "286", "PR"))]
)
async def test_the_277ca_rejects_the_first_submission(desk: Desk, character: str, said: tuple[str, str, str]):
    (first,) = (await desk.files(of(character))).acknowledgments
    (second,) = (await desk.files(replace(of(character), id="S1-P2"))).acknowledgments

    status = first.statuses[0]
    assert (status.category, status.status, status.entity) == said
    assert second.statuses[0].category == "A2"
    assert [claim.id for claim in (await desk.waits(5)).claims] == ["S1-P2"]


async def test_the_835_comes_before_the_277ca(desk: Desk):
    at_once = await desk.files(of("acknowledges_late"))
    paid = await desk.waits(6)
    acknowledged = await desk.waits(15)

    assert (len(at_once.files), at_once.acknowledgments) == (1, [])
    assert (len(paid.claims), paid.acknowledgments) == (1, [])
    assert [answer.statuses[0].category for answer in acknowledged.acknowledgments] == ["A2"]


async def test_an_answer_takes_45_days(desk: Desk):
    await desk.files(of("answers_after"))

    assert ((await desk.waits(44)).claims, len((await desk.waits(1)).claims)) == ([], 1)


async def test_a_claim_is_lost(desk: Desk):
    await desk.files(of("never_answers"))

    assert (await desk.waits(200)).claims == []
    assert (await desk.asks_about("S1-P", PLAN_ONE)).statuses[0].category == "D0"


async def test_the_first_claim_is_lost_and_the_second_is_not(desk: Desk):
    await desk.files(of("never_answers-1"))
    await desk.files(replace(of("never_answers-1"), id="S1-P2"))

    assert [claim.id for claim in (await desk.waits(10)).claims] == ["S1-P2"]


async def test_every_claim_is_too_late(desk: Desk):
    await desk.files(of("denies_timely_filing"))

    (denied,) = (await desk.waits(5)).claims

    assert denied.all_adjustments == (Adjustment("CO", "29", 220_00),)


async def test_a_claim_is_forwarded_and_our_own_second_claim_is_a_duplicate(desk: Desk):
    await desk.files(with_second("forwards"))
    first, unasked = (await desk.waits(10)).claims
    await desk.files(replace(secondary(decided_by_plan_one()), subscriber=Subscriber(ALEX, "TWO7")))
    (duplicate,) = (await desk.waits(5)).claims

    assert (first.status, first.crossover_signals) == ("19", ("status", "payer", "remark"))
    assert first.crossover_to is not None
    assert first.crossover_to.id == "PLANTWO"
    assert (unasked.id, unasked.status, unasked.paid_cents) == ("S1-P", "2", 24_00)
    assert (duplicate.id, duplicate.status, duplicate.all_remarks) == ("S1-S", "4", ("N522",))
    assert duplicate.all_adjustments == (Adjustment("OA", "18", 220_00),)


async def test_a_claim_is_said_to_be_forwarded_and_is_not(desk: Desk):
    await desk.files(with_second("forgets_to_forward"))

    (first,) = (await desk.waits(60)).claims

    assert first.crossover_signals == ("status", "payer", "remark")


@pytest.mark.parametrize("signal", ["status", "payer", "remark"])
async def test_one_signal_says_that_a_claim_was_forwarded(desk: Desk, signal: str):
    await desk.files(with_second(f"forwards_with_one_signal-{signal}"))

    claims = (await desk.waits(10)).claims

    assert [claim.crossover_signals for claim in claims] == [(signal,), ()]


async def test_nothing_is_forwarded_where_no_other_plan_is_known(desk: Desk):
    await desk.files(of("forwards"))

    (paid,) = (await desk.waits(30)).claims

    assert (paid.status, paid.crossover_signals) == ("1", ())


async def test_an_835_does_not_balance(desk: Desk):
    await desk.files(of("unbalanced"))

    (remittance,) = (await desk.waits(5)).remittances

    assert remittance.claims[0].paid_cents == 121_00
    assert not remittance.claims[0].balanced


async def test_line_controls_and_modifiers_are_dropped(desk: Desk):
    await desk.files(of("drops_line_controls.drops_modifiers", *TWO_LINES))

    (paid,) = (await desk.waits(5)).claims

    assert [(line.control, line.modifiers) for line in paid.lines] == [("", ()), ("", ())]
    assert paid.balanced


async def test_lines_are_renumbered(desk: Desk):
    await desk.files(of("renumbers_lines", *TWO_LINES))

    (paid,) = (await desk.waits(5)).claims

    assert [(line.control, line.procedure) for line in paid.lines] == [("1", "90785"), ("2", "90837")]


async def test_a_claim_is_paid_twice(desk: Desk):
    await desk.files(of("pays_twice"))

    first, second = (await desk.waits(10)).remittances

    assert first.claims == second.claims
    assert first.header.trace != second.header.trace


async def test_an_835_comes_in_pieces_the_last_line_first(desk: Desk):
    await desk.files(of("sends_in_pieces", *TWO_LINES))

    first, second = (await desk.waits(5)).claims, (await desk.waits(2)).claims

    assert [[line.procedure for line in claim.lines] for claim in (*first, *second)] == [["90785"], ["90837"]]
    assert sum(claim.charge_cents for claim in (*first, *second)) == 240_00
    assert all(claim.balanced for claim in (*first, *second))


async def test_a_payment_is_taken_back_after_80_days_and_corrected(desk: Desk):
    await desk.files(of("reverses_after"))
    (paid,) = (await desk.waits(5)).claims

    assert (await desk.waits(79)).claims == []
    (remittance,) = (await desk.waits(1)).remittances

    assert [(claim.status, claim.paid_cents) for claim in remittance.claims] == [("22", -120_00), ("1", 110_00)]
    assert {claim.payer_claim_id for claim in remittance.claims} == {paid.payer_claim_id}
    assert remittance.claims[1].patient_responsibility_cents == 40_00
    assert remittance.postable


async def test_a_payment_is_taken_back_without_a_correction(desk: Desk):
    await desk.files(of("reverses_without_correction-30"))
    await desk.waits(5)

    (remittance,) = (await desk.waits(60)).remittances

    assert [(claim.status, claim.paid_cents, claim.remarks) for claim in remittance.claims] == [
        ("22", -120_00, ("N420",))
    ]
    assert remittance.postable
    assert (await desk.asks_about("S1-P", PLAN_ONE)).statuses[0].category == "F3"


async def test_a_voided_claim_is_not_taken_back_again(desk: Desk):
    await desk.files(of("reverses_after"))
    (paid,) = (await desk.waits(5)).claims
    again = replace(of("reverses_after"), id="S1-P2", frequency="8", original_claim_id=paid.payer_claim_id)
    await desk.files(again)

    claims = (await desk.waits(200)).claims

    assert [(claim.status, claim.paid_cents) for claim in claims] == [("22", -120_00)]


async def test_everything_that_was_paid_and_taken_back_adds_up(desk: Desk):
    await desk.files(of("reverses_after.pays_twice.sends_in_pieces", *TWO_LINES))

    remittances = (await desk.waits(300)).remittances

    assert all(remittance.postable for remittance in remittances)
    assert Counter(remittance.header.trace for remittance in remittances).most_common(1)[0][1] == 1


@pytest.mark.parametrize(
    "word", ["nobody", "answers_after=soon", "changes_order=July", "forwards_with_one_signal=smoke"]
)
def test_a_character_that_does_not_exist_is_named(word: str):
    with pytest.raises(UnknownCharacterError, match=word.partition("=")[0]):
        called(word)


@pytest.mark.parametrize("name", CHARACTERS)
def test_every_character_can_be_called_without_an_argument(name: str):
    assert type(called(name)) is CHARACTERS[name]
