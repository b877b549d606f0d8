-- What the auditor of each minute compares: how many rows an alert decision put into the outbox, and where to look.
ALTER TABLE alerts ADD COLUMN rows INTEGER;
CREATE INDEX timers_broken ON timers (fired_at) WHERE substr(why, 1, 7) = 'failed:';
CREATE INDEX clocks_due ON clocks (due_at) WHERE state IN ('running', 'proposed');
