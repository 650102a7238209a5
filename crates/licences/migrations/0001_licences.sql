-- Electronic licences. Who holds one is sealed under a data key of the licence and found again by a blind index.

CREATE TABLE licence (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    project_no TEXT NOT NULL,
    type_code TEXT NOT NULL,
    name TEXT NOT NULL,
    number TEXT NOT NULL,
    serial TEXT NOT NULL,
    holder_kind TEXT NOT NULL,
    holder_index TEXT NOT NULL,
    organ_id TEXT NOT NULL,
    issuer_code TEXT NOT NULL,
    issuer_name TEXT NOT NULL,
    state TEXT NOT NULL,
    state_code TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    version BIGINT NOT NULL,
    demo BIGINT NOT NULL,
    data_key BYTEA NOT NULL,
    sealed_key BYTEA NOT NULL,
    prev BYTEA NOT NULL,
    prev_sm3 BYTEA NOT NULL,
    file_sha256 TEXT,
    file_size BIGINT,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX licence_number ON licence (issuer_code, number);
CREATE INDEX licence_holder ON licence (holder_index, id);
CREATE INDEX licence_expiry ON licence (state_code, valid_to);

-- One licence per case: whoever gets the row issues, everybody else reads.
CREATE TABLE licence_case (
    case_id TEXT NOT NULL PRIMARY KEY,
    licence_id TEXT NOT NULL
) /*clustered*/;

-- Every operation makes a version with an identifier of its own: the signed document and its log leaf.
CREATE TABLE licence_version (
    licence_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    identifier TEXT NOT NULL,
    operation TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    reason TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    leaf BYTEA NOT NULL,
    sealed_proof BYTEA NOT NULL,
    PRIMARY KEY (licence_id, version)
) /*clustered*/;
CREATE UNIQUE INDEX licence_identifier ON licence_version (identifier);
