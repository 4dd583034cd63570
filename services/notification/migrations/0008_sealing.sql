-- What is personal may be sealed from now on, and no SQL looks inside it: the session and the pause that a letter is about
-- have columns of their own. The version before, which may run beside, writes only the facts: they are copied.
alter table letters add column session_id text, add column pause_id text;
create function letter_is_about() returns trigger language plpgsql as $$
begin
    new.session_id := new.data ->> 'session_id';
    new.pause_id := new.data ->> 'pause_id';
    return new;
end $$;
create trigger letter_is_about before insert or update of data on letters
    for each row when (jsonb_typeof(new.data) = 'object' and new.data <> '{}') execute function letter_is_about();
update letters set data = data where data <> '{}';
