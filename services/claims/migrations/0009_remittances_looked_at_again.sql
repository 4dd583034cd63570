-- A remittance of this claim waits in the work queue for another one: looked at again after the next posting.
-- The session's details were corrected after the claim went: it is to be replaced.
alter table claims
    add column remittance_waits boolean not null default false,
    add column details_corrected boolean not null default false;
