"""How long notification keeps what a letter said: while somebody may ask for it to be sent again.

That a letter went out, when and what became of it stays as the record; its facts (amounts, insurers, dates) go.
"""

from shared.runtime.retention import Retained

_FACTS = Retained(
    "letter_facts_days",
    "update letters set data = '{}' where (client_id, letter_id) in (select client_id, letter_id from letters"
    " where ended_at < $1 and data <> '{}' limit $2 for update skip locked)",
)

RETAINED = (_FACTS,)
