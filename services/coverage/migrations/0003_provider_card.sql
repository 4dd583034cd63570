-- What the search says of a provider, as JSON ready to be sent: a page of results is put together from these texts.
create function provider_card(listed jsonb) returns text language sql immutable strict parallel safe as $$
    select json_build_object(
        'provider_id', listed->'provider_id',
        'first_name', listed->'first_name',
        'last_name', listed->'last_name',
        'npi', listed->'npi',
        'taxonomy', listed->'taxonomy',
        'city', listed->'address'->'city',
        'states', listed->'states')::text
$$;

alter table provider add column card text not null generated always as (provider_card(listed)) stored;
