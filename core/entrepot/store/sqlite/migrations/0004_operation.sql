-- Accounts that a person paused, or that left plugins.toml, with since when; and the daemons, so that they can be asked
-- to read plugins.toml anew.

ALTER TABLE account ADD COLUMN paused_since TEXT;
ALTER TABLE account ADD COLUMN detached_since TEXT;
UPDATE account SET detached_since = strftime('%Y-%m-%dT%H:%M:%S.000000Z', 'now') WHERE detached = 1;
ALTER TABLE account DROP COLUMN detached;

CREATE TABLE daemon (
    name            TEXT PRIMARY KEY,
    host            TEXT NOT NULL,
    pid             INTEGER NOT NULL,
    started_at      TEXT NOT NULL,
    asked           INTEGER NOT NULL DEFAULT 0,   -- how often it was asked to read plugins.toml anew
    answered        INTEGER NOT NULL DEFAULT 0,   -- the last of those that it has answered
    answer          TEXT NOT NULL DEFAULT '[]'    -- the faults for which it refused
) STRICT, WITHOUT ROWID;
