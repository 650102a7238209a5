-- Changes of the working-day calendar: who, when, why, by which document. The text after each change is kept whole.
CREATE TABLE calendar_change (
    n BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    officer_id TEXT,
    operation TEXT NOT NULL,
    year BIGINT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    days TEXT NOT NULL,
    moved TEXT NOT NULL,
    after_text TEXT NOT NULL,
    leaf BYTEA NOT NULL,
    leaf_sm3 BYTEA NOT NULL,
    proof TEXT NOT NULL
) /*clustered*/;
