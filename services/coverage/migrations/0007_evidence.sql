-- What a payer or an insurer on the phone said counts for the plans that were listed then; none kept: as before.
alter table benefits add column listed jsonb;
alter table statement add column listed jsonb;
alter table statement add column about date;
alter table confirmation add column listed jsonb;

-- The day of the payer's own report, where that is another day than the one on which the pause began.
alter table issue add column reported_on date;

-- A refused session is decided again when what was missing comes; the narrower indexes of 0001 stay for the older version.
create index session_may_change on session (client_id) where not final and state in ('waiting', 'cleared', 'refused');
create index session_provider_may_change on session (provider_id)
    where not final and state in ('waiting', 'cleared', 'refused');
