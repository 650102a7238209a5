-- 代办: who does the tasks in hand of an officer who is away, from … to. Rows are never deleted; an ended one keeps who ended it.
CREATE TABLE cover (
    id TEXT NOT NULL PRIMARY KEY,
    organ_id TEXT NOT NULL REFERENCES organ (id),
    absent_id TEXT NOT NULL REFERENCES officer (id),
    cover_id TEXT NOT NULL REFERENCES officer (id),
    from_on TEXT NOT NULL,
    to_on TEXT NOT NULL,
    reason TEXT NOT NULL,
    named_by TEXT NOT NULL REFERENCES officer (id),
    named_at BIGINT NOT NULL,
    basis TEXT NOT NULL,
    ended_by TEXT,
    ended_at BIGINT
);
CREATE INDEX cover_absent ON cover (absent_id, to_on);
CREATE INDEX cover_cover ON cover (cover_id, to_on);
CREATE INDEX cover_organ ON cover (organ_id);
