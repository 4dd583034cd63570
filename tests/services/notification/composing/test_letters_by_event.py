"""Events in, letters in the inbox: through the handlers and the sender, on the real database and a real SMTP server."""

import pytest

from shared.events.coverage import AccountPaused
from shared.events.notification import LetterFailed, LetterSent, LetterSkipped, LinksEnded
from tests.services.notification.desk import an

REORDERED = {"reordered": True, "order": ["plan-1", "plan-1"], "rule": "non_dependent_first"}
REFUND = {"paid_cents": 3000, "final_cost_cents": 600, "refund_cents": 2400, "reason": "secondary_paid"}
SAME = {"paid_cents": 3000, "final_cost_cents": 3000, "refund_cents": 0, "forgiven_cents": 0, "reason": "one_plan"}
DUE = {
    "paid_cents": 2000,
    "final_cost_cents": 4000,
    "refund_cents": -2000,
    "forgiven_cents": 0,
    "reason": "deductible",
}
CANCELLED = {"final_cost_cents": 0, "paid_cents": 3000, "refund_cents": 3000, "reason": "session_cancelled"}
LETTERS = {
    "coordination-issue": ("coverage.account.paused", {}),
    "coordination-reminder": ("coverage.coordination.reminder_due", {"day": 3}),
    "coordination-still-open": ("coverage.coordination.still_open", {}),
    "account-unpaused": ("coverage.account.unpaused", {}),
    "plans-reordered": ("coverage.plans.coordinated", REORDERED),
    "coordination-question": ("coverage.coordination.undetermined", {}),
    "plan-unknown": ("coverage.plan.unentered", {}),
    "recertification-due": ("coverage.recertification.due", {}),
    "secondary-not-billable": (
        "coverage.secondary.not_billable",
        {"reason": "provider_not_credentialed", "primary_payer_id": "payer-1"},
    ),
    "session-refused": ("coverage.session.refused", {}),
    "session-charged": ("settlement.client.charged", {}),
    "cost-final-refund": ("settlement.cost.finalized", REFUND),
    "cost-final-unchanged": ("settlement.cost.finalized", SAME),
    "cost-final-balance": ("settlement.cost.finalized", DUE),
    "session-cancelled": ("settlement.cost.finalized", CANCELLED),
    "new-link": ("settlement.link.requested", {"purpose": "statement", "about": None}),
    "cost-overdue": ("settlement.cost.overdue", {"awaited_payer_id": "payer-1"}),
}


@pytest.mark.parametrize(("letter", "kind", "changes"), [(k, *v) for k, v in LETTERS.items()], ids=LETTERS)
async def test_each_event_brings_its_letter_once(desk, letter, kind, changes):
    await desk.knows_everybody()
    event = an(kind, desk.client, **changes)

    await desk.sut.receives(event, event)
    letters = await desk.sends()

    assert [letter["headers"]["content-language"] for letter in letters] == ["en"]
    assert "Sam" in letters[0]["text"]
    assert [(sent.perhaps_twice) for sent in desk.sut.all(LetterSent) if sent.letter == letter] == [False]


async def test_a_spanish_letter_has_the_hours_in_spanish(desk):
    await desk.knows_everybody(language="es")
    days = [{"days": ["sat", "sun"], "from_time": "09:00", "to_time": "13:00"}]
    hours = {"member_hours": "weekends only", "opening": days, "time_zone": "America/Chicago"}
    await desk.sut.given(an("directory.payer.listed", desk.client, name="Plan One Health", **hours))
    issue = {"payer_id": "payer-1", "payer_name": "P", "hours": "weekends", "cause": "x", "opened_on": "2026-02-01"}

    await desk.hears("coverage.account.paused", issues=[issue])

    letter = (await desk.sends())[0]["text"]
    assert "sábado y domingo, de 9:00 a. m. a 1:00 p. m., hora central" in " ".join(letter.split())
    assert "weekends" not in letter


async def test_the_provider_is_told_once_that_there_is_nothing_to_do(desk):
    await desk.knows_everybody()
    paused = an("coverage.account.paused", desk.client)
    assert isinstance(paused, AccountPaused)

    await desk.sut.receives(paused, paused.model_copy(update={"issues": (*paused.issues, *paused.issues)}))
    await desk.sends()

    (letter,) = desk.inbox.to(f"provider-{desk.email}")
    assert "nothing" in letter["text"].lower()


async def test_a_letter_waits_for_facts_that_are_still_on_their_way(desk):
    await desk.sut.receives(an("coverage.account.paused", desk.client, provider_ids=[]))
    assert await desk.sends() == []

    await desk.knows_everybody()
    desk.later(minutes=1)

    assert len(await desk.sends()) == 1


async def test_a_letter_comes_in_the_clients_language(desk):
    await desk.knows_everybody(language="es")
    await desk.sut.receives(an("settlement.client.charged", desk.client))

    (letter,) = await desk.sends()

    assert letter["headers"]["content-language"] == "es"


SKIPPED = {"no address": ({"email": None}, "no_email"), "letters off": ({"letters": "none"}, "letters_off")}


@pytest.mark.parametrize(("client", "reason"), SKIPPED.values(), ids=SKIPPED)
async def test_a_skipped_letter_says_why(desk, client, reason):
    await desk.knows_everybody(**client)
    await desk.sut.receives(an("settlement.client.charged", desk.client))

    await desk.sends()

    assert [(skipped.letter, skipped.reason) for skipped in desk.sut.all(LetterSkipped)] == [
        ("session-charged", reason)
    ]


async def test_a_server_that_drops_the_connection_before_its_answer_gets_the_same_message_again(desk):
    await desk.knows_everybody()
    desk.inbox.fault(to=desk.email, at="answer", kept=True, times=1)
    await desk.sut.receives(an("settlement.client.charged", desk.client))

    await desk.sends()
    desk.later(minutes=1)
    letters = await desk.sends()

    assert len(letters) == 2
    assert len({letter["message_id"] for letter in letters}) == 1
    assert [sent.perhaps_twice for sent in desk.sut.all(LetterSent)] == [True]


async def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_reported(desk):
    await desk.knows_everybody()
    desk.inbox.fault(to=desk.email, at="rcpt", reply="451 4.3.0 later", times=1)
    await desk.sut.receives(an("settlement.client.charged", desk.client))
    assert await desk.sends() == []
    desk.later(minutes=1)
    assert len(await desk.sends()) == 1

    desk.inbox.fault(to=desk.email, at="rcpt", reply="550 5.1.1 unknown", times=1)
    await desk.sut.receives(an("coverage.account.unpaused", desk.client))
    await desk.sends()

    assert [(failed.letter, failed.reason) for failed in desk.sut.all(LetterFailed)] == [
        ("account-unpaused", "no_such_mailbox")
    ]


async def test_another_address_or_no_letters_end_the_links_sent_so_far(desk):
    await desk.knows_everybody()
    await desk.sut.receives(desk.details(email="other@example.test"))
    changed = desk.sut.only(LinksEnded)
    await desk.sut.receives(desk.details(email="other@example.test", language="es"))
    assert desk.sut.none(LinksEnded)
    await desk.sut.receives(desk.details(email="other@example.test", letters="none"))
    off = desk.sut.only(LinksEnded)

    assert [(event.version, event.reason) for event in (changed, off)] == [(1, "address_changed"), (2, "letters_off")]
