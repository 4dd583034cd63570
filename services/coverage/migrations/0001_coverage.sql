-- What coverage knows. Keys start with the client where one is concerned, so that the tables can be sharded by it.

create table client (
    client_id       text    primary key,
    details         jsonb,
    plans           jsonb,
    entered_on      date,
    stated          jsonb   not null
);

-- One question to a payer (270) for one plan and date of service; the answer (271) echoes the trace.
create table inquiry (
    client_id       text        not null,
    trace           text        not null,
    plan_id         text        not null,
    payer_id        text        not null,
    date_of_service date        not null,
    asked_at        timestamptz not null,
    first_asked_at  timestamptz not null,
    attempt         bigint      not null,
    state           text        not null,
    primary key (client_id, trace)
);
create unique index inquiry_trace on inquiry (trace);

-- The last answer of a payer for each plan and date of service.
create table benefits (
    client_id       text        not null,
    plan_id         text        not null,
    date_of_service date        not null,
    reported_at     timestamptz not null,
    report          jsonb       not null,
    overtaken       boolean     not null,
    primary key (client_id, plan_id, date_of_service)
);

-- What a payer said of its own plan's place outside a 271.
create table statement (
    client_id       text        not null,
    plan_id         text        not null,
    role            text        not null,
    source          text        not null,
    stated_at       timestamptz not null,
    primary key (client_id, plan_id)
);

-- Every decision on the order of benefits, with its rule, its facts and what it replaced. Rows are never changed.
create table coordination (
    client_id       text        not null,
    number          bigint      not null,
    decided_at      timestamptz not null,
    from_day        date        not null,
    kind            text        not null,
    plans           jsonb       not null,
    rule            text        not null,
    sources         jsonb       not null,
    replaced        jsonb,
    missing         text,
    question        text,
    facts           jsonb       not null,
    primary key (client_id, number)
);

create table session (
    client_id       text        not null,
    session_id      text        not null,
    state           text        not null,
    provider_id     text,
    date_of_service date,
    confirmed       jsonb,
    confirmed_at    timestamptz,
    completed       boolean     not null,
    final           boolean     not null,
    decision        bigint      not null,
    cleared         jsonb,
    refused         jsonb,
    sent_plan_id    text,
    primary key (client_id, session_id)
);
create index session_undecided on session (client_id) where not final and state in ('waiting', 'cleared');
create index session_provider on session (provider_id) where not final and state in ('waiting', 'cleared');

-- One pause an account at a time, with one issue a payer.
create table pause (
    client_id       text        not null,
    pause_id        text        not null,
    paused_on       date        not null,
    paused_at       timestamptz not null,
    unpaused_at     timestamptz,
    watched         boolean     not null,
    asked_at        timestamptz,
    primary key (client_id, pause_id)
);
create unique index pause_open on pause (client_id) where unpaused_at is null;

create table issue (
    client_id        text       not null,
    pause_id         text       not null,
    payer_id         text       not null,
    plan_id          text,
    state            text       not null,
    cause            text       not null,
    codes            jsonb      not null,
    opened_on        date       not null,
    answered_at      timestamptz,
    confirmed_on     date,
    reference_number text       not null,
    representative   text       not null,
    looks            bigint     not null,
    primary key (client_id, pause_id, payer_id)
);
create index issue_not_closed on issue (opened_on) where state <> 'closed';

-- The last confirmation that counted, of each client and payer, and the yearly clock.
create table confirmation (
    client_id        text       not null,
    payer_id         text       not null,
    last_on          date       not null,
    received_at      timestamptz,
    reference_number text       not null,
    primary_named    text,
    only_one_plan    boolean    not null,
    recorded_by      text       not null,
    due_on           date,
    primary key (client_id, payer_id)
);

-- What a client has been told and must not be told again.
create table told (
    client_id       text        not null,
    subject         text        not null,
    told_on         date        not null,
    primary key (client_id, subject)
);

-- Plans that insurers name and the client never entered; the client is asked about each once.
create table named_plan (
    client_id       text        not null,
    named_by        text        not null,
    subject         text        not null,
    name            text        not null,
    payer_id        text,
    role            text,
    answered_on     date,
    primary key (client_id, named_by, subject)
);

create sequence interchange_control maxvalue 999999999 cycle;

-- Answers of payers that belong to no question of ours: kept for a person.
create table unmatched_answer (
    interchange_id  text        not null,
    trace           text        not null,
    received_at     timestamptz not null,
    primary key (interchange_id, trace)
);

create table payer (
    payer_id        text        primary key,
    listed          jsonb       not null
);

create table provider (
    provider_id     text        primary key,
    listed          jsonb       not null
);

create table credential (
    provider_id     text        not null,
    payer_id        text        not null,
    state           text        not null,
    from_day        date        not null,
    to_day          date,
    primary key (provider_id, payer_id, state, from_day)
);
