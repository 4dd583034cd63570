-- What was last said of a session: whose answers are awaited, and which decisions settle the cost.
create table answers_awaited (
    client_id   text    not null,
    session_id  text    not null,
    version     bigint  not null,
    decision    bigint  not null,
    awaited     jsonb   not null,
    not_awaited jsonb   not null,
    posted      jsonb   not null,
    current     jsonb   not null,
    primary key (client_id, session_id)
);
-- What each submission carried, so that an answer is judged against the claim that it answers, and not against the
-- order and the figures of a later day. Unknown (null) for what went out before.
alter table control_numbers
    add column plan_order jsonb,
    add column built_on jsonb;
