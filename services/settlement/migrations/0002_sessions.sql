-- The facts of each session's money, and what was last said of them. Written by settlement's handlers.
create table sessions (
    client_id        text        not null,
    session_id       text        not null,
    provider_id      text        not null,
    date_of_service  date        not null,
    cleared          jsonb,
    facts            jsonb       not null,
    estimate         jsonb,
    happened         jsonb       not null,
    waits_for        text,
    primary_payer_id text        not null,
    edition          bigint      not null,
    final_cost_cents bigint,
    told             text        not null,
    pay_on           date,
    payout_cents     bigint,
    reviews          jsonb       not null,
    primary key (client_id, session_id)
);
create index sessions_open on sessions (client_id, primary_payer_id) where final_cost_cents is null;

-- What the directory says. Keys are the facts' identities.
create table rates (
    payer_id    text    not null,
    holder      text    not null,
    procedure   text    not null,
    from_day    date    not null,
    rate        jsonb   not null,
    primary key (payer_id, holder, procedure, from_day)
);
create table provider_groups (
    provider_id text    not null primary key,
    group_id    text
);
create table payer_methods (
    payer_id    text    not null primary key,
    method      text    not null
);

-- What waits for a person: audited, never deleted.
create table reviews (
    client_id   text        not null,
    session_id  text        not null,
    reason      text        not null,
    evidence    text        not null,
    opened_at   timestamptz not null,
    primary key (client_id, session_id, reason)
);
