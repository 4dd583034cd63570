-- What is old enough to be forgotten is found without reading the rest. Dates of events are text, YYYY-MM-DD.
create index sessions_service_on on sessions ((confirmed ->> 'date_of_service'));
create index work_queue_closed on work_queue (resolved_at) where resolved_at is not null;
