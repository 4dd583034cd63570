-- The stand-in's files. client_id is `<payer>/<member id>/<birth date>`, except in account, awaiting and card_charge.

create table filed_claim (
    client_id text not null,
    payer_claim_id text not null,
    payer_id text not null,
    claim_id text not null,
    submitter_id text not null,
    state text not null,
    services text not null,
    received_on date not null,
    claim jsonb not null,
    crossed_over boolean not null,
    decided jsonb,
    deductible_cents bigint not null,
    out_of_pocket_cents bigint not null,
    primary key (client_id, payer_claim_id)
);
create index filed_claim_by_control on filed_claim (payer_id, claim_id);

create table member_year (
    client_id text not null,
    year bigint not null,
    deductible_cents bigint not null,
    out_of_pocket_cents bigint not null,
    primary key (client_id, year)
);

create table standing (
    client_id text primary key,
    inquiries bigint not null,
    inquiries_since_denial bigint not null,
    denied_on date
);

create table account (
    client_id text primary key,
    owed_cents bigint not null
);

create table awaiting (
    client_id text not null,
    fact text not null,
    submitter_id text not null,
    payee jsonb not null,
    claims jsonb not null,
    primary key (client_id, fact)
);

create table card_charge (
    client_id text not null,
    idempotency_key text not null,
    amount_cents bigint not null,
    primary key (client_id, idempotency_key)
);
