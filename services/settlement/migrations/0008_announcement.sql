-- What became of the letter that announces a balance: awaited, sent, or why the client did not get it. Null: announced
-- by a version that did not look.
alter table sessions add column announcement text;
