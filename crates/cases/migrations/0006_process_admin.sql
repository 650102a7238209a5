-- Process files that were handed in and wait for publication; who published what; running cases that were moved to another version.
CREATE TABLE process_draft (
    hash TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    xml BYTEA NOT NULL,
    by_whom TEXT NOT NULL,
    uploaded_at BIGINT NOT NULL
);
CREATE TABLE process_change (
    n BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    officer_id TEXT,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    reason TEXT NOT NULL,
    leaf BYTEA NOT NULL,
    leaf_sm3 BYTEA NOT NULL,
    proof TEXT NOT NULL
) /*clustered*/;
CREATE INDEX process_change_hash ON process_change (hash);
CREATE TABLE process_migration (
    n BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    wish TEXT NOT NULL,
    from_hash TEXT NOT NULL,
    to_hash TEXT NOT NULL,
    finished_at BIGINT
) /*clustered*/;
CREATE INDEX process_migration_from ON process_migration (from_hash, n);
CREATE TABLE process_migration_case (
    n BIGINT NOT NULL,
    case_id TEXT NOT NULL,
    project_no TEXT NOT NULL,
    moved BIGINT NOT NULL,
    reasons TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (n, case_id)
) /*clustered*/;
