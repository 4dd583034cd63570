"""For each alert a case in which it fires and one in which it does not, in promtool's notation: a sample a minute."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """Series that make an alert fire at `minute` with these labels, and series that do not."""

    fires: dict[str, str]
    quiet: dict[str, str]
    minute: int
    labels: dict[str, str]
    quiet_labels: dict[str, str] = field(default_factory=dict[str, str])


CLAIMS, NOTIFICATION = {"job": "claims"}, {"job": "notification"}
IN_GROUP = {"job": "claims", "group": "claims"}
ON_TOPIC = {"job": "claims", "topic": "sessions"}
REPLICA = {"job": "claims", "instance": "a"}
UP = {f'up{{job="{name}",instance="a"}}': "1x60" for name in ("coverage", "settlement", "notification")}
LAG, BATCHES = (
    'consumer_lag{job="claims",group="claims",topic="sessions",partition="0"}',
    'batch_seconds_count{job="claims"}',
)
SENT = 'letters_ended_total{job="notification",state="sent"}'
WAIT = 'letters_waiting{job="notification"}'
START = 'process_start_time_seconds{job="claims",instance="a"}'
RETRIES = 'retries_total{job="claims",topic="sessions"}'
PARKED = 'parked_keys{job="claims"}'
UNREAD = 'set_aside_total{job="claims",topic="sessions",parked="false"}'
USED, MOST = (f'database_connections_{word}{{job="claims",instance="a"}}' for word in ("used", "most"))
SLOW, ALL = (f'commit_seconds_bucket{{job="claims",le="{bound}"}}' for bound in ("0.5", "+Inf"))
TWO_SECONDS = 'commit_seconds_bucket{job="claims",le="2"}'
MOVES = 'rebalances_total{job="claims",group="claims"}'
MEMBER = 'group_member{job="claims",group="claims",instance="a"}'
ANSWERS = 'broker_answers{job="claims",instance="a"}'
WAITS = 'waiting_for_person{job="claims",reason="review"}'

CASES: dict[str, Case] = {
    "ServiceGone": Case(
        {**UP, 'up{job="claims",instance="a"}': "1x5 0x30"}, {**UP, 'up{job="claims",instance="a"}': "1x60"}, 10, CLAIMS
    ),
    "CrashLoop": Case({START: "100x3 200x3 300x3 400x3 500x3"}, {START: "100x3 200x20"}, 20, CLAIMS),
    "BrokerGone": Case(
        {'broker_answers{job="claims"}': "1x5 0x30"}, {'broker_answers{job="claims"}': "1x5 0 1x30"}, 10, CLAIMS
    ),
    "TopicsMissing": Case(
        {'topics_missing{job="claims"}': "0x5 2x30"}, {'topics_missing{job="claims"}': "0x40"}, 10, CLAIMS
    ),
    "NothingHandled": Case({LAG: "5x60", BATCHES: "7x60"}, {LAG: "5x60", BATCHES: "0+3x60"}, 40, IN_GROUP),
    "OutOfGroup": Case(
        {MEMBER: "1x5 0x30", ANSWERS: "1x60"}, {MEMBER: "1x5 0 1x10 0x30", ANSWERS: "1x16 0x30"}, 20, IN_GROUP
    ),
    "LagGrows": Case({LAG: "0+100x60"}, {LAG: "6000-100x60"}, 45, IN_GROUP),
    "OutboxStuck": Case(
        {'outbox_age_seconds{job="claims"}': "0+60x30"}, {'outbox_age_seconds{job="claims"}': "3x30"}, 20, CLAIMS
    ),
    "RetriesGoOn": Case({RETRIES: "0+12x60"}, {RETRIES: "0x10 1x50"}, 30, ON_TOPIC),
    "ParkedKeysGrow": Case({PARKED: "0+1x60"}, {PARKED: "50x60"}, 50, CLAIMS),
    "KeysParked": Case({PARKED: "0x5 1x30"}, {PARKED: "0x5 1x2 0x30"}, 15, CLAIMS),
    "DeadLetters": Case(
        {'dead_letters{job="claims",topic="sessions"}': "0x5 3x60"},
        {'dead_letters{job="claims",topic="sessions"}': "0x60"},
        30,
        ON_TOPIC,
    ),
    "ManyDeadLetters": Case({UNREAD: "0x20 500x20"}, {UNREAD: "0x20 5x20"}, 25, ON_TOPIC),
    "PoolUsedUp": Case({USED: "8x30", MOST: "8x30"}, {USED: "7x30", MOST: "8x30"}, 20, REPLICA),
    "CommitsSlow": Case(
        {SLOW: "0x40", TWO_SECONDS: "0+60x40", ALL: "0+60x40"},
        {SLOW: "0+60x40", TWO_SECONDS: "0+60x40", ALL: "0+60x40"},
        30,
        CLAIMS,
    ),
    "RebalancesOften": Case({MOVES: "0+1x60"}, {MOVES: "0x10 2x50"}, 40, IN_GROUP),
    "MemoryHigh": Case(
        {'process_resident_memory_bytes{job="claims",instance="a"}': "300000000x30"},
        {'process_resident_memory_bytes{job="claims",instance="a"}': "90000000x30"},
        20,
        REPLICA,
    ),
    "LettersLate": Case(
        {'letters_oldest_seconds{job="notification"}': "0+60x60"},
        {'letters_oldest_seconds{job="notification"}': "20x60"},
        45,
        NOTIFICATION,
    ),
    "MailServerAway": Case(
        {'mail_server_answers{job="notification"}': "1x5 0x30"},
        {'mail_server_answers{job="notification"}': "1x5 0x2 1x30"},
        15,
        NOTIFICATION,
    ),
    "NoMailGoesOut": Case({WAIT: "0x10 4x120", SENT: "9x130"}, {WAIT: "4x130", SENT: "0+1x130"}, 120, NOTIFICATION),
    "PayerSilent": Case(
        {'claim_unheard_days{job="claims",payer="ONE"}': "4x90"},
        {'claim_unheard_days{job="claims",payer="ONE"}': "2x90"},
        80,
        {"job": "claims", "payer": "ONE"},
    ),
    "IssueOld": Case(
        {'open_issue_age_days{job="coverage"}': "31x90"},
        {'open_issue_age_days{job="coverage"}': "12x90"},
        80,
        {"job": "coverage"},
    ),
    "WorkWaits": Case({WAITS: "1x3000"}, {WAITS: "1x2000 0 1x1000"}, 2960, {"job": "claims", "reason": "review"}),
    "PlainValuesLeft": Case(
        {'plain_values_left{job="claims"}': "0x5 1x1500"},
        {'plain_values_left{job="claims"}': "1x1400 0x100"},
        1470,
        CLAIMS,
    ),
    "BackupTooOld": Case(
        {'backup_age_seconds{job="claims"}': "93000+60x60"},
        {'backup_age_seconds{job="claims"}': "80000+60x60"},
        45,
        CLAIMS,
    ),
    "LogNotArchived": Case(
        {'log_archive_fails{job="claims"}': "0x5 1x30"}, {'log_archive_fails{job="claims"}': "0x5 1x3 0x30"}, 25, CLAIMS
    ),
}
