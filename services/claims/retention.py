"""How long claims keeps what payers and we sent each other: as long as an appeal or a take-back may need the proof.

Payers take claims up to a year after the session or the primary's decision, appeals after that, and take payments back
for two years or so. What still waits for a person is kept until it is resolved, however old.
"""

from shared.runtime.retention import Retained

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

RETAINED = (_INTERCHANGES, _EVIDENCE)
