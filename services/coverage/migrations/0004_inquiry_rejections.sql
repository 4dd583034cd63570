-- What a payer gave instead of an answer (AAA): it is shown, and replaces no answer of before.
alter table inquiry add column rejections jsonb not null default '[]';
