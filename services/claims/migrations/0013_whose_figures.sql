-- The plans whose figures `told` are: two payers may pay the same, and the claim still names the wrong one.
-- Empty where that was not kept, or was written by the release before.
alter table claims add column told_by jsonb not null default '[]';
