-- Opinions that do not bind (征求意见), copies (抄送), who sees a case as a guest, and whether a late task was urged by the clockwork.
ALTER TABLE case_file ADD COLUMN guests TEXT NOT NULL DEFAULT '{}';
ALTER TABLE task ADD COLUMN late_seen BIGINT NOT NULL DEFAULT 0;
CREATE INDEX task_late ON task (state, late_seen, due_on);
CREATE TABLE case_opinion (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    organ_id TEXT NOT NULL,
    post TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_seq BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    due_on TEXT NOT NULL,
    state TEXT NOT NULL,
    closed_at BIGINT,
    answered_by TEXT,
    stance TEXT
) /*clustered*/;
CREATE INDEX case_opinion_case ON case_opinion (case_id, id);
CREATE INDEX case_opinion_organ ON case_opinion (organ_id, post, state, due_on);
CREATE TABLE case_copy (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    officer_id TEXT NOT NULL,
    sent_by TEXT NOT NULL,
    sent_seq BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    read_at BIGINT
) /*clustered*/;
CREATE INDEX case_copy_case ON case_copy (case_id, id);
CREATE INDEX case_copy_officer ON case_copy (officer_id, id);
