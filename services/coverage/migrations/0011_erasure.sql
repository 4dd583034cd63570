-- Clients who asked to be forgotten and are not yet: since when, and which open sessions upstream was told of.
create table erasure (
    client_id       text        not null primary key,
    requested_at    timestamptz not null,
    passed_on_at    timestamptz,
    waits_for       jsonb       not null
);
