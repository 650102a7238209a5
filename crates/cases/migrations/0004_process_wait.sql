-- Messages and signals for which process instances wait.
CREATE TABLE process_wait (
    case_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    matter TEXT NOT NULL,
    name TEXT NOT NULL,
    message_key TEXT,
    PRIMARY KEY (case_id, number)
) /*clustered*/;
CREATE INDEX process_wait_name ON process_wait (name, message_key);
