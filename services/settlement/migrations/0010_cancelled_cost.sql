-- A cancelled session costs nothing: its cost is known, so that it waits for nobody and is kept no longer than others.
update sessions set final_cost_cents = 0 where final_cost_cents is null and facts @> '{"cancelled": true}';
