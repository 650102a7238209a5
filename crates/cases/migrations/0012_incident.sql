-- Steps that cannot go on by themselves (流程异常): a service that gave up, a run that the engine stopped, a timer that cannot fire,
-- a task whose completion the process refuses or whose outside system does not answer.
CREATE TABLE incident (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    -- 'token': held in the process; 'timer': its row is tried again; 'task': open all the same.
    kind TEXT NOT NULL,
    -- Number of the token, timer or task within the instance.
    number BIGINT NOT NULL,
    element TEXT NOT NULL,
    name TEXT NOT NULL,
    service TEXT NOT NULL,
    organ_id TEXT NOT NULL,
    error TEXT NOT NULL,
    tries BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    closed_at BIGINT,
    -- 'again', 'answer', 'error' by hand; 'over' when the step went on or was taken away.
    way TEXT
) /*clustered*/;
CREATE UNIQUE INDEX incident_open ON incident (case_id, kind, number) WHERE closed_at IS NULL;
CREATE INDEX incident_waiting ON incident (closed_at, id);
