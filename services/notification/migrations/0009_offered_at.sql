-- When the letter was first offered to the mail server: for how long it is tried counts from there.
alter table letters add column offered_at timestamptz;
