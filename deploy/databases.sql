-- Two roles and a database for each service, its own alone: `claims_owner` owns the tables and applies the migrations
-- (`python -m services.claims migrate`), `claims` runs the service and gets rights on rows alone. Run by the superuser,
-- whose password the roles get too; running it again changes nothing.
\set ON_ERROR_STOP on
\getenv password PGPASSWORD

create temporary table service as
select unnest(array['coverage', 'claims', 'settlement', 'notification', 'payers']) as name;

create temporary table part as
select name, name as role from service
union all select name, name || '_owner' from service;

select format('create role %I login', role) from part
where not exists (select from pg_roles where rolname = role)
\gexec

select format('alter role %I password %L', role, :'password') from part
\gexec

select format('create database %I owner %I', name, name || '_owner') from service
where not exists (select from pg_database where datname = name)
\gexec

select format('revoke connect, temporary on database %I from public', name) from service
\gexec

select format('grant connect on database %I to %I, %I', name, name, name || '_owner') from service
\gexec

-- In a database of before 0.2.0 the service's own role owns everything; from now on the owner's role does.
\connect coverage
reassign owned by coverage to coverage_owner;
grant select, insert, update, delete on all tables in schema public to coverage;
\connect claims
reassign owned by claims to claims_owner;
grant select, insert, update, delete on all tables in schema public to claims;
\connect settlement
reassign owned by settlement to settlement_owner;
grant select, insert, update, delete on all tables in schema public to settlement;
\connect notification
reassign owned by notification to notification_owner;
grant select, insert, update, delete on all tables in schema public to notification;
\connect payers
reassign owned by payers to payers_owner;
grant select, insert, update, delete on all tables in schema public to payers;
