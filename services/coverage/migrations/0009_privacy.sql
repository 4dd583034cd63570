-- Diagnoses are not kept: no rule of coverage reads one. The version before expects one in the row: R69 says nothing.
update session set confirmed = jsonb_set(confirmed, '{diagnoses}', '["R69"]')
where confirmed is not null and confirmed -> 'diagnoses' <> '["R69"]';

-- The member ids under which a payer's answer names other plans, in the order in which its event names them: the rules
-- need them to tell which plan is meant, and the event, which other services read, does not carry them.
create table named_numbers (
    client_id   text        not null,
    trace       text        not null,
    member_ids  jsonb       not null,
    named_at    timestamptz not null,
    primary key (client_id, trace)
);
