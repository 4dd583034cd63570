"""How long notification keeps what a letter said, that it went out, and whom it knows.

That a letter went out, when and what became of it stays as the record; its facts (amounts, insurers, dates) go.
"""

from shared.runtime.forgetting.retention import Retained, of_idle_clients

_FACTS = Retained(
    "letter_facts_days",
    "update letters set data = '{}' where (client_id, letter_id) in (select client_id, letter_id from letters"
    " where ended_at < $1 and data <> '{}' limit $2 for update skip locked)",
)

_LETTERS = Retained(
    "record_days",
    "with gone as (select client_id, letter_id from letters where ended_at < $1 limit $2 for update skip locked),"
    " words as (delete from last_words using gone"
    " where last_words.client_id = gone.client_id and last_words.letter_id = gone.letter_id)"
    " delete from letters using gone where letters.client_id = gone.client_id and letters.letter_id = gone.letter_id",
)
OF_CLIENT = ("recipients", "client_plans", "pauses", "confirmations", "last_words")
"""The tables with what is known of a client; letters end by themselves."""

RETAINED = (_FACTS, _LETTERS, of_idle_clients("record_days", (*OF_CLIENT, "timers"), last="letters"))
