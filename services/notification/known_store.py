"""What a letter can rest on when it is sent: what is known by then of its people, its payers and its matter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from services.notification.matters import ABOUT_A_PAUSE, matter_of
from services.notification.store import (
    CLIENT_PLANS,
    CONFIRMATIONS,
    LAST_WORDS,
    PAUSES,
    PAYERS,
    PROVIDERS,
    RECIPIENTS,
    ClientPlan,
    LastWord,
    LetterRow,
    Pause,
    Payer,
    Provider,
    Recipient,
    rows_where,
)
from shared.database.postgres import Connection

_PAYER_FIELDS = ("payer_id", "primary_payer_id", "awaited_payer_id", "named_by")


@dataclass(frozen=True)
class Known:
    """What is known of the people and payers of a letter, and when an earlier letter on the same cost went out.

    `confirmed` is the day of the client's last answer to each payer, `accepted` when it came to count. `last_word` is
    the last one on the letter's matter. `pause_untold`: letters about the pause were asked for, and none is out.
    """

    recipient: Recipient | None
    plans: Mapping[str, ClientPlan]
    payers: Mapping[str, Payer]
    provider: Provider | None
    corrects_letter_of: date | None
    pause: Pause | None = None
    confirmed: Mapping[str, date] = field(default_factory=dict[str, date])
    accepted: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    last_word: LastWord | None = None
    pause_untold: bool = False


async def known_of(connection: Connection, rows: Sequence[LetterRow]) -> dict[str, Known]:
    """What is known of the people and payers of each letter, by letter id."""
    clients = sorted({row.client_id for row in rows})
    if not clients:
        return {}
    of_them = "client_id = any($1)"
    people = {person.client_id: person for person in await rows_where(connection, RECIPIENTS, of_them, clients)}
    plans = await rows_where(connection, CLIENT_PLANS, f"{of_them} order by place", clients)
    pauses = {pause.client_id: pause for pause in await rows_where(connection, PAUSES, of_them, clients)}
    answers = await rows_where(connection, CONFIRMATIONS, of_them, clients)
    named, providing = payer_ids(rows, plans), sorted({row.provider_id for row in rows if row.provider_id})
    payers = {payer.payer_id: payer for payer in await rows_where(connection, PAYERS, "payer_id = any($1)", named)}
    providers = {
        provider.provider_id: provider
        for provider in await rows_where(connection, PROVIDERS, "provider_id = any($1)", providing)
    }
    earlier, untold = await _earlier(connection, rows), await _untold_pauses(connection, rows)
    words = {(word.client_id, word.matter): word for word in await _last_words(connection, rows)}
    return {
        row.letter_id: Known(
            recipient=people.get(row.client_id),
            plans={plan.plan_id: plan for plan in plans if plan.client_id == row.client_id},
            payers=payers,
            provider=providers.get(row.provider_id or ""),
            corrects_letter_of=earlier.get(row.letter_id),
            pause=pauses.get(row.client_id),
            last_word=words.get((row.client_id, matter_of(row.letter, row.data, row.provider_id))),
            pause_untold=(row.client_id, row.data.get("pause_id")) in untold,
            confirmed={answer.payer_id: answer.confirmed_on for answer in answers if answer.client_id == row.client_id},
            accepted={
                answer.payer_id: answer.accepted_at
                for answer in answers
                if answer.client_id == row.client_id and answer.accepted_at is not None
            },
        )
        for row in rows
    }


def payer_ids(rows: Sequence[LetterRow], plans: Sequence[ClientPlan]) -> list[str]:
    """Every payer that the letters may name."""
    named = {str(row.data.get(field)) for row in rows for field in _PAYER_FIELDS}
    issues = {
        issue["payer_id"] for row in rows for issue in [*row.data.get("issues", []), row.data.get("issue")] if issue
    }
    return sorted(named | issues | {plan.payer_id for plan in plans})


async def _earlier(connection: Connection, rows: Sequence[LetterRow]) -> dict[str, date]:
    """For letters on a corrected cost: the day of the last letter on the same session's cost."""
    corrected = [row for row in rows if row.letter.startswith("cost-final") and row.data.get("edition", 1) > 1]
    sent_on: dict[str, date] = {}
    for row in corrected:
        at = await connection.fetchval(
            "select max(ended_at) from letters where client_id = $1 and state = 'sent' and letter like 'cost-final-%'"
            " and session_id = $2 and letter_id <> $3",
            row.client_id,
            row.data["session_id"],
            row.letter_id,
        )
        if at is not None:
            sent_on[row.letter_id] = at.date()
    return sent_on


async def _last_words(connection: Connection, rows: Sequence[LetterRow]) -> list[LastWord]:
    matters = [(row.client_id, matter_of(row.letter, row.data, row.provider_id)) for row in rows]
    clients, of_them = [client for client, _ in matters], [matter for _, matter in matters]
    where = "(client_id, matter) in (select * from unnest($1::text[], $2::text[]))"
    return await rows_where(connection, LAST_WORDS, where, clients, of_them)


_UNTOLD = """
select client_id, pause_id from letters
where client_id = any($1) and letter = any($2)
group by client_id, pause_id having bool_and(state in ('ready', 'sending', 'skipped'))
"""


async def _untold_pauses(connection: Connection, rows: Sequence[LetterRow]) -> set[tuple[str, str]]:
    """The clients and pauses of which a letter was asked for, and none went out."""
    clients = [row.client_id for row in rows if row.letter == "account-unpaused"]
    if not clients:
        return set()
    records = await connection.fetch(_UNTOLD, clients, sorted(ABOUT_A_PAUSE))
    return {(record["client_id"], record["pause_id"]) for record in records}
