-- Ratings (好差评) and the rectification that a bad one asks for. What people wrote is sealed under a data key of the rating.

CREATE TABLE rating (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    project_no TEXT NOT NULL,
    task_code TEXT NOT NULL,
    task_name TEXT NOT NULL,
    organ_id TEXT NOT NULL,
    level BIGINT NOT NULL,
    tags TEXT NOT NULL,
    channel TEXT NOT NULL,
    data_key BYTEA NOT NULL,
    sealed_text BYTEA NOT NULL,
    rated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX rating_case ON rating (case_id);
CREATE INDEX rating_organ ON rating (organ_id, id);
CREATE INDEX rating_level ON rating (level, id);

-- 差评整改: opened with the rating.
CREATE TABLE rectification (
    rating_id TEXT NOT NULL PRIMARY KEY,
    organ_id TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    due_on TEXT NOT NULL,
    closed_at BIGINT
) /*clustered*/;
CREATE INDEX rectification_due ON rectification (state, due_on);
