"""The coordination issue: noticed, paused, answered by the client alone, unpaused or kept open."""

from datetime import date, timedelta
from typing import Any

import pytest

from shared.events.coverage import (
    AccountPaused,
    AccountUnpaused,
    ConfirmationAccepted,
    ConfirmationReceived,
    ConfirmationRefused,
    CoordinationReminderDue,
    CoordinationStillOpen,
    CoverageReviewRequested,
    PayerToCall,
    PlansCoordinated,
    SessionCleared,
    SessionRefused,
)
from tests.services.coverage.coverage_events import (
    CLIENT,
    OWN,
    SPOUSES,
    TODAY,
    WRONG_ORDER,
    confirmed,
    entered,
    inquiries,
    other,
    payer,
    questioned,
    ready,
    reported,
    session,
)

READY = (CLIENT, WRONG_ORDER, reported(OWN), reported(SPOUSES))
BEFORE, AFTER = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


async def paused(make: Any) -> Any:
    return await ready(make, *READY, session(on=BEFORE), questioned())


async def test_a_payer_that_needs_the_client_pauses_the_account_and_says_whom_to_call(service_under_test: Any):
    sut = await ready(service_under_test, *READY, session(on=BEFORE), payer("P1", member_hours="Mon-Fri 8am-8pm ET"))

    await sut.receives(questioned())

    told = sut.only(AccountPaused)
    assert told == AccountPaused(
        client_id="c1",
        pause_id=told.pause_id,
        paused_on=TODAY,
        issues=(
            PayerToCall(
                payer_id="P1",
                plan_id="own",
                payer_name="Plan One",
                phone="+1-800-555-0100",
                hours="Mon-Fri 8am-8pm ET",
                cause="payer_asks_client",
                codes=("22", "N197"),
                opened_on=TODAY,
            ),
        ),
        held_sessions=("s1",),
        held_charges_cents=22000,
        provider_ids=("d1",),
    )


@pytest.mark.parametrize("answer", ["fix_and_resend", "duplicate", "not_covered", "too_late", "forwarded", "ordinary"])
async def test_what_a_biller_can_settle_never_pauses(service_under_test: Any, answer: str):
    sut = await ready(service_under_test, *READY)

    await sut.receives(questioned(answer=answer))

    assert (sut.published, sut.interchanges) == ([], [])


async def test_unclear_evidence_goes_to_a_person(service_under_test: Any):
    sut = await ready(service_under_test, *READY)

    await sut.receives(questioned(answer="review", codes=("792",)))

    assert [type(event) for event in sut.published] == [CoverageReviewRequested]


async def test_one_issue_a_payer_and_one_pause_an_account(service_under_test: Any):
    sut = await paused(service_under_test)
    await sut.receives(questioned(control="C2-P", codes=("227",)))
    assert sut.published == []

    await sut.receives(questioned(SPOUSES, level="secondary"))

    both = sut.only(AccountPaused)
    assert [issue.payer_id for issue in both.issues] == ["P1", "P2"]
    assert await sut.pool.fetchval("select count(*) from pause") == 1
    assert both.issues[0].codes == ("22", "N197", "227")


@pytest.mark.parametrize(
    ("on", "expected"), [(BEFORE, SessionCleared), (AFTER, SessionRefused), (TODAY, SessionRefused)]
)
async def test_sessions_after_the_pause_are_refused_and_earlier_ones_go_on(
    service_under_test: Any, on: date, expected: type[Any]
):
    sut = await paused(service_under_test)

    await sut.receives(session(2, on=on))

    decision = sut.only(expected)
    assert getattr(decision, "reason", "account_paused") == "account_paused"


async def test_reminders_come_on_days_3_7_and_14_and_then_a_person_is_told(service_under_test: Any):
    sut = await paused(service_under_test)

    await sut.passes(days=20)

    reminders = sut.all(CoordinationReminderDue)
    assert [reminder.day for reminder in reminders] == [3, 7, 14]
    assert [issue.payer_id for issue in reminders[0].issues] == ["P1"]
    assert sut.only(CoverageReviewRequested).reason == "coordination_unanswered"


async def test_a_confirmation_asks_the_payers_and_silence_to_the_contrary_unpauses(service_under_test: Any):
    sut = await paused(service_under_test)

    await sut.receives(confirmed())
    accepted = sut.only(ConfirmationAccepted)
    assert (accepted.payer_id, accepted.pause_id is not None) == ("P1", True)
    assert len(inquiries(sut)) == 2
    assert sut.none(AccountUnpaused)

    await sut.receives(reported(OWN, trace="T2"))
    assert sut.none(AccountUnpaused)
    await sut.receives(reported(SPOUSES, trace="T3"))
    unpaused = sut.only(AccountUnpaused)
    assert (unpaused.watched, unpaused.order, unpaused.pause_id) == (True, ("own", "spouses"), accepted.pause_id)

    await sut.passes(days=5)
    assert sut.none(CoordinationReminderDue)
    await sut.receives(session(2, on=AFTER))
    assert sut.only(SessionCleared).marked is None


