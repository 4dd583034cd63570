-- When the newest of the facts that replace each other happened, by its source's own word (the CloudEvents `time`).
-- `replaces`: what of the key it is, such as a client's details.
create table latest_fact (
    key      text not null,
    replaces text not null,
    time     timestamptz not null,
    primary key (key, replaces)
);
