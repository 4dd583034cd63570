-- What is old enough to be forgotten is found without reading the rest.
create index sessions_date_of_service on sessions (date_of_service);
