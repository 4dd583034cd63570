"""How long claims keeps what payers and we sent each other, and what became of each session.

Payers take claims up to a year after the session or the primary's decision, appeals after that, and take payments back
for two years or so. What still waits for a person is kept until it is resolved, however old.
"""

from shared.runtime.forgetting.retention import Retained, of_idle_clients, with_dependents

_INTERCHANGES = Retained(
    "evidence_days",
    "with gone as (select interchange_id from interchanges where at < $1 order by at limit $2 for update skip locked),"
    " unmentioned as (delete from mentions using gone where mentions.interchange_id = gone.interchange_id)"
    " delete from interchanges using gone where interchanges.interchange_id = gone.interchange_id",
    at_a_time=50,  # each may be 10 MB, and mention 5,000 claims
)
_EVIDENCE = Retained(
    "evidence_days",
    "update work_queue set evidence = '{}' where (client_id, item_id) in (select client_id, item_id from work_queue"
    " where resolved_at < $1 and evidence <> '{}' limit $2 for update skip locked)",
)
"""That something was resolved, by whom and why, stays; the remittance that was its evidence goes."""

OF_SESSION = (
    "claims",
    "control_numbers",
    "documents",
    "decisions",
    "history",
    "answers_awaited",
    "provider_adjustments",
)
"""The tables with rows of a session, beside `sessions`."""

_SESSIONS = with_dependents(
    "record_days",
    "select client_id, session_id from sessions as old"
    " where service_on < ($1::timestamptz)::date and not exists"
    " (select from work_queue as item where item.client_id = old.client_id and item.session_id = old.session_id"
    " and item.resolved_at is null) limit $2 for update skip locked",
    of="sessions",
    key=("client_id", "session_id"),
    tables=OF_SESSION,
    at_a_time=100,
)
"""Seven years after the session the claims, their documents, the decisions and the history go together."""

_DATED = "(select client_id from sessions where confirmed is not null)"
"""A session that was cancelled before it was confirmed has no day by which it could end; nothing was billed for it."""

_RESOLVED = Retained(
    "record_days",
    "delete from work_queue where (client_id, item_id) in (select client_id, item_id from work_queue"
    " where resolved_at < $1 limit $2 for update skip locked)",
)

RETAINED = (
    _INTERCHANGES,
    _EVIDENCE,
    _SESSIONS,
    _RESOLVED,
    of_idle_clients("record_days", ("clients", "plans", "sessions", "timers"), last=_DATED),
)
