-- A payer numbers a replacement anew, and goes on naming what it paid before by the old number (PLB, reversals). The
-- few claims whose payer has done so are found by every number that was posted.
create index claims_former_payer_numbers
    on claims using gin (jsonb_path_query_array(postings, '$[*].payer_claim_id'))
    where postings -> 0 ->> 'payer_claim_id' <> payer_claim_id;
