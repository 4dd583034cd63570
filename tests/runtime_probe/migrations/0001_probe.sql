-- What the probe remembers of each client and session.
create table seen (
    client_id   text    not null,
    session_id  text    not null,
    times       bigint  not null,
    place       bigint  not null,
    lines       jsonb   not null,
    primary key (client_id, session_id)
);
create table halves (
    client_id   text    not null primary key,
    registered  boolean not null,
    confirmed   boolean not null
);
