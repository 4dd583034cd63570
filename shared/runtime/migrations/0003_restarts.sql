-- What must outlive a restart: why the process stopped by itself, and how far the topics were handled.

-- Each time that a process stopped because of a fault that is ours: the next start waits longer.
create table stops (
    at      timestamptz not null default clock_timestamp(),
    reason  text        not null
);
create index stops_at on stops (at);

-- Up to where this database holds what the topics brought, written a moment after it was handled. A restored database
-- shows by it that Kafka has moved on since.
create table positions (
    consumer_group  text    not null,
    topic           text    not null,
    partition       integer not null,
    next_offset     bigint  not null,
    primary key (consumer_group, topic, partition)
);

-- A database that was in use before there were positions takes over those of its groups, once.
create table adopting (once boolean primary key default true);
insert into adopting select true where exists (select from inbox);
