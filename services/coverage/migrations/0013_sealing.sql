-- What is personal may be sealed from now on, and no SQL looks inside it: the payers of a client's plans, by which clients
-- are found, have a column of their own. The version before, which may run beside, writes only the plans: it is filled
-- from them.
alter table client add column payer_ids jsonb not null default '[]';
create function payers_of_plans() returns trigger language plpgsql as $$
begin
    new.payer_ids := (
        select coalesce(jsonb_agg(distinct payer_id), '[]') from (
            select plan from jsonb_array_elements(
                case when jsonb_typeof(new.plans) = 'array' then new.plans else '[]' end) as plan
            union all
            select former -> 'plan' from jsonb_array_elements(new.former) as former
        ) as listed
        cross join lateral (
            select plan ->> 'payer_id' as payer_id
            union all
            select care ->> 'payer_id' from jsonb_array_elements(
                case when jsonb_typeof(plan -> 'care_payers') = 'array' then plan -> 'care_payers' else '[]' end) as care
        ) as payers
        where payer_id is not null
    );
    return new;
end $$;
create trigger payers_of_plans before insert or update of plans, former on client
    for each row when (
        jsonb_typeof(new.former) = 'array' and (new.plans is null or jsonb_typeof(new.plans) in ('array', 'null'))
    ) execute function payers_of_plans();
update client set plans = plans where plans is not null;
