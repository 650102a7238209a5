-- Who there is, what they may be held to, and who is logged in. Personal data is sealed (see storage::Vault).

CREATE TABLE organ (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    short_name TEXT NOT NULL,
    division TEXT NOT NULL,
    phone TEXT
);
CREATE UNIQUE INDEX organ_code ON organ (code);

CREATE TABLE officer (
    id TEXT NOT NULL PRIMARY KEY,
    organ_id TEXT NOT NULL REFERENCES organ (id),
    staff_no TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL
);
CREATE UNIQUE INDEX officer_staff_no ON officer (staff_no);
CREATE INDEX officer_organ ON officer (organ_id);

CREATE TABLE officer_post (
    officer_id TEXT NOT NULL REFERENCES officer (id),
    post TEXT NOT NULL,
    PRIMARY KEY (officer_id, post)
) /*clustered*/;

CREATE TABLE person (
    id TEXT NOT NULL PRIMARY KEY,
    document_index TEXT NOT NULL,
    masked_name TEXT NOT NULL,
    real_level BIGINT NOT NULL,
    data_key BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX person_document ON person (document_index);

CREATE TABLE enterprise (
    id TEXT NOT NULL PRIMARY KEY,
    uscc TEXT NOT NULL,
    name TEXT NOT NULL,
    profile TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX enterprise_uscc ON enterprise (uscc);

-- 经办授权: a person may act for an enterprise from … to.
CREATE TABLE agency (
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    valid_from TEXT NOT NULL,
    valid_to TEXT NOT NULL,
    PRIMARY KEY (enterprise_id, person_id)
) /*clustered*/;
CREATE INDEX agency_person ON agency (person_id);

CREATE TABLE credential (
    login TEXT NOT NULL PRIMARY KEY,
    holder_kind TEXT NOT NULL,
    holder_id TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    changed_at BIGINT NOT NULL
) /*clustered*/;

CREATE TABLE session (
    digest TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    holder_kind TEXT NOT NULL,
    holder_id TEXT NOT NULL,
    enterprise_id TEXT,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
) /*clustered*/;
CREATE INDEX session_holder ON session (holder_id);
CREATE INDEX session_end ON session (ends_at);

CREATE TABLE login_failure (
    login TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL
) /*clustered*/;
