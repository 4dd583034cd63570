-- The day for which the session was said to have taken place; claims wait for it, and it must be the confirmed one.
alter table sessions add column completed_for date;
