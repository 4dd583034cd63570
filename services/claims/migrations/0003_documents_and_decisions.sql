-- The 837P of each submission and each decision in full are read only to build another claim. In tables of their own a
-- posting neither reads nor writes them: a claim keeps its last number and its lines. The old columns stay, for
-- replicas of the version before, until a later migration drops them.
create table documents (
    client_id   text    not null,
    session_id  text    not null,
    control     text    not null,
    document    jsonb   not null,
    primary key (client_id, session_id, control)
);
create table decisions (
    client_id   text    not null,
    session_id  text    not null,
    identity    text    not null,
    claim       jsonb   not null,
    header      jsonb   not null,
    primary key (client_id, session_id, identity)
);
insert into documents
select distinct on (client_id, session_id, document ->> 'id') client_id, session_id, document ->> 'id', document
from claims where document is not null;
insert into decisions
select distinct on (client_id, session_id, identity) client_id, session_id, decision ->> 'identity' as identity,
    decision -> 'claim', decision -> 'header'
from claims cross join jsonb_array_elements(decisions) as decision;

alter table claims
    add column control text not null default '',
    add column responsibility text not null default '',
    add column lines jsonb not null default '[]',
    alter column decisions set default '[]';
update claims set control = document ->> 'id', responsibility = document ->> 'responsibility', lines = (
    select jsonb_agg(jsonb_build_object('control', line -> 'control', 'procedure', line -> 'procedure',
        'modifiers', line -> 'modifiers', 'charge_cents', line -> 'charge_cents') order by place)
    from jsonb_array_elements(document -> 'lines') with ordinality as each (line, place)
) where document is not null;
