-- Why the last list of plans could not be taken, until one is: a session that waits for plans is refused with it.
alter table client add column plans_refused text;
