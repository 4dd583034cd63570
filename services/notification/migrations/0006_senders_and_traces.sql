-- Which sender has the letter in hand, by the number of the lock that it holds while it lives.
alter table letters add column claimed_by bigint;
-- The trace of the event that asked for the letter (W3C trace context).
alter table letters add column traceparent text;