async def test_a_payer_that_does_not_answer_does_not_keep_a_client_out(service_under_test: Any):
    sut = await paused(service_under_test)
    await sut.given(confirmed())

    await sut.passes(hours=25)

    assert sut.only(AccountUnpaused).watched


async def test_payers_that_state_the_confirmed_order_need_no_watch(service_under_test: Any):
    sut = await paused(service_under_test)
    await sut.given(confirmed(primary_named="own"))

    await sut.receives(
        reported(OWN, trace="T2", other_payers=(other("secondary", "Plan Two"),)), reported(SPOUSES, trace="T3")
    )

    assert not sut.only(AccountUnpaused).watched


async def test_payers_that_contradict_each_other_pause_the_account_with_both_calls(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, WRONG_ORDER, reported(OWN, other_payers=(other("primary", "Two"),)))

    await sut.receives(reported(SPOUSES, other_payers=(other("primary", "Plan One"),)))

    told = sut.only(AccountPaused)
    assert [(issue.payer_id, issue.cause, issue.codes) for issue in told.issues] == [
        ("P1", "nobody_primary", ("secondary",)),
        ("P2", "nobody_primary", ("secondary",)),
    ]
    assert sut.none(PlansCoordinated)


async def disputed(make: Any) -> Any:
    """Both payers say that the other one is first; the client has called both."""
    sut = await ready(make, CLIENT, WRONG_ORDER, reported(OWN, other_payers=(other("primary", "Plan Two"),)))
    await sut.given(reported(SPOUSES, other_payers=(other("primary", "Plan One"),)))
    await sut.receives(confirmed(primary_named="own"))
    assert [type(event) for event in sut.published] == [ConfirmationAccepted]
    assert sut.interchanges == []
    await sut.given(confirmed(SPOUSES, primary_named="own"))
    return sut


async def test_a_dispute_ends_when_both_are_answered_and_the_payers_agree_now(service_under_test: Any):
    sut = await disputed(service_under_test)

    await sut.receives(
        reported(OWN, trace="T2", other_payers=(other("secondary", "Plan Two"),)),
        reported(SPOUSES, trace="T3", other_payers=(other("primary", "Plan One"),)),
    )

    assert sut.only(AccountUnpaused).order == ("own", "spouses")
    assert sut.only(PlansCoordinated).reordered


