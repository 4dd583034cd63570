-- A database that was in use before there were positions takes over those of Kafka for a day, not once: replicas of the
-- version before may run beside, and publish without noting it. Nothing has read the table so far.
drop table adopting;
create table adopting (until timestamptz not null);
insert into adopting select now() + interval '1 day' where exists (select from inbox);
