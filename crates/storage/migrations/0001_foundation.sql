-- What every use case needs in its own transaction. Instants are milliseconds since 1970 UTC.

CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (principal, key)
) /*clustered*/;
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE number_series (
    series TEXT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
) /*clustered*/;

CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    event TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT
) /*clustered*/;
CREATE INDEX outbox_due ON outbox (due_at, id);

CREATE TABLE dead_letter (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    event TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    buried_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT NOT NULL
) /*clustered*/;

-- The transparency log: dense from 0. The trees are pure functions of this table.
CREATE TABLE tlog_leaf (
    idx BIGINT NOT NULL PRIMARY KEY,
    leaf BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    hash_sm3 BYTEA NOT NULL,
    logged_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX tlog_leaf_hash ON tlog_leaf (hash);

-- Where many writers work at once, leaves wait here until the sequencer gives them their index.
CREATE TABLE tlog_pending (
    id TEXT NOT NULL PRIMARY KEY,
    leaf BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    hash_sm3 BYTEA NOT NULL,
    logged_at BIGINT NOT NULL
);

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL
) /*clustered*/;
