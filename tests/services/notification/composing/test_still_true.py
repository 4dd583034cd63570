"""Letters that later facts have made untrue, or replaced, are not sent."""

from shared.events.notification import NotificationReviewRequested
from tests.services.notification.desk import an

BOTH = [
    {"payer_id": "plan-one", "payer_name": "Plan One Health", "cause": "against_the_rules", "opened_on": "2026-03-02"},
    {"payer_id": "plan-two", "payer_name": "Plan Two", "cause": "against_the_rules", "opened_on": "2026-03-02"},
]
REFUND = {"charged_cents": 3000, "final_cost_cents": 600, "refund_cents": 2400}


async def paused(desk, *issues, **changes) -> None:
    await desk.hears("coverage.account.paused", pause_id="p-1", issues=list(issues), provider_ids=[], **changes)


async def test_two_insurers_that_report_at_once_make_one_letter_that_names_both(desk):
    await desk.knows_everybody()
    first = an("coverage.account.paused", desk.client, pause_id="p-1", issues=BOTH[:1], provider_ids=[])
    both = an("coverage.account.paused", desk.client, pause_id="p-1", issues=BOTH, provider_ids=[])
    await desk.sut.receives(first, both, together=True)

    (letter,) = await desk.sends()

    assert "Plan One Health" in letter["text"]
    assert "Plan Two" in letter["text"]
    assert sorted(state for _, state, _ in await desk.states()) == ["sent", "skipped"]


async def test_a_letter_waits_a_moment_for_what_may_follow_it(desk):
    await desk.knows_everybody()
    await paused(desk, BOTH[0])
    assert await desk.sends(letter_gather_seconds=20) == []

    desk.later(seconds=10)
    await paused(desk, *BOTH)
    desk.later(seconds=15)
    assert await desk.sends(letter_gather_seconds=20) == []
    desk.later(seconds=5)

    assert len(await desk.sends(letter_gather_seconds=20)) == 1
    assert await desk.states() == [
        ("coordination-issue", "skipped", "superseded"),
        ("coordination-issue", "sent", None),
    ]


async def test_an_insurer_that_is_answered_meanwhile_is_not_to_be_called(desk):
    await desk.knows_everybody()
    await paused(desk, *BOTH)
    await desk.hears("coverage.coordination.confirmation_accepted", payer_id="plan-one", pause_id="p-1")

    (letter,) = await desk.sends()

    assert "Plan One Health" not in letter["text"]
    assert "Plan Two" in letter["text"]


async def test_a_reminder_after_the_last_answer_is_not_sent_and_nobody_has_to_step_in(desk):
    await desk.knows_everybody()
    await desk.hears("coverage.coordination.reminder_due", pause_id="p-1", issues=BOTH[:1])
    await desk.hears("coverage.coordination.confirmation_accepted", payer_id="plan-one", pause_id="p-1")

    assert await desk.sends() == []

    assert await desk.states() == [("coordination-reminder", "skipped", "answered")]
    assert desk.sut.none(NotificationReviewRequested)


async def test_a_pause_that_ends_before_its_letter_is_never_told(desk):
    await desk.knows_everybody()
    await paused(desk, BOTH[0], booked_sessions=[])
    await desk.hears("coverage.account.unpaused", pause_id="p-1")

    assert await desk.sends() == []

    assert await desk.states() == [
        ("account-unpaused", "skipped", "pause_never_told"),
        ("coordination-issue", "skipped", "pause_over"),
    ]


async def test_a_question_that_the_insurers_settle_is_not_asked(desk):
    await desk.knows_everybody()
    await desk.hears("coverage.coordination.undetermined")
    await desk.hears("coverage.plans.coordinated", reordered=False)

    assert await desk.sends() == []
    assert await desk.states() == [("coordination-question", "skipped", "superseded")]


async def test_of_two_orders_only_the_last_is_told_however_often_it_changes_back(desk):
    await desk.knows_everybody()
    for order in (("plan-b", "plan-a"), ("plan-a", "plan-b"), ("plan-b", "plan-a")):
        await desk.hears("coverage.plans.coordinated", order=order, reordered=order[0] == "plan-b")

    await desk.sends()

    assert [state for name, state, _ in await desk.states() if name == "plans-reordered"] != ["skipped"]


async def test_a_plan_that_is_entered_or_denied_meanwhile_is_not_asked_about(desk):
    await desk.knows_everybody()
    await desk.hears("coverage.plan.unentered", named_by="plan-one", payer_id="plan-nine", name="Plan Nine")
    await desk.hears("coverage.plan.stated", named_by="plan-one", has_plan=False)

    assert await desk.sends() == []


async def test_a_visit_that_is_cleared_after_all_is_not_refused(desk):
    await desk.knows_everybody()
    await desk.hears("coverage.session.refused", session_id="s-1", reason="account_paused")
    await desk.hears("coverage.session.cleared", session_id="s-1", decision=2)

    assert await desk.sends() == []


async def test_a_correction_replaces_a_final_cost_that_is_not_sent_yet(desk):
    await desk.knows_everybody()
    for edition in (1, 2):
        await desk.hears("settlement.cost.finalized", session_id="s-1", edition=edition, **REFUND)

    (letter,) = await desk.sends()

    assert "replaces" not in letter["text"]
    assert sorted(reason or "" for _, _, reason in await desk.states()) == ["", "superseded"]
