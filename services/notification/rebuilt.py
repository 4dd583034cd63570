"""After a rebuild: the letters whose end was told before are not sent again."""

from collections.abc import Sequence

from shared.database.postgres import Connection
from shared.events.envelope import Envelope
from shared.events.notification import LetterBounced, LetterEvent, LetterFailed, LetterSent


def state_told(event: LetterEvent) -> str:
    """The state of a letter that ended with this event."""
    match event:
        case LetterSent():
            return "sent"
        case LetterBounced():
            return "bounced"
        case LetterFailed():
            return "failed"
        case _:
            return "skipped"


async def end_told_letters(told: Sequence[Envelope], connection: Connection) -> None:
    """End the waiting letters of which the service has said before what became of them."""
    ended = [(letter.event, letter.time) for letter in told if isinstance(letter.event, LetterEvent)]
    await connection.execute(
        "update letters set state = told.state, ended_at = told.ended_at"
        " from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])"
        " as told (client_id, letter_id, state, ended_at)"
        " where letters.client_id = told.client_id and letters.letter_id = told.letter_id"
        " and letters.state in ('ready', 'sending')",
        [event.client_id for event, _ in ended],
        [event.letter_id for event, _ in ended],
        [state_told(event) for event, _ in ended],
        [time for _, time in ended],
    )
