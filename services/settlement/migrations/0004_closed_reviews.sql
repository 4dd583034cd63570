-- What a person has dealt with leaves the list, with who closed it and why; the row stays.
alter table reviews
    add column review_id  text,
    add column closed_at  timestamptz,
    add column closed_by  text,
    add column closed_why text;
update reviews set review_id = 'review-' || left(md5(concat_ws('|', client_id, session_id, reason, opened_at)), 12);
alter table reviews alter column review_id set not null;
create unique index reviews_id on reviews (review_id);
create index reviews_open on reviews (opened_at) where closed_at is null;
