-- One log per year. Leaf 0 of each but the first (`opening`) is the final checkpoint of the one before and lies here, not in
-- tlog_leaf; the leaves from `first_idx` on follow it. `size` is set when the year is closed.
CREATE TABLE tlog_volume (
    year BIGINT NOT NULL PRIMARY KEY,
    origin TEXT NOT NULL,
    first_idx BIGINT NOT NULL,
    opening BYTEA,
    size BIGINT
) /*clustered*/;

-- A checkpoint is witnessed once the quorum of the configured witnesses has cosigned it; their lines are in its note.
ALTER TABLE tlog_checkpoint ADD COLUMN witnessed BIGINT NOT NULL DEFAULT 0;

-- The largest size that each witness has cosigned.
CREATE TABLE tlog_witness (
    origin TEXT NOT NULL,
    witness TEXT NOT NULL,
    size BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (origin, witness)
) /*clustered*/;
