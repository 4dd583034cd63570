-- When a back-up of this database has succeeded, as the back-up job has said (`python -m services.<service> backed-up`).
create table backups (
    at        timestamptz not null default clock_timestamp() primary key,
    noted_by  text        not null
);
