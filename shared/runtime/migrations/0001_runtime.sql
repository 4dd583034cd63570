-- What the runtime keeps in every service's own database.

-- Events already handled: the same id a second time changes nothing. Purged only past the topics' retention.
create table inbox (
    key         text        not null,
    source      text        not null,
    id          text        not null,
    handled_at  timestamptz not null default clock_timestamp(),
    primary key (key, source, id)
);
create index inbox_handled_at on inbox using brin (handled_at);

-- Events to publish, in the order of their ids; deleted once the broker has acknowledged them.
create table outbox (
    id          bigint generated always as identity primary key,
    slot        smallint    not null,
    topic       text        not null,
    key         text        not null,
    value       bytea       not null,
    headers     text,
    written_at  timestamptz not null default clock_timestamp()
);

-- What falls due: handled like an event once its time has come.
create table timers (
    client_id   text        not null,
    name        text        not null,
    subject     text        not null,
    due_at      timestamptz not null,
    data        jsonb       not null,
    primary key (client_id, name, subject)
);
create index timers_due_at on timers (due_at);

-- Messages that were set aside. `parked`: an earlier message of its key failed, or itself did; they wait in order
-- until the key is released. Not parked: it can never be read, and is kept as evidence.
create table set_aside (
    id          bigint generated always as identity primary key,
    key         text        not null,
    parked      boolean     not null,
    topic       text        not null,
    value       bytea,
    headers     text        not null,
    origin      text        not null unique,
    reason      text        not null,
    at          timestamptz not null default clock_timestamp()
);
create index set_aside_key on set_aside (key) where parked;
