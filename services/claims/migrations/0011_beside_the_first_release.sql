-- 0.1.0 keeps the 837P and the decisions of a claim in columns of `claims`, this version in tables of their own (0003).
-- While both run, or after going back, each must see what the other has written. A later release drops the columns and
-- these triggers with them. Each acts on what a version itself writes, and not on what the other trigger copies.

-- From the columns, which only 0.1.0 writes, to the tables.
create function claims_from_columns() returns trigger language plpgsql as $$
begin
    if new.document is not null and (tg_op = 'INSERT' or new.document is distinct from old.document) then
        new.control := new.document ->> 'id';
        new.responsibility := coalesce(new.document ->> 'responsibility', '');
        new.lines := (
            select coalesce(jsonb_agg(jsonb_build_object('control', line -> 'control', 'procedure', line -> 'procedure',
                'modifiers', line -> 'modifiers', 'charge_cents', line -> 'charge_cents') order by place), '[]')
            from jsonb_array_elements(new.document -> 'lines') with ordinality as each (line, place)
        );
        insert into documents values (new.client_id, new.session_id, new.control, new.document)
        on conflict (client_id, session_id, control) do update set document = excluded.document;
    end if;
    if jsonb_array_length(new.decisions) > 0 and (tg_op = 'INSERT' or new.decisions is distinct from old.decisions) then
        insert into decisions
        select new.client_id, new.session_id, decision ->> 'identity', decision -> 'claim', decision -> 'header'
        from jsonb_array_elements(new.decisions) as decision
        on conflict do nothing;
    end if;
    return new;
end $$;
create trigger from_columns before insert or update on claims
    for each row when (pg_trigger_depth() = 0) execute function claims_from_columns();

-- From the tables to the columns, at the end of the transaction: by then the claim's own row is written, too.
create function document_to_column() returns trigger language plpgsql as $$
begin
    update claims set document = new.document
    where client_id = new.client_id and session_id = new.session_id and control = new.control;
    return null;
end $$;
create constraint trigger to_column after insert or update on documents deferrable initially deferred
    for each row when (pg_trigger_depth() = 0) execute function document_to_column();

create function decision_to_column() returns trigger language plpgsql as $$
begin
    update claims set decisions = decisions || jsonb_build_array(jsonb_build_object(
        'identity', new.identity, 'claim', new.claim, 'header', new.header))
    where client_id = new.client_id and session_id = new.session_id
        and postings @> jsonb_build_array(jsonb_build_object('identity', new.identity));
    return null;
end $$;
create constraint trigger to_column after insert on decisions deferrable initially deferred
    for each row when (pg_trigger_depth() = 0) execute function decision_to_column();

-- What 0.1.0 has sent since 0003 was applied, by when writers wait for this.
insert into documents
select client_id, session_id, document ->> 'id', document from claims
where document is not null and control is distinct from document ->> 'id'
on conflict do nothing;
update claims set control = document ->> 'id', responsibility = coalesce(document ->> 'responsibility', ''), lines = (
    select coalesce(jsonb_agg(jsonb_build_object('control', line -> 'control', 'procedure', line -> 'procedure',
        'modifiers', line -> 'modifiers', 'charge_cents', line -> 'charge_cents') order by place), '[]')
    from jsonb_array_elements(document -> 'lines') with ordinality as each (line, place)
) where document is not null and control is distinct from document ->> 'id';
