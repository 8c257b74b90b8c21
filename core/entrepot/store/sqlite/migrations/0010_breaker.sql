-- Calls that rest because a channel is in trouble: of one account's operation, or of all accounts of an application.

CREATE TABLE breaker (
    account         TEXT NOT NULL,                -- '' where the name is an application's
    name            TEXT NOT NULL,
    worked          INTEGER NOT NULL,             -- has a call ever succeeded?
    failures        INTEGER NOT NULL,             -- in a row
    since           TEXT,                         -- NULL while calls are made
    probe_at        TEXT,                         -- when the next call tries it
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

-- Accounts whose token was refused, while nobody knows yet whether it is their own trouble.

CREATE TABLE auth_suspect (
    application     TEXT NOT NULL,
    account         TEXT NOT NULL,
    since           TEXT NOT NULL,
    alone           INTEGER NOT NULL DEFAULT 0,   -- another account was let in since
    PRIMARY KEY (application, account)
) STRICT, WITHOUT ROWID;

ALTER TABLE account ADD COLUMN withheld TEXT NOT NULL DEFAULT '{}';  -- data sets of orders that the channel refuses
