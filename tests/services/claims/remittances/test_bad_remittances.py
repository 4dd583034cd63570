"""Remittances as bad as they come: each ends posted, with a person once, or refused; none holds up another."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from services.claims.app import SERVICE
from shared.events.claims import ClaimAdjudicated, ClaimsReviewRequested, ClaimSubmitted, PaymentRemitted
from shared.x12.acknowledgment_999.acknowledgment import AcknowledgedSet, Acknowledgment
from shared.x12.acknowledgment_999.writer import write_acknowledgments
from shared.x12.claim_status_277.status import ClaimStatus, ClaimStatusReport, Status
from shared.x12.claim_status_277.writer import write_claim_statuses
from shared.x12.remittance_835.remittance import ProviderAdjustment
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.parties import Party
from tests.services.claims.payer_desk import (
    CLIENT,
    COMPLETED,
    FACTS,
    PLANS,
    PRIMARY_PAYS,
    SECONDARY_PAYS,
    Claims,
    cleared,
    confirmed,
    envelope,
    pays,
    remittance,
    taken_back,
)


def _paid(claim, **changes):
    return replace(pays(claim, *PRIMARY_PAYS), **changes)


def _line(claim, **changes):
    paid = pays(claim, *PRIMARY_PAYS)
    return replace(paid, lines=(replace(paid.lines[0], **changes),))


def _adjusted(claim, *kept):
    return _line(claim, adjustments=tuple(Adjustment(*parts) for parts in kept))


LONG = "9" * 90
OTHERWISE = (("PR", "2", 3000),)


@pytest.mark.parametrize(
    "garbled",
    [
        pytest.param(lambda claim: remittance("ONE", _paid(claim, status=LONG)), id="CLP02 far too long"),
        pytest.param(lambda claim: remittance("ONE", _adjusted(claim, (LONG, "45", 7000), *OTHERWISE)), id="group"),
        pytest.param(lambda claim: remittance("ONE", _adjusted(claim, ("CO", LONG, 7000), *OTHERWISE)), id="reason"),
        pytest.param(lambda claim: remittance("ONE", _line(claim, remarks=(LONG,))), id="remark"),
        pytest.param(lambda claim: remittance("ONE", _line(claim, procedure=LONG)), id="procedure"),
        pytest.param(lambda claim: remittance("ONE", _line(claim, modifiers=(LONG,))), id="modifier"),
        pytest.param(lambda claim: remittance("ONE", _line(claim, control=LONG)), id="REF*6R"),
        pytest.param(lambda claim: remittance("ONE", _line(claim, allowed_cents=10**15)), id="allowed amount"),
        pytest.param(
            lambda claim: remittance("ONE", _paid(claim)).replace(b"*ACH*", b"*%s*" % (b"A" * 40)), id="BPR04"
        ),
        pytest.param(lambda claim: remittance("ONE", _paid(claim), trace=LONG), id="trace"),
        pytest.param(lambda claim: remittance("ONE", _paid(claim)).replace(b"XV*ONE", b"XV*ONE X"), id="payer's id"),
        pytest.param(lambda claim: remittance("ONE", _paid(claim)).replace(b"XV*ONE", b"XV*\xd6NE"), id="no ASCII"),
        pytest.param(lambda claim: remittance("ONE", _paid(claim)).replace(b"DOE", b"D\x00E"), id="NUL in a name"),
        pytest.param(
            lambda claim: remittance("ONE", _paid(claim)).replace(b"SES-1-P", b"SES-1-P\x00"), id="NUL padding"
        ),
        pytest.param(lambda claim: remittance("ONE", _paid(claim)).replace(b"CO*45", b"CO*4\x005"), id="NUL in a code"),
        pytest.param(
            lambda claim: remittance("ONE", _paid(claim)).replace(b"TRN-1", b"TRN\x001"), id="NUL in the trace"
        ),
        pytest.param(
            lambda claim: remittance("ONE", _paid(claim), plb=[ProviderAdjustment(LONG, LONG, 5, "1234567893")]),
            id="PLB",
        ),
        pytest.param(lambda claim: remittance("ONE", _paid(claim), on=date(9999, 12, 31)), id="decided in 9999"),
        pytest.param(lambda claim: remittance("ONE", _paid(claim)).replace(b"20260320", b"20269999"), id="no dates"),
    ],
)
async def test_what_no_payer_should_write_is_posted_as_far_as_it_can_be_read(claims, garbled: Callable[..., bytes]):
    (primary,) = claims.sent

    await claims.answered(garbled(primary))

    assert claims.only(ClaimAdjudicated).paid_cents == 12000
    assert (await claims.states())["own"] == "adjudicated"


@pytest.mark.parametrize("slip", [date(1900, 1, 1), date(2026, 3, 1), date(2099, 1, 1)], ids=str)
async def test_a_slip_in_the_decisions_date_costs_nobody_the_filing_window(claims, slip):
    (primary,) = claims.sent

    await claims.answered(remittance("ONE", _paid(primary), on=slip))

    assert claims.only(ClaimAdjudicated).adjudicated_on == date(2026, 3, 2)
    assert claims.only(ClaimSubmitted).level == "secondary"
    assert {day for day in _decided(claims) if day is not None} == {date(2026, 3, 2)}


def _decided(claims):
    """The dates of the primary's decision that the secondary's claim carries."""
    (secondary,) = claims.sent
    (before,) = [other for other in secondary.other_payers if other.responsibility == "P"]
    return [before.adjudicated_on, *(line.adjudicated_on for line in before.lines)]


@pytest.mark.parametrize(
    ("adjustments", "reason"),
    [
        pytest.param([("CO", "45", 13000), ("PR", "2", -3000)], "impossible_amount", id="the patient is owed"),
        pytest.param([("CO", "45", -20000), ("PR", "2", 30000)], "impossible_amount", id="more than was charged"),
        pytest.param(
            [("CO", "45", 10**14), ("OA", "23", 7000 - 10**14), ("PR", "2", 3000)],
            "impossible_amount",
            id="no such money",
        ),
    ],
)
async def test_amounts_that_cannot_be_are_for_a_person(claims, adjustments, reason):
    (primary,) = claims.sent

    await claims.answered(remittance("ONE", pays(primary, 12000, *adjustments)))

    assert (claims.all(ClaimAdjudicated), await claims.queue()) == ([], [reason])


async def test_a_line_paid_below_zero_is_for_a_person_although_the_claim_is_not(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(22000, 3000), cleared(), COMPLETED)
    (primary,) = claims.sent
    first, second = pays(primary, 12000, ("CO", "45", 10000)), pays(primary, -1000, ("CO", "45", 4000), line=1)
    both = replace(first, charge_cents=25000, paid_cents=11000, lines=(*first.lines, *second.lines))

    await claims.answered(remittance("ONE", both))

    assert (claims.all(ClaimAdjudicated), await claims.queue()) == ([], ["negative_payment"])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(lambda claim: [_paid(claim, status="25")], "predetermination", id="predetermination"),
        pytest.param(lambda claim: [_paid(claim), _paid(claim)], "paid_twice", id="the claim twice in one file"),
        pytest.param(lambda claim: [taken_back(_paid(claim))], "reversal_of_nothing", id="a reversal of nothing"),
        pytest.param(
            lambda claim: [_paid(claim, id="X", payer_claim_id="", patient=None)], "unmatched_unknown", id="lost"
        ),
    ],
)
async def test_what_is_for_a_person_is_there_once_however_often_and_in_whatever_place_the_835_has_it(
    claims, answer, reason
):
    (primary,) = claims.sent
    value = remittance("ONE", *answer(primary))
    await claims.answered(value)

    await claims.answered(value, value.replace(b"000000900", b"000000901"))
    await claims.answered(_moved_down(value))

    assert await claims.queue() == [reason]


@pytest.mark.parametrize(
    "spelt",
    [
        pytest.param(lambda claim: remittance("ONE", _paid(claim, id="ses1p")), id="our number"),
        pytest.param(lambda claim: remittance("ONE", _paid(claim, payer_claim_id="one-icn")), id="the payer's number"),
        pytest.param(lambda claim: remittance("ONE", _paid(claim)).replace(b"XV*ONE", b"XV*1NE"), id="the payer's id"),
        pytest.param(
            lambda claim: remittance("ONE", _adjusted(claim, *OTHERWISE, ("CO", "45", 7000))), id="CAS in another order"
        ),
        pytest.param(lambda claim: remittance("ONE", _paid(claim)).replace(b"~", b"~\r\n"), id="lines"),
        pytest.param(lambda claim: remittance("ONE", _paid(claim, patient=Party("DOE", "SAMUEL"))), id="the patient"),
    ],
)
async def test_the_same_835_in_other_words_is_nothing_new(claims, spelt):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", _paid(primary)))

    await claims.answered(spelt(primary))

    assert (claims.published, claims.sent, await claims.queue()) == ([], [], [])


def _moved_down(value: bytes) -> bytes:
    """The file with a segment more before its claims."""
    counted = re.search(rb"~\s*SE\*(\d+)", value)
    assert counted is not None
    more = b"SE*%d" % (int(counted[1]) + 1)
    return value.replace(b"SE*" + counted[1], more).replace(b"CLP*", b"LX*9~CLP*", 1)


async def test_a_relative_with_the_same_member_id_is_nobody_of_ours(claims):
    (primary,) = claims.sent
    sister = Party("DOE", "KIM", id="MONE", id_kind="MI")

    await claims.answered(remittance("ONE", _paid(primary, id="LOST", payer_claim_id="?", patient=sister)))

    assert (claims.published, await claims.queue()) == ([], ["unmatched_unsure"])


def _session_of(client, session):
    """The same session of another client."""
    facts = [*FACTS[:2], confirmed(), cleared(), COMPLETED]
    named = [{"client_id": client} | ({"session_id": session} if hasattr(fact, "session_id") else {}) for fact in facts]
    return [fact.model_copy(update=changes) for fact, changes in zip(facts, named, strict=True)]


async def test_two_clients_whose_sessions_have_the_same_id_get_each_their_own(claims):
    (first,) = claims.sent
    await claims.receives(*_session_of("d", "SES-1"))
    (second,) = claims.sent
    assert first.id != second.id

    value = remittance("ONE", _paid(second, payer_claim_id="TWO-ICN"), _paid(first))
    await claims.answered(value)

    posted = {(adjudicated.client_id, adjudicated.control) for adjudicated in claims.all(ClaimAdjudicated)}
    assert posted == {("c", first.id), ("d", second.id)}
    assert await claims.queue() == []


async def test_a_payer_answers_the_claim_as_it_was_sent(claims):
    (primary,) = claims.sent
    renamed = CLIENT.model_copy(update={"first_name": "ALEX", "last_name": "ROE"})
    own = PLANS.plans[0].model_copy(update={"member_id": "CHANGED"})
    await claims.receives(renamed, PLANS.model_copy(update={"plans": (own, *PLANS.plans[1:])}))

    await claims.answered(remittance("ONE", _paid(primary, patient=Party("DOE", "SAM", id="MONE", id_kind="MI"))))

    assert (len(claims.all(ClaimAdjudicated)), await claims.queue()) == (1, [])


async def test_another_patient_under_our_number_is_told_under_the_session_that_it_names(claims):
    (primary,) = claims.sent

    await claims.answered(remittance("ONE", _paid(primary, patient=Party("POE", "LEE", id="NOT-OURS", id_kind="MI"))))

    told = claims.only(ClaimsReviewRequested)
    assert (told.client_id, told.session_id, told.reason) == ("c", "SES-1", "unmatched_conflict")
    assert claims.all(ClaimAdjudicated) == []


async def test_an_answer_goes_with_its_claim_where_the_order_is_corrected_between_match_and_posting(claims):
    _, secondary = await claims.secondary_sent()
    facts = await claims.matched(remittance("TWO", pays(secondary, *SECONDARY_PAYS)), key="TWO-1")
    await claims.receives(cleared("spouses", "own", decision=2))

    await claims.receives(*facts)

    assert claims.only(ClaimAdjudicated).plan_id == "spouses"


async def test_numbers_of_two_clients_sessions_of_the_same_id_are_a_conflict(claims):
    (first,) = claims.sent
    await claims.receives(*_session_of("d", "SES-1"))
    (second,) = claims.sent
    await claims.answered(remittance("ONE", _paid(second, payer_claim_id="ICN-D")))

    await claims.answered(remittance("ONE", _paid(first, payer_claim_id="ICN-D"), trace="TRN-2"))

    assert (claims.all(ClaimAdjudicated), await claims.queue()) == ([], ["unmatched_conflict"])


@pytest.mark.parametrize(
    "slip",
    [
        pytest.param(lambda claim: _paid(claim, paid_cents=13000), id="its payment is wrong"),
        pytest.param(lambda claim: _paid(claim, lines=()), id="its lines are missing"),
        pytest.param(lambda claim: _adjusted(claim, ("CO", "45", 6000), *OTHERWISE), id="an adjustment is wrong"),
        pytest.param(lambda claim: _paid(claim, id="X", payer_claim_id="", patient=None), id="it is not ours"),
    ],
)
async def test_one_bad_claim_does_not_hold_back_the_others_of_its_file(claims, slip):
    sent = list(claims.sent)
    await claims.receives(*_session_of("d", "SES-2"), *_session_of("e", "SES-3"))
    sent += claims.sent
    first, second, third = sent

    value = remittance("ONE", _paid(first), slip(second), _paid(third), payment=36000)
    await claims.answered(value)

    assert sorted(adjudicated.session_id for adjudicated in claims.all(ClaimAdjudicated)) == ["SES-1", "SES-3"]
    assert len(await claims.queue()) == 1


async def test_a_payment_that_its_claims_do_not_explain_holds_all_of_them(claims):
    (primary,) = claims.sent

    await claims.answered(remittance("ONE", _paid(primary), payment=13000))

    assert (claims.all(ClaimAdjudicated), await claims.queue()) == ([], ["remittance_unbalanced"])
    told = claims.only(ClaimsReviewRequested)
    assert (told.client_id, told.session_id, told.reason) == ("c", "SES-1", "remittance_unbalanced")
    evidence = await claims.sut.pool.fetchval("select evidence ->> 'problems' from work_queue")
    assert "BPR02" in evidence


async def test_a_file_cut_off_is_told_from_one_that_does_not_add_up(claims):
    (primary,) = claims.sent
    value = remittance("ONE", _paid(primary))

    await claims.answered(value[: value.index(b"SVC") + 9])
    await claims.answered(value)

    assert claims.only(ClaimAdjudicated).paid_cents == 12000
    assert await claims.queue() == ["remittance_incomplete"]


async def test_the_rejection_of_an_interchange_that_we_never_sent_is_for_a_person(claims):
    refused = Acknowledgment("HC", "777777", "R", (AcknowledgedSet("0001", "837", "R"),))
    taken = replace(refused, control="888888", code="A", sets=(AcknowledgedSet("0001", "837", "A"),))

    await claims.answered(*[write_acknowledgments([report], envelope()) for report in (refused, refused, taken)])

    assert await claims.queue() == ["rejection_of_unknown_interchange"]


async def test_a_277_finds_the_claim_by_the_number_that_it_repeats(claims):
    said = ClaimStatus("Q-1", (Status("P1", "20", ""),), patient=Party("DOE", "SAM"), patient_control="ses1p")
    report = ClaimStatusReport((said,), acknowledgment=False, payer=Party("PAYER", id="ONE"))

    await claims.answered(write_claim_statuses([report], envelope()))

    assert (await claims.queue(), (await claims.states())["own"]) == ([], "pending")


async def test_the_money_of_a_payment_is_told_once_a_file_adds_up(claims):
    (primary,) = claims.sent

    await claims.sut.receives_interchange(remittance("ONE", _paid(primary)), "ONE-1")

    announced = claims.sut.only(PaymentRemitted)
    assert (announced.payment_cents, announced.claims_cents, announced.matched_cents) == (12000, 12000, 12000)
