-- Letters whose facts are old enough to be forgotten are found without reading the rest.
create index letters_with_facts on letters (ended_at) where data <> '{}';
