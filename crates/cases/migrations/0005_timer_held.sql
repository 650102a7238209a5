-- Timers of suspended instances wait until the instance goes on.
ALTER TABLE process_timer ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
DROP INDEX process_timer_due;
CREATE INDEX process_timer_due ON process_timer (held, due_at);
