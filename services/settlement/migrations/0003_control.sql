-- What the statement and the nightly control need.

-- Why payouts and refunds of the session are stopped, and the balance that the client was told to owe.
alter table sessions add column stopped jsonb not null default '[]', add column due_cents bigint not null default 0;
create index sessions_by_session on sessions (session_id);
create index sessions_stopped on sessions (client_id, session_id) where stopped <> '[]';

-- A payer's name, for the statement, beside how it coordinates.
alter table payer_methods rename to payers;
alter table payers add column name text not null default '';

-- The same reason may come up again with other evidence; each time is kept.
alter table reviews drop constraint reviews_pkey, add primary key (client_id, session_id, reason, opened_at);
create index reviews_opened on reviews (opened_at);

-- Payments as the payers' remittances announce them (BPR, TRN, PLB). Written by the handler of `payment.remitted`;
-- `difference` by it and by the nightly control: why the deposits of its sessions do not come to it, or null.
create table payments_remitted (
    payer_id    text        not null,
    trace       text        not null,
    payment     jsonb       not null,
    received_at timestamptz not null,
    deposited_cents bigint,
    difference  text,
    primary key (payer_id, trace)
);
create index payments_remitted_received on payments_remitted (received_at);

-- The deposits of each payment by session; written with the session's answers, under its client's lock.
create table deposits (
    client_id   text        not null,
    session_id  text        not null,
    deposit     text        not null,
    payer_id    text        not null,
    trace       text        not null,
    cents       bigint      not null,
    primary key (client_id, session_id, deposit)
);
create index deposits_of_payment on deposits (trace, payer_id);

-- One row a night: the day whose books it closed, what it looked at and what it found.
create table controls (
    day         date        not null primary key,
    ran_at      timestamptz not null,
    sessions    bigint      not null,
    differences bigint      not null
);
