-- What is old enough to be forgotten is found without reading the rest.
create index letters_ended_at on letters (ended_at) where ended_at is not null;
