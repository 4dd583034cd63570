-- The clients that were forgotten: an opaque id, so that a late fact does not bring one back.
create table erased (
    client_id   text        not null primary key,
    erased_at   timestamptz not null
);
