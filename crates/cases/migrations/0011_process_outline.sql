-- Working copies of process files in the outline editor, finished or not. Every step is kept with the whole file as it then was, so that
-- nothing is lost and every step can be undone. A closed copy keeps its number and has no steps any more.
CREATE TABLE process_outline (
    n BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    from_hash TEXT,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    at_step BIGINT NOT NULL,
    last_step BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    closed BIGINT NOT NULL
) /*clustered*/;
CREATE TABLE process_outline_step (
    outline BIGINT NOT NULL,
    step BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    xml BYTEA NOT NULL,
    PRIMARY KEY (outline, step)
) /*clustered*/;
