"""How long notification keeps what a letter said, that it went out, and whom it knows.

That a letter went out, when and what became of it stays as the record; its facts (amounts, insurers, dates) go.
"""

from shared.runtime.forgetting.retention import Retained, of_idle_clients, with_dependents

_FACTS = Retained(
    "letter_facts_days",
    "update letters set data = '{}' where (client_id, letter_id) in (select client_id, letter_id from letters"
    " where ended_at < $1 and data <> '{}' limit $2 for update skip locked)",
)

_LETTERS = with_dependents(
    "record_days",
    "select client_id, letter_id from letters where ended_at < $1 limit $2 for update skip locked",
    of="letters",
    key=("client_id", "letter_id"),
    tables=("last_words",),
)
OF_CLIENT = ("recipients", "client_plans", "pauses", "confirmations", "last_words")
"""The tables with what is known of a client; letters end by themselves."""

RETAINED = (_FACTS, _LETTERS, of_idle_clients("record_days", (*OF_CLIENT, "timers"), last="letters"))
