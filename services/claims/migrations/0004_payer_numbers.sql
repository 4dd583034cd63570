-- The payer's claim number comes back in another case or with other hyphens than it was given: found all the same.
create index claims_payer_claim_key
    on claims (payer_id, ltrim(upper(regexp_replace(payer_claim_id, '[^A-Za-z0-9]', '', 'g')), '0'))
    where payer_claim_id <> '';
drop index claims_payer_claim_id;
