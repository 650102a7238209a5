-- Looks of officers at the personal data of a case. Each has its leaf in the log; the chain is the case's own.
CREATE TABLE case_access (
    case_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    happened_at BIGINT NOT NULL,
    officer_id TEXT NOT NULL,
    organ_name TEXT NOT NULL,
    post TEXT NOT NULL,
    object TEXT NOT NULL,
    purpose TEXT NOT NULL,
    basis TEXT NOT NULL,
    leaf BYTEA NOT NULL,
    leaf_sm3 BYTEA NOT NULL,
    sealed_proof BYTEA NOT NULL,
    PRIMARY KEY (case_id, seq)
) /*clustered*/;
