-- Which plans have decided on a session's claims: they stay billed, and a plan behind them may still come in. None kept:
-- where the primary has answered, every plan that was billed counts as one that has.
alter table session add column answered jsonb;

-- A credential that is listed late is looked up in the sessions that a payer has answered, too.
create index session_provider_answered on session (provider_id, date_of_service) where final and state = 'cleared';
