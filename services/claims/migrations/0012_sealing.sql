-- What is personal may be sealed from now on, and no SQL looks inside it: the day of a session, by which it is forgotten,
-- has a column of its own. The version before, which may run beside, writes only the confirmation: its day is copied.
alter table sessions add column service_on date;
create function service_day() returns trigger language plpgsql as $$
begin
    new.service_on := (new.confirmed ->> 'date_of_service')::date;
    return new;
end $$;
create trigger service_day before insert or update of confirmed on sessions
    for each row when (jsonb_typeof(new.confirmed) = 'object') execute function service_day();
update sessions set service_on = (confirmed ->> 'date_of_service')::date where confirmed is not null;
create index sessions_service_day on sessions (service_on);

-- 0.1.0 cannot read what is sealed: it gets no copy of that (0011).
drop trigger to_column on documents;
create constraint trigger to_column after insert or update on documents deferrable initially deferred
    for each row when (pg_trigger_depth() = 0 and jsonb_typeof(new.document) = 'object')
    execute function document_to_column();
drop trigger to_column on decisions;
create constraint trigger to_column after insert on decisions deferrable initially deferred
    for each row when (pg_trigger_depth() = 0 and jsonb_typeof(new.claim) = 'object')
    execute function decision_to_column();
