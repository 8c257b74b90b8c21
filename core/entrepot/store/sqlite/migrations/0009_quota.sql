ALTER TABLE bucket RENAME COLUMN account TO owner;             -- an account or an application
ALTER TABLE bucket ADD COLUMN told REAL;                       -- requests per second, as the channel said last
ALTER TABLE bucket ADD COLUMN share REAL NOT NULL DEFAULT 1;   -- of rate and burst that refusals have left
ALTER TABLE bucket ADD COLUMN cut_at TEXT;
ALTER TABLE bucket ADD COLUMN closed_until TEXT;

CREATE TABLE bucket_line (
    owner           TEXT NOT NULL,
    name            TEXT NOT NULL,
    stream          INTEGER NOT NULL,
    place           TEXT NOT NULL,                -- the smaller goes first
    units           INTEGER NOT NULL,
    due             TEXT NOT NULL,                -- when the stream asks again
    PRIMARY KEY (owner, name, stream)
) STRICT, WITHOUT ROWID;

ALTER TABLE call_count ADD COLUMN gets INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_count ADD COLUMN records INTEGER NOT NULL DEFAULT 0;
