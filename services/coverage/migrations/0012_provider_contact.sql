-- The search leads on: to the provider's number, page and bookings, where the directory gives them. What it does not give
-- is left out, so that the cards of rows of before stay right and the table is not written anew.
create or replace function provider_card(listed jsonb) returns text language sql immutable strict parallel safe as $$
    select json_strip_nulls(json_build_object(
        'provider_id', listed->'provider_id',
        'first_name', listed->'first_name',
        'last_name', listed->'last_name',
        'npi', listed->'npi',
        'taxonomy', listed->'taxonomy',
        'city', listed->'address'->'city',
        'states', listed->'states',
        'phone', listed->'phone',
        'profile_url', listed->'profile_url',
        'booking_url', listed->'booking_url'))::text
$$;
