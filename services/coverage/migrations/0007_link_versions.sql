-- The lowest version of a client's links that still opens; notification takes older ones back (links.ended).
create table link_versions (
    client_id text   not null primary key,
    version   bigint not null
);
