-- What an operator did about a message that was set aside, who and why. `outcome`: released or
-- skipped (parked messages, timers), read_again or dropped (dead letters).
alter table set_aside
    add column settled_at   timestamptz,
    add column settled_by   text,
    add column settled_why  text,
    add column outcome      text;

-- Until now what had been released was only no longer parked; what can never be read never was.
update set_aside set settled_at = at, outcome = 'released'
where not parked and topic <> 'timers'
    and (reason like 'the handler of %' or reason = 'waits behind a failed message');

create index set_aside_unsettled on set_aside (topic) where settled_at is null;
