-- What is old enough to be forgotten is found without reading the rest.
create index interchanges_at on interchanges (at);
create index mentions_interchange on mentions (interchange_id);
create index work_queue_resolved on work_queue (resolved_at) where resolved_at is not null and evidence <> '{}';
