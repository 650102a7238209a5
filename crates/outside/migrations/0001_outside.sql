-- Systems of organs (外部系统), what is told to them, and who changed their registration.
CREATE TABLE outside_system (
    id TEXT NOT NULL PRIMARY KEY,
    -- The name under which process definitions and signed requests know it; never given to another.
    code TEXT NOT NULL,
    organ_id TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    -- JSON list of the events it wants to be told.
    events TEXT NOT NULL,
    -- 'active', 'paused' by hand, 'disabled' after long failure.
    state TEXT NOT NULL,
    failing_since BIGINT,
    note TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- The keys, both ways, sealed.
    data_key BYTEA NOT NULL,
    sealed BYTEA NOT NULL
) /*clustered*/;
CREATE UNIQUE INDEX outside_system_code ON outside_system (code);
CREATE INDEX outside_system_organ ON outside_system (organ_id, id);

CREATE TABLE outside_delivery (
    id TEXT NOT NULL PRIMARY KEY,
    system_id TEXT NOT NULL,
    -- The order in which a system is told; within one case it is kept.
    n BIGINT NOT NULL,
    -- 'webhook-id': the same for every try and every replay.
    message TEXT NOT NULL,
    -- '' for the first way of a message, then the number of the replay.
    replay TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- 办件编号; '' for a test.
    subject TEXT NOT NULL,
    step_id TEXT,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- 'waiting', 'done', 'failed'.
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_at BIGINT,
    status BIGINT,
    error TEXT
) /*clustered*/;
CREATE UNIQUE INDEX outside_delivery_message ON outside_delivery (system_id, message, replay);
CREATE INDEX outside_delivery_due ON outside_delivery (state, due_at);
CREATE INDEX outside_delivery_order ON outside_delivery (system_id, subject, n);

CREATE TABLE outside_change (
    n BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    system_id TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    what TEXT NOT NULL,
    leaf BYTEA NOT NULL,
    leaf_sm3 BYTEA NOT NULL,
    proof TEXT NOT NULL
) /*clustered*/;
