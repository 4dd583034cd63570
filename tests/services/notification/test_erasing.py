"""A client is forgotten at notification: letters that wait are cancelled, links end, names and contents go."""

from services.notification.retention import OF_CLIENT
from shared.events.erasure import NotificationErased, SettlementErased
from shared.events.notification import LetterSkipped, LinksEnded, NotificationReviewRequested

CHARGED, PAUSED = "settlement.client.charged", "coverage.account.paused"


async def test_what_waits_is_cancelled_and_everything_personal_goes(desk):
    await desk.knows_everybody()
    await desk.hears(CHARGED, session_id="session-1")
    assert len(await desk.sends()) == 1
    await desk.hears(PAUSED)

    await desk.sut.receives(SettlementErased(client_id=desk.client))

    assert {event.reason for event in desk.sut.all(LetterSkipped)} == {"client_erased"}
    assert desk.sut.none(NotificationReviewRequested), "nobody has to call a client who was forgotten"
    assert desk.sut.only(LinksEnded).version == 1_000_000
    assert [kept.category for kept in desk.sut.only(NotificationErased).kept] == ["letters_record"]
    for table in OF_CLIENT:
        assert await desk.sut.pool.fetchval(f"select count(*) from {table} where client_id = $1", desk.client) == 0
    letters = await desk.sut.pool.fetch("select data::text, why from letters where client_id = $1", desk.client)
    assert {tuple(letter) for letter in letters} == {("{}", None)}
    assert len(await desk.sends()) == 1


async def test_late_facts_write_no_letter_and_bring_no_name_back(desk):
    await desk.sut.receives(SettlementErased(client_id=desk.client))

    await desk.sut.receives(desk.details())
    await desk.hears(CHARGED, session_id="session-2")

    assert desk.sut.published == []
    for table in ("recipients", "letters"):
        assert await desk.sut.pool.fetchval(f"select count(*) from {table} where client_id = $1", desk.client) == 0
