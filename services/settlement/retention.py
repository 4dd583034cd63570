"""How long settlement keeps what its ledger rests on; the postings themselves are never deleted.

All of it is ids and amounts. What still waits for money or a person is kept, however old.
"""

from shared.runtime.forgetting.retention import Retained, with_dependents

_SESSIONS = with_dependents(
    "ledger_days",
    "select client_id, session_id from sessions as old"
    " where date_of_service < ($1::timestamptz)::date and final_cost_cents is not null and stopped = '[]'"
    " and due_cents = 0 and not exists (select from reviews as open where open.client_id = old.client_id"
    " and open.session_id = old.session_id and open.closed_at is null) limit $2 for update skip locked",
    of="sessions",
    key=("client_id", "session_id"),
    tables=("deposits", "reviews"),
)
_PAYMENTS = Retained(
    "ledger_days",
    "delete from payments_remitted where (payer_id, trace) in (select payer_id, trace from payments_remitted"
    " where received_at < $1 and difference is null limit $2 for update skip locked)",
)
_CONTROLS = Retained(
    "ledger_days",
    "delete from controls where day in (select day from controls where day < ($1::timestamptz)::date limit $2)",
)

RETAINED = (_SESSIONS, _PAYMENTS, _CONTROLS)
