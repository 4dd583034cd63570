"""How long coverage keeps what payers answered and what it decided; `docs/operating/retention.md` says why."""

from shared.runtime.forgetting.retention import Retained, of_idle_clients, with_dependents


def _aged(days: str, table: str, key: str, ended: str, moment: str = "$1") -> Retained:
    """The rows of `table` that ended, by its column or columns `ended`, before the moment."""
    chosen = f"select {key} from {table} where {ended} < {moment} limit $2 for update skip locked"
    return Retained(days, f"delete from {table} where ({key}) in ({chosen})")


_DAY = "($1::timestamptz)::date"
_ANSWERS = (
    _aged("evidence_days", "inquiry", "client_id, trace", "asked_at"),
    _aged("evidence_days", "benefits", "client_id, plan_id, date_of_service", "reported_at"),
    _aged("evidence_days", "named_numbers", "client_id, trace", "named_at"),
    _aged("evidence_days", "unmatched_answer", "interchange_id, trace", "received_at"),
)
_PAUSES = with_dependents(
    "record_days",
    "select client_id, pause_id from pause where unpaused_at < $1 limit $2 for update skip locked",
    of="pause",
    key=("client_id", "pause_id"),
    tables=("issue",),
)
_DECISIONS = Retained(
    "record_days",
    "delete from coordination where (client_id, number) in (select client_id, number from coordination as old"
    " where decided_at < $1 and exists"
    " (select from coordination as newer where newer.client_id = old.client_id and newer.number > old.number)"
    " limit $2 for update skip locked)",
)
"""The present decision on a client's plans is kept, however old: sessions still go by it."""

_DATED = "(select client_id from session where date_of_service is not null)"
"""A session that was cancelled before it was confirmed has no day by which it could end."""

OF_CLIENT = (
    "client",
    "inquiry",
    "benefits",
    "named_numbers",
    "statement",
    "coordination",
    "session",
    "pause",
    "issue",
    "confirmation",
    "named_plan",
    "told",
    "erasure",
)
"""The tables with rows of a client, beside the links that do not open any more."""

RETAINED = (
    *_ANSWERS,
    _aged("record_days", "session", "client_id, session_id", "date_of_service", _DAY),
    _DECISIONS,
    _PAUSES,
    _aged("record_days", "told", "client_id, subject", "told_on", _DAY),
    of_idle_clients("record_days", (*OF_CLIENT, "link_versions", "timers"), last=_DATED),
)
