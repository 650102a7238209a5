-- Published decision files; files that wait; who published what; which version a process was published with; what was asked in cases.
CREATE TABLE decision_model (
    hash TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    xml BYTEA NOT NULL,
    published_at BIGINT NOT NULL
);
CREATE INDEX decision_model_name ON decision_model (name, published_at, hash);
CREATE TABLE decision_entry (
    hash TEXT NOT NULL,
    asked TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (hash, asked)
) /*clustered*/;
CREATE INDEX decision_entry_asked ON decision_entry (asked, name);
CREATE TABLE decision_draft (
    hash TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    xml BYTEA NOT NULL,
    by_whom TEXT NOT NULL,
    uploaded_at BIGINT NOT NULL
);
CREATE TABLE decision_change (
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
CREATE INDEX decision_change_hash ON decision_change (hash);
CREATE TABLE process_decision (
    process_hash TEXT NOT NULL,
    asked TEXT NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (process_hash, asked)
) /*clustered*/;
CREATE INDEX process_decision_name ON process_decision (name, process_hash);
CREATE TABLE case_decision (
    case_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (case_id, seq)
) /*clustered*/;
CREATE TABLE case_decision_held (
    case_id TEXT NOT NULL,
    token BIGINT NOT NULL,
    name TEXT NOT NULL,
    held_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, token)
) /*clustered*/;
CREATE INDEX case_decision_held_name ON case_decision_held (name, case_id);
