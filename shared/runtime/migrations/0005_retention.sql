-- What is old enough to be forgotten is found without reading the rest.

-- New pages of the inbox are summarized as they fill, not only by the next vacuum: what is not summarized is read.
alter index inbox_handled_at set (autosummarize = on);
create index set_aside_ended on set_aside (coalesce(settled_at, at)) where not parked;
create index latest_fact_time on latest_fact (time);
