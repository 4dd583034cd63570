-- Plans that a later list of plans left out, with the day on which it did: they still count on the dates before it.
alter table client add column former jsonb not null default '[]';

-- Since when a plan is in the client's list; none stated: since the first list, or longer than this is kept.
alter table client add column entered_since jsonb not null default '{}';
