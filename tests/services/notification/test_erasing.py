"""A client is forgotten at notification: letters that wait are cancelled, links end, names and contents go."""

from services.notification.retention import OF_CLIENT
from shared.events.erasure import NotificationErased, SettlementErased
from shared.events.notification import LetterSkipped, LinksEnded, NotificationReviewRequested
from tests.services.notification.sending.test_mail_goes_once import Slow, url_of
from tests.services.notification.sending.test_sender import until
from tests.services.notification.smtp_script import scripted

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


async def test_a_letter_that_a_sender_has_in_hand_does_not_go_to_a_client_who_is_forgotten_meanwhile(desk):
    await desk.knows_everybody()
    await desk.hears(CHARGED, session_id="session-1")
    await desk.hears(CHARGED, session_id="session-2")
    async with scripted(Slow()) as server, desk.post(smtp_url=url_of(server, connections=1)) as post:
        assert await post.take() == 2
        await until(lambda: len(server.messages) == 1)  # the other one waits for its turn, composed with the name
        await desk.sut.receives(SettlementErased(client_id=desk.client))
        server.go_on.set()
        await post.settled()

    assert len(server.messages) == 1
    reasons = await desk.sut.pool.fetch("select distinct state, reason, data::text from letters")
    assert [tuple(letter) for letter in reasons] == [("skipped", "client_erased", "{}")]
