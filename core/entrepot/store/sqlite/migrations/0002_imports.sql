-- Counts of many articles at once. Its lines are staged in pieces, and valid from the one moment in which `state`
-- becomes 'applied'; then positions and wishes follow in pieces, each line going as it is followed.

CREATE TABLE stock_import (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    source          TEXT NOT NULL,                -- of its latest import a problem tells what was refused
    file            TEXT NOT NULL,
    reference       TEXT NOT NULL,                -- made of the content: no count of it is recorded twice
    meaning         TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('staging', 'held', 'applied', 'done', 'discarded')),
    begun_at        TEXT NOT NULL,
    touched_at      TEXT NOT NULL,                -- the last piece that was staged
    applied_at      TEXT,
    figures         TEXT NOT NULL DEFAULT '{}'    -- Figures as JSON
) STRICT;
CREATE INDEX stock_import_reference ON stock_import (reference);
CREATE INDEX stock_import_state ON stock_import (state);

CREATE TABLE import_line (
    import          INTEGER NOT NULL,
    sku             TEXT NOT NULL,
    location        TEXT NOT NULL,
    counted         INTEGER NOT NULL,             -- as it was told
    on_hand         INTEGER NOT NULL,             -- physical units, reserved ones inside
    effective_at    TEXT NOT NULL,
    stage           INTEGER NOT NULL DEFAULT 0,   -- 0 staged; 1 counted, ahead of its piece; 2 counted, wishes to follow
    PRIMARY KEY (import, sku, location)
) STRICT, WITHOUT ROWID;

CREATE TABLE import_refusal (
    import          INTEGER NOT NULL,
    line            INTEGER NOT NULL,
    sku             TEXT NOT NULL,
    reason          TEXT NOT NULL,
    PRIMARY KEY (import, line)
) STRICT, WITHOUT ROWID;
