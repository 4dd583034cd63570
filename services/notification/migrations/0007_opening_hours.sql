-- When the payer's member line is answered, as facts; `hours` are the directory's own words.
alter table payers add column opening jsonb;
