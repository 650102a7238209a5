-- Steps that a system of the organ owns (分建): announced to it, looked at and reported on by it.
CREATE TABLE outside_step (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    -- 'task' or 'work', and its number within the instance.
    kind TEXT NOT NULL,
    number BIGINT NOT NULL,
    element TEXT NOT NULL,
    name TEXT NOT NULL,
    act TEXT NOT NULL,
    organ_id TEXT NOT NULL,
    system TEXT NOT NULL,
    -- What its report may set and what it may see: JSON lists of names.
    sets TEXT NOT NULL,
    shows TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    -- An answer is due by then; afterwards there is an incident.
    due_at BIGINT NOT NULL,
    late BIGINT NOT NULL,
    accepted_at BIGINT,
    reports BIGINT NOT NULL,
    closed_at BIGINT,
    outcome TEXT
) /*clustered*/;
CREATE UNIQUE INDEX outside_step_place ON outside_step (case_id, kind, number);
CREATE INDEX outside_step_open ON outside_step (closed_at, id);

-- Messages from outside, each taken once: its source and id name it for ever.
CREATE TABLE message_in (
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    name TEXT NOT NULL,
    message_key TEXT NOT NULL,
    organ_id TEXT NOT NULL,
    -- What its sender was told, and is told again for a repeat: 'taken' or 'kept'.
    answer TEXT NOT NULL,
    -- 'taken', 'kept' until somebody waits for it, 'expired'.
    state TEXT NOT NULL,
    case_id TEXT,
    received_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- The variables, sealed; NULL once they are no longer needed.
    data_key BYTEA,
    sealed BYTEA,
    PRIMARY KEY (source, id)
) /*clustered*/;
CREATE INDEX message_in_kept ON message_in (state, name, message_key);
