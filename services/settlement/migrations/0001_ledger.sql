-- The ledger. Written by settlement's handlers alone, through store.py; read by anyone who may see money.
--
-- A posting moves cents from the account `credit` into the account `debit`: a row can't be one-sided, so whatever is
-- stored sums to zero. An entry is the postings of one fact of one session; it is stored whole, in one statement, or
-- refused. Nothing is ever changed or deleted: a correction is a reversal, the mirror image of its entry, and the fact
-- posted again as its next generation.

create domain account as text check (value in (
    'cash', 'client_receivable', 'client_credit', 'refund_payable', 'payer_receivable_primary',
    'payer_receivable_secondary', 'payer_receivable_tertiary', 'contractual_adjustment', 'provider_payable',
    'cob_variance', 'write_off'
));

create table postings (
    client_id   text        not null,
    session_id  text        not null,
    -- The business fact, by its name within the session; the same fact can't be stored twice.
    fact        text        not null,
    generation  bigint      not null check (generation >= 0),
    reverses    boolean     not null,
    -- The how-manieth of how many postings of its entry.
    ordinal     bigint      not null check (ordinal >= 1),
    size        bigint      not null check (size between 1 and 20),
    kind        text        not null,
    debit       account     not null,
    credit      account     not null,
    cents       bigint      not null check (cents between 1 and 10000000000),
    -- The service's clock when it was posted, and the id of the message that caused it.
    posted_at   timestamptz not null,
    cause       text        not null,
    -- What balances need is in the index itself, so that a client's are read from a few pages, however many there are.
    primary key (client_id, session_id, fact, generation, reverses, ordinal)
        include (debit, credit, cents, posted_at),
    check (debit <> credit),
    check (ordinal <= size)
);
create index postings_posted_at on postings using brin (posted_at) with (pages_per_range = 16, autosummarize = on);

-- The sums of all postings up to the end of a day (UTC), written by the nightly control once the day is over, so that
-- a trial balance at any moment adds up one day's postings at most.
create table closings (
    day         date        not null,
    account     account     not null,
    debit_cents bigint      not null,
    credit_cents bigint     not null,
    primary key (day, account)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append only: % of % is refused, post a reversal instead', lower(tg_op), tg_table_name
        using errcode = 'restrict_violation';
end $$;

create trigger postings_are_never_changed before update or delete on postings
    for each row execute function refuse_change();
create trigger postings_are_never_emptied before truncate on postings
    for each statement execute function refuse_change();
create trigger closings_are_never_changed before update or delete on closings
    for each row execute function refuse_change();
create trigger closings_are_never_emptied before truncate on closings
    for each statement execute function refuse_change();

-- Every entry is whole, and every reversal takes back exactly what was posted.
create function check_entries() returns trigger language plpgsql as $$
declare
    wrong record;
begin
    select client_id, session_id, fact into wrong
    from fresh
    group by client_id, session_id, fact, generation, reverses
    having count(*) <> min(size) or min(size) <> max(size) or min(kind) <> max(kind) or min(posted_at) <> max(posted_at)
    limit 1;
    if found then
        raise exception 'entry % of session % is not whole', wrong.fact, wrong.session_id
            using errcode = 'check_violation';
    end if;
    if exists (select from fresh where reverses) then
        select back.session_id, back.fact into wrong
        from fresh as back
        left join postings as there
            on (there.client_id, there.session_id, there.fact, there.generation, there.ordinal)
             = (back.client_id, back.session_id, back.fact, back.generation, back.ordinal)
            and not there.reverses
            and (there.debit, there.credit, there.cents, there.size) = (back.credit, back.debit, back.cents, back.size)
        where back.reverses and there.fact is null
        limit 1;
        if found then
            raise exception 'the reversal of % of session % is not the mirror image of what was posted',
                wrong.fact, wrong.session_id using errcode = 'check_violation';
        end if;
    end if;
    return null;
end $$;

create trigger entries_are_whole after insert on postings
    referencing new table as fresh
    for each statement execute function check_entries();

-- Also while a replica applies changes: no setting of a session turns these off.
alter table postings enable always trigger postings_are_never_changed;
alter table postings enable always trigger postings_are_never_emptied;
alter table postings enable always trigger entries_are_whole;
alter table closings enable always trigger closings_are_never_changed;
alter table closings enable always trigger closings_are_never_emptied;

-- The balances of one session (all of them: session null) of a client, debits positive, as they were at a moment.
create function balances_of(client text, session text, at timestamptz)
returns table (account account, cents bigint) language sql stable as $$
    select side.account, sum(side.cents)::bigint
    from postings, lateral (values (debit, cents), (credit, -cents)) as side (account, cents)
    where client_id = client and (session is null or session_id = session) and posted_at <= at
    group by side.account
    having sum(side.cents) <> 0
$$;

-- Debits and credits of every account over all sessions, as they were at a moment.
create function trial_balance(at timestamptz)
returns table (account account, debit_cents bigint, credit_cents bigint) language plpgsql stable as $$
declare
    closed date := (select max(day) from closings where (day + 1)::timestamp at time zone 'UTC' <= at);
    since timestamptz := coalesce((closed + 1)::timestamp at time zone 'UTC', '-infinity');
begin
    return query
    with later as (
        select debit, credit, sum(p.cents) as cents
        from postings as p where posted_at >= since and posted_at <= at group by debit, credit
    )
    select sums.account, sum(sums.debit_cents)::bigint, sum(sums.credit_cents)::bigint
    from (
        select c.account, c.debit_cents, c.credit_cents from closings as c where c.day = closed
        union all select later.debit, later.cents, 0 from later
        union all select later.credit, 0, later.cents from later
    ) as sums
    group by sums.account;
end $$;
