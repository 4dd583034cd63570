-- When the cost was last told: what changes it a moment later is told when that moment is over. Null: told by a version
-- that did not keep it, or not yet.
alter table sessions add column told_at timestamptz;
