-- Tiles and checkpoints of the transparency log. All of it can be rebuilt from tlog_leaf.

CREATE TABLE tlog_tile (
    tree TEXT NOT NULL,
    level BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    width BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (tree, level, idx)
) /*clustered*/;

CREATE TABLE tlog_checkpoint (
    tree TEXT NOT NULL,
    size BIGINT NOT NULL,
    note TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (tree, size)
) /*clustered*/;
