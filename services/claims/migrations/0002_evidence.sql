-- The interchanges as they went out and came in: what an appeal is proved with.
create table interchanges (
    interchange_id  text        not null primary key,
    direction       text        not null,
    payer_id        text        not null,
    at              timestamptz not null,
    value           bytea       not null
);

-- Which claims an interchange is about: control numbers as payers cannot change them, or `isa:<number>` for a 999.
create table mentions (
    key             text not null,
    interchange_id  text not null,
    primary key (key, interchange_id)
);

-- Money that a remittance moves outside any claim (PLB), by claim where the payer names one.
create table provider_adjustments (
    client_id       text    not null,
    adjustment_id   text    not null,
    session_id      text,
    role            bigint,
    payer_id        text    not null,
    trace           text    not null,
    movement        text    not null,
    reason          text    not null,
    reference       text    not null,
    amount_cents    bigint  not null,
    received_on     date    not null,
    primary key (client_id, adjustment_id)
);
create index provider_adjustments_session on provider_adjustments (client_id, session_id);
