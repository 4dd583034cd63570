-- A role and a database for each service, its own alone. Run by the superuser, whose password the roles get too;
-- running it again changes nothing.
\set ON_ERROR_STOP on
\getenv password PGPASSWORD

create temporary table service as
select unnest(array['coverage', 'claims', 'settlement', 'notification', 'payers']) as name;

select format('create role %I login', name) from service
where not exists (select from pg_roles where rolname = name)
\gexec

select format('alter role %I password %L', name, :'password') from service
\gexec

select format('create database %I owner %I', name, name) from service
where not exists (select from pg_database where datname = name)
\gexec

select format('revoke connect, temporary on database %I from public', name) from service
\gexec
