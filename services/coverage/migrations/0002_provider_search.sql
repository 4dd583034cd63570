-- The search by plans walks the providers of one payer and state in the order of their ids, a window at a time.
create index credential_search on credential (payer_id, state, provider_id) include (from_day, to_day);

-- Providers by the beginning of a name.
create index provider_last_name on provider (lower(listed->>'last_name') text_pattern_ops);
create index provider_first_name on provider (lower(listed->>'first_name') text_pattern_ops);

-- Facts of the directory that contradict others: kept for a person, and looked at again when those others change.
create table refused_fact (
    key             text        primary key,
    scope           text        not null,
    reason          text        not null,
    fact            jsonb       not null,
    refused_at      timestamptz not null
);
create index refused_fact_scope on refused_fact (scope);