async def test_a_payer_that_still_states_the_contrary_keeps_the_account_paused_and_is_looked_at_again(
    service_under_test: Any,
):
    sut = await disputed(service_under_test)
    contrary: dict[str, Any] = {"other_payers": (other("primary", "Plan Two"),)}

    await sut.receives(reported(OWN, trace="T2", **contrary), reported(SPOUSES, trace="T3"))
    told = sut.only(CoordinationStillOpen)
    assert (told.issue.payer_id, told.look_again_on) == ("P1", TODAY + timedelta(days=1))
    assert sut.none(AccountUnpaused)

    looks: list[int] = []
    told_on: list[int] = []
    for day in range(1, 33):
        await sut.passes(days=1)
        told_on += [day for request in sut.all(CoverageReviewRequested) if request.reason == "coordination_still_open"]
        if sut.interchanges:
            looks.append(day)
            await sut.receives(
                reported(OWN, on=sut.clock.now.date(), trace=f"L{day}", **contrary),
                reported(SPOUSES, on=sut.clock.now.date(), trace=f"M{day}"),
            )
            assert sut.published == []
    assert (looks, told_on) == ([1, 3, 7, 14, 21, 28], [30])

    await sut.passes(days=3)
    on = sut.clock.now.date()
    await sut.receives(reported(OWN, on=on, trace="Z1"), reported(SPOUSES, on=on, trace="Z2"))
    assert sut.only(AccountUnpaused).watched


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"confirmed_by": "provider", "recorded_by": "provider"}, "confirmed_by_provider"),
        ({"confirmed_by": "staff"}, "confirmed_by_staff"),
        ({"recorded_by": "provider"}, "recorded_by_provider"),
        ({"payer_id": "P9"}, "unknown_payer"),
        ({"payer_id": "P2"}, "nothing_asked"),
        ({"confirmed_on": AFTER}, "date_in_future"),
        ({"confirmed_on": date(2020, 1, 1)}, "date_too_old"),
        ({"reference_number": ""}, "no_reference_number"),
        ({"reference_number": "N/A"}, "no_reference_number"),
        ({"reference_number": "😀😀😀"}, "reference_number_not_readable"),
        ({"reference_number": "<script>alert(1)</script>"}, "reference_number_not_readable"),
        ({"reference_number": "7" * 10_240}, "reference_number_too_long"),
        ({"representative": "<b>"}, "representative_not_readable"),
        ({"primary_named": "nobodys"}, "unknown_plan"),
        ({"only_one_plan": True, "reference_number": ""}, "no_reference_number"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_word_that_cannot_count_is_refused_and_nothing_else_changes(
    service_under_test: Any, changed: dict[str, Any], reason: str
):
    sut = await paused(service_under_test)

    await sut.receives(confirmed(**changed))

    assert [type(event) for event in sut.published] == [ConfirmationRefused]
    assert sut.only(ConfirmationRefused).reason == reason
    assert sut.interchanges == []
    assert await sut.pool.fetchval("select count(*) from pause where unpaused_at is null") == 1


async def test_a_confirmation_for_an_account_that_is_not_paused_is_refused(service_under_test: Any):
    sut = await ready(service_under_test, *READY)

    await sut.receives(confirmed())

    assert sut.only(ConfirmationRefused).reason == "nothing_asked"


async def test_the_same_answer_twice_by_page_and_by_phone_counts_once(service_under_test: Any):
    sut = await paused(service_under_test)
    await sut.given(confirmed())
    page = ConfirmationReceived(**{**confirmed().model_dump(), "recorded_by": "client", "channel": "page"})

    await sut.receives(confirmed(), page)

    assert (sut.published, sut.interchanges) == ([], [])


async def test_denials_of_claims_sent_before_the_confirmation_do_not_pause_again(service_under_test: Any):
    sut = await paused(service_under_test)
    await sut.given(confirmed(), reported(OWN, trace="T2"), reported(SPOUSES, trace="T3"))
    await sut.passes(days=10)

    await sut.receives(questioned(control="C3-P", claim_sent_on=BEFORE))
    assert sut.none(AccountPaused)
    await sut.receives(questioned(control="C4-P", claim_sent_on=TODAY + timedelta(days=5)))
    assert len(sut.only(AccountPaused).issues) == 1


async def test_sessions_cleared_before_are_decided_anew_in_the_confirmed_order(service_under_test: Any):
    sut = await paused(service_under_test)
    await sut.given(confirmed(primary_named="spouses"))

    await sut.receives(reported(OWN, trace="T2"), reported(SPOUSES, trace="T3"))

    assert sut.only(AccountUnpaused).order == ("spouses", "own")
    again = sut.only(SessionCleared)
    assert (again.session_id, again.decision, again.plans[0].plan_id, again.rule) == (
        "s1",
        2,
        "spouses",
        "confirmed_by_client",
    )


async def called_differently(make: Any, second: Any = SPOUSES) -> Any:
    """Each payer says that the other is first; in the calls each names its own plan."""
    facts = (CLIENT, entered(second, OWN), reported(OWN, other_payers=(other("primary", "Plan Two"),)))
    sut = await ready(make, *facts)
    await sut.given(reported(second, other_payers=(other("primary", "Plan One"),)))
    await sut.given(confirmed(primary_named="own"), confirmed(SPOUSES, primary_named="spouses"))
    return sut


SILENT = (reported(OWN, trace="T2"), reported(SPOUSES, trace="T3"))


async def test_calls_that_name_different_plans_leave_the_account_paused_where_the_payers_say_nothing_more(
    service_under_test: Any,
):
    sut = await called_differently(service_under_test)

    await sut.receives(*SILENT)

    assert sut.none(AccountUnpaused)
    assert sut.only(CoordinationStillOpen).issue.payer_id == "P2"  # the rules agree with the other one
    await sut.passes(days=31)
    assert sut.none(AccountUnpaused)
    assert [request.reason for request in sut.all(CoverageReviewRequested)] == ["coordination_still_open"]


async def test_another_call_ends_the_contradiction(service_under_test: Any):
    sut = await called_differently(service_under_test)
    await sut.given(*SILENT)

    await sut.given(confirmed(SPOUSES, primary_named="own", reference_number="REF-78"))
    await sut.receives(reported(OWN, trace="T4"), reported(SPOUSES, trace="T5"))

    assert sut.only(AccountUnpaused).order == ("own", "spouses")


async def test_a_payer_whose_271_takes_back_its_word_of_the_call_ends_the_contradiction(service_under_test: Any):
    sut = await called_differently(service_under_test)

    await sut.receives(
        reported(OWN, trace="T2"), reported(SPOUSES, trace="T3", other_payers=(other("primary", "Plan One"),))
    )

    assert sut.only(AccountUnpaused).order == ("own", "spouses")


async def test_calls_that_name_different_plans_are_both_repeated_where_the_rules_know_too_little(
    service_under_test: Any,
):
    second_job = SPOUSES.model_copy(update={"subscriber": OWN.subscriber})
    sut = await called_differently(service_under_test, second_job)

    await sut.receives(reported(OWN, trace="T2"), reported(second_job, trace="T3"))

    assert sut.none(AccountUnpaused)
    assert {notice.issue.payer_id for notice in sut.all(CoordinationStillOpen)} == {"P1", "P2"}


async def test_an_answer_that_says_nothing_takes_nothing_back_that_the_payer_said_before(service_under_test: Any):
    sut = await paused(service_under_test)
    await sut.given(confirmed())

    await sut.receives(reported(OWN, trace="T2", status="unknown"), reported(SPOUSES, trace="T3", status="unknown"))

    assert sut.only(AccountUnpaused).watched
    assert sut.none(SessionCleared)  # cost shares and plans stand as they were cleared
