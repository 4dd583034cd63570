-- Every number by which a claim's payer may speak of it, beside the present one: of what it paid before it numbered a
-- replacement anew, of a decision that waits for a person, of a submission that it acknowledged. Few claims have any.
-- They are as `control_number.key` has them. This takes the place of the numbers that were posted (0014).
alter table claims add column other_payer_keys jsonb not null default '[]';
update claims set other_payer_keys = (
    select coalesce(jsonb_agg(distinct ltrim(upper(regexp_replace(number, '[^A-Za-z0-9]', '', 'g')), '0')), '[]')
    from jsonb_array_elements_text(jsonb_path_query_array(postings, '$[*].payer_claim_id')) as posted (number)
    where number <> ''
) where postings -> 0 ->> 'payer_claim_id' <> payer_claim_id;
create index claims_other_payer_keys on claims using gin (other_payer_keys) where other_payer_keys <> '[]';
drop index claims_former_payer_numbers;
