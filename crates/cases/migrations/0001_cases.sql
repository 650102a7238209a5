-- Applications, cases, their record, tasks and files. What people wrote is sealed under a data key of the case.

CREATE TABLE draft (
    id TEXT NOT NULL PRIMARY KEY,
    principal TEXT NOT NULL,
    person_id TEXT NOT NULL,
    enterprise_id TEXT,
    item_version_id TEXT NOT NULL,
    data_key BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    case_id TEXT
);
CREATE INDEX draft_principal ON draft (principal, updated_at);
CREATE INDEX draft_expiry ON draft (expires_at);

CREATE TABLE attachment (
    draft_id TEXT NOT NULL,
    material TEXT NOT NULL,
    id TEXT NOT NULL,
    sealed_name BYTEA NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    sm3 TEXT NOT NULL,
    size BIGINT NOT NULL,
    trust TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (draft_id, material, id)
) /*clustered*/;

CREATE TABLE process_definition (
    hash TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    xml BYTEA NOT NULL,
    published_at BIGINT NOT NULL
);
CREATE INDEX process_definition_name ON process_definition (name, published_at, hash);

CREATE TABLE case_file (
    id TEXT NOT NULL PRIMARY KEY,
    project_no TEXT NOT NULL,
    draft_id TEXT NOT NULL,
    item_version_id TEXT NOT NULL,
    task_code TEXT NOT NULL,
    task_name TEXT NOT NULL,
    organ_id TEXT NOT NULL,
    organ_name TEXT NOT NULL,
    organs TEXT NOT NULL,
    principal TEXT NOT NULL,
    person_id TEXT NOT NULL,
    enterprise_id TEXT,
    applyer_masked TEXT NOT NULL,
    state TEXT NOT NULL,
    state_code BIGINT NOT NULL,
    is_open BIGINT NOT NULL,
    clock TEXT NOT NULL,
    promise_due TEXT,
    process_hash TEXT NOT NULL,
    process_state TEXT NOT NULL,
    data_key BYTEA NOT NULL,
    sealed_key BYTEA NOT NULL,
    event_n BIGINT NOT NULL,
    prev BYTEA NOT NULL,
    prev_sm3 BYTEA NOT NULL,
    apply_channel BIGINT NOT NULL,
    submitted_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE UNIQUE INDEX case_project_no ON case_file (project_no);
CREATE INDEX case_principal ON case_file (principal, id);
CREATE INDEX case_open_due ON case_file (is_open, promise_due);

-- The application as submitted: form answers with their sources, and the applicant. Draft and files stay in their own rows.
CREATE TABLE case_content (
    case_id TEXT NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

CREATE TABLE case_event (
    case_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    happened_at BIGINT NOT NULL,
    name TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    officer_id TEXT,
    fact TEXT NOT NULL,
    leaf BYTEA NOT NULL,
    sealed_proof BYTEA NOT NULL,
    PRIMARY KEY (case_id, seq)
) /*clustered*/;

CREATE TABLE task (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    element TEXT NOT NULL,
    name TEXT NOT NULL,
    act TEXT NOT NULL,
    post TEXT NOT NULL,
    organ_id TEXT,
    state TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    due_on TEXT,
    closed_at BIGINT,
    officer_id TEXT,
    outcome TEXT
);
CREATE INDEX task_case ON task (case_id, number);
CREATE INDEX task_inbox ON task (organ_id, post, state, due_on, opened_at);

-- Numbered official documents (文书), rendered after commit.
CREATE TABLE case_document (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    template TEXT NOT NULL,
    number TEXT NOT NULL,
    title TEXT NOT NULL,
    sha256 TEXT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX case_document_kind ON case_document (case_id, template, number);

-- Armed timers of process instances.
CREATE TABLE process_timer (
    case_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, number)
) /*clustered*/;
CREATE INDEX process_timer_due ON process_timer (due_at);
