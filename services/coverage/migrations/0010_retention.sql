-- What is old enough to be forgotten is found without reading the rest.
create index inquiry_asked_at on inquiry (asked_at);
create index benefits_reported_at on benefits (reported_at);
create index named_numbers_named_at on named_numbers (named_at);
create index unmatched_answer_received_at on unmatched_answer (received_at);
create index session_date_of_service on session (date_of_service);
create index coordination_decided_at on coordination (decided_at);
create index pause_unpaused_at on pause (unpaused_at) where unpaused_at is not null;
create index told_told_on on told (told_on);
