-- Published versions of implementation items. A version is immutable; a change makes a new one.

CREATE TABLE item_version (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    task_type TEXT NOT NULL,
    organ_code TEXT NOT NULL,
    organ_name TEXT NOT NULL,
    state TEXT NOT NULL,
    item TEXT NOT NULL,
    form TEXT,
    published_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX item_version_code ON item_version (code, version);
CREATE INDEX item_version_current ON item_version (state, organ_code, code);

-- Types of electronic licences (GB/T 36902).
CREATE TABLE licence_type (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    document TEXT NOT NULL
);
