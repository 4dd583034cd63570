"""The metrics of the runtime, for Prometheus. Labels are ids of topics, types and groups, never of people."""

from prometheus_client import Counter, Gauge, Histogram

_QUICK = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)

HANDLED = Counter("handled_total", "Events handled", ["type"])
REPEATED = Counter("repeated_total", "Events that came again and were dropped by the inbox", ["topic"])
SKIPPED = Counter("skipped_total", "Events of a type that this version does not know", ["topic"])
BATCH_SECONDS = Histogram("batch_seconds", "Handling of one poll's batch, commit included", buckets=_QUICK)
COMMIT_SECONDS = Histogram("commit_seconds", "The commit of a batch's transaction", buckets=_QUICK)
RETRIES = Counter("retries_total", "Batches tried again after a passing failure", ["topic"])
REBALANCES = Counter("rebalances_total", "Rebalances of a consumer group", ["group"])
LAG = Gauge("consumer_lag", "Messages not yet handled", ["group", "topic", "partition"])
SET_ASIDE = Counter("set_aside_total", "Messages set aside", ["topic", "parked"])
PARKED_KEYS = Gauge("parked_keys", "Keys whose messages wait for a release")
DEAD_LETTERS = Gauge("dead_letters", "Messages and timers set aside that nobody has settled yet", ["topic"])
BROKER_ANSWERS = Gauge("broker_answers", "1 while a broker answers, 0 while none does")
TOPICS_MISSING = Gauge("topics_missing", "Topics of the service that have vanished")
OUTBOX_AGE = Gauge("outbox_age_seconds", "Age of the oldest event not yet published")
PUBLISHED = Counter("published_total", "Events that the broker has acknowledged", ["topic"])
BACKUP_AGE = Gauge("backup_age_seconds", "Age of the last back-up that was noted; of the database where none was")
ARCHIVE_FAILS = Gauge("log_archive_fails", "1 while PostgreSQL's last try to archive its log failed")
PLAIN_LEFT = Gauge("plain_values_left", "1 while a data key seals what is written and what was stored before is plain")
TIMERS_FIRED = Counter("timers_fired_total", "Timers handled", ["name"])
POOL_USED = Gauge("database_connections_used", "Connections of the pool in use")
POOL_MOST = Gauge("database_connections_most", "Connections that the pool may open")
WAITING_FOR_PERSON = Gauge("waiting_for_person", "Items that wait for a person", ["reason"])
OPEN_ISSUE_DAYS = Gauge("open_issue_age_days", "Age of the oldest open coordination issue")
