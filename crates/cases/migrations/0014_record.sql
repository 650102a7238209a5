-- By what rule and since when a timer counts: NULL for a fixed moment. The index answers "what is due" in order.
ALTER TABLE process_timer ADD COLUMN rule TEXT;
ALTER TABLE process_timer ADD COLUMN since BIGINT;
DROP INDEX process_timer_due;
CREATE INDEX process_timer_due ON process_timer (held, due_at, case_id, number);
-- Exports of the record as an event log: who took what, what for, and the leaf that says so.
CREATE TABLE record_export (
    n BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    officer_id TEXT,
    wish TEXT NOT NULL,
    purpose TEXT NOT NULL,
    counts TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    leaf BYTEA NOT NULL,
    leaf_sm3 BYTEA NOT NULL,
    proof TEXT NOT NULL
) /*clustered*/;
