-- The keys that seal personal values in this database, themselves wrapped by a key that is not in it. `wrapped_by` names
-- that key. From `seals_from` on values are sealed with it; until then replicas learn of it. Written by every replica at
-- its start and by the command `seal`; never deleted: what was sealed with a key can be opened with that key alone.
create table data_keys (
    number      bigint      not null primary key,
    wrapped     bytea       not null,
    wrapped_by  text        not null,
    made_at     timestamptz not null default clock_timestamp(),
    seals_from  timestamptz not null
);
