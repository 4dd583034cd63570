-- Grows where the links in older letters must not open any more: another address, no letters, or staff.
alter table recipients add column link_version bigint not null default 0;
-- Whom the client is to call while the account is paused.
alter table pauses add column issues jsonb not null default '[]';
