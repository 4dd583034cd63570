-- What claims are made of: sessions as they happened, clients, plans, and the directory.
create table sessions (
    client_id   text    not null,
    session_id  text    not null,
    base        text    not null,
    confirmed   jsonb,
    completed   boolean not null,
    cancelled   boolean not null,
    cleared     jsonb,
    refused     boolean not null,
    primary key (client_id, session_id)
);
create unique index sessions_base on sessions (base);

create table clients (
    client_id          text not null primary key,
    details            jsonb,
    pause_id           text,
    paused_on          date,
    undetermined_since date
);
create table plans (
    client_id   text    not null,
    plan_id     text    not null,
    plan        jsonb   not null,
    primary key (client_id, plan_id)
);
create table payers (
    payer_id    text    not null primary key,
    listed      jsonb   not null
);
create table providers (
    provider_id text    not null primary key,
    listed      jsonb   not null
);

-- One claim a session and payer level; `document` is the 837P as it last went out, `postings` what payers decided.
create table claims (
    client_id       text    not null,
    session_id      text    not null,
    role            bigint  not null,
    plan_id         text    not null,
    payer_id        text    not null,
    state           text    not null,
    reason          text,
    submission      bigint  not null,
    document        jsonb,
    payer_claim_id  text    not null,
    postings        jsonb   not null,
    decisions       jsonb       not null,
    answer          text,
    crossover       text    not null,
    complete        boolean not null,
    told            jsonb   not null,
    sent_on         date,
    decided_on      date,
    forwarded_on    date,
    service_on      date    not null,
    charge_cents    bigint  not null,
    tries           bigint  not null,
    asked           bigint  not null,
    asked_on        date,
    changes         bigint      not null,
    primary key (client_id, session_id, role)
);
create index claims_payer_claim_id on claims (payer_id, payer_claim_id) where payer_claim_id <> '';
create index claims_service on claims (service_on, charge_cents);
create index claims_state on claims (state, sent_on);

-- Every control number that ever went out, in the spelling that payers' changes don't touch, and its interchange.
create table control_numbers (
    client_id   text    not null,
    session_id  text    not null,
    role        bigint  not null,
    control     text    not null,
    key         text    not null,
    interchange bigint  not null,
    frequency   text    not null,
    primary key (client_id, session_id, control)
);
create index control_numbers_key on control_numbers (key);
create index control_numbers_interchange on control_numbers (interchange);
create sequence interchange_numbers maxvalue 999999999 cycle;

-- Every change of a claim: from what to what, why, when, by which message.
create table history (
    client_id   text        not null,
    session_id  text        not null,
    role        bigint      not null,
    number      bigint      not null,
    before      text        not null,
    cause       text        not null,
    after       text        not null,
    arrival     text        not null,
    at          timestamptz not null,
    message_id  text        not null,
    detail      text        not null,
    primary key (client_id, session_id, role, number)
);

-- The work queue: what waits for a person, as it came, with the evidence; resolving is audited.
create table work_queue (
    client_id   text        not null,
    item_id     text        not null,
    session_id  text,
    reason      text        not null,
    suggestion  text        not null,
    evidence    jsonb       not null,
    opened_at   timestamptz not null,
    resolved_at timestamptz,
    resolved_by text,
    resolved_why text,
    primary key (client_id, item_id)
);
create index work_queue_open on work_queue (reason, opened_at) where resolved_at is null;
