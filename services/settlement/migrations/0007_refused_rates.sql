-- Rates that contradict one that is kept, until that one is corrected or withdrawn. Written by the handlers of
-- `directory`.
create table refused_rates (
    payer_id    text    not null,
    holder      text    not null,
    procedure   text    not null,
    from_day    date    not null,
    rate        jsonb   not null,
    primary key (payer_id, holder, procedure, from_day)
);
