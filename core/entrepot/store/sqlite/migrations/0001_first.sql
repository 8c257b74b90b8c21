-- Instants are ISO 8601 text in UTC with six decimals and a Z, so that they sort as text. Amounts of money are text.

CREATE TABLE account (
    id              TEXT PRIMARY KEY,
    channel         TEXT NOT NULL,
    publish         TEXT NOT NULL CHECK (publish IN ('off', 'shadow', 'live')),
    buffer          INTEGER NOT NULL DEFAULT 0,
    detached        INTEGER NOT NULL DEFAULT 0,
    parked_since    TEXT,
    clock_offset    REAL NOT NULL DEFAULT 0,      -- seconds that the channel's clock is ahead of ours
    description     TEXT                          -- AccountDescription as JSON, once the channel has told it
) STRICT, WITHOUT ROWID;

CREATE TABLE stream (
    id              INTEGER PRIMARY KEY,
    account         TEXT NOT NULL,
    kind            TEXT NOT NULL,
    scope           TEXT NOT NULL DEFAULT '',
    epoch           INTEGER NOT NULL DEFAULT 0,   -- counts the claims; a holder of an older epoch cannot commit
    owner           TEXT,
    lease_until     TEXT,
    next_due        TEXT NOT NULL,
    watermark       TEXT,                         -- everything that changed before it is stored
    window_start    TEXT,                         -- the running pass, fixed before its first call
    window_end      TEXT,
    cursor          TEXT,
    complete_until  TEXT,
    seen_pages      TEXT NOT NULL DEFAULT '[]',   -- fingerprints of this pass, newest last
    records         INTEGER NOT NULL DEFAULT 0,   -- in this pass
    window_cap      REAL,                         -- seconds; set where a cursor would expire before the pass ends
    failures        INTEGER NOT NULL DEFAULT 0,
    failing_since   TEXT,
    last_error      TEXT,
    UNIQUE (account, kind, scope)
) STRICT;
CREATE INDEX stream_due ON stream (next_due);

-- Tables with documents have a rowid: without one, all that is longer than 1 kB goes to a page of its own.

CREATE TABLE raw_record (
    account         TEXT NOT NULL,
    kind            TEXT NOT NULL,
    external_id     TEXT NOT NULL,
    content_hash    TEXT NOT NULL,
    mapper_version  TEXT NOT NULL,
    received_at     TEXT NOT NULL,
    body            BLOB NOT NULL,
    PRIMARY KEY (account, kind, external_id, content_hash)
) STRICT;

CREATE TABLE dead_letter (
    account         TEXT NOT NULL,
    kind            TEXT NOT NULL,
    content_hash    TEXT NOT NULL,
    received_at     TEXT NOT NULL,
    reason          TEXT NOT NULL,
    body            BLOB NOT NULL,
    PRIMARY KEY (account, kind, content_hash)
) STRICT;

CREATE TABLE orders (
    account         TEXT NOT NULL,
    external_id     TEXT NOT NULL,
    version         INTEGER NOT NULL,
    revision        TEXT NOT NULL,
    content_hash    TEXT NOT NULL,
    marketplace     TEXT NOT NULL,
    status          TEXT NOT NULL,
    fulfillment     TEXT NOT NULL,
    placed_at       TEXT NOT NULL,
    business_date   TEXT NOT NULL,
    changed_at      TEXT NOT NULL,
    first_seen_at   TEXT NOT NULL,
    PRIMARY KEY (account, external_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_placed ON orders (placed_at);

CREATE TABLE order_version (
    account         TEXT NOT NULL,
    external_id     TEXT NOT NULL,
    version         INTEGER NOT NULL,
    stored_at       TEXT NOT NULL,
    document        TEXT NOT NULL,                -- the order as JSON
    PRIMARY KEY (account, external_id, version)
) STRICT;

CREATE TABLE order_line (
    account         TEXT NOT NULL,
    order_id        TEXT NOT NULL,
    line_id         TEXT NOT NULL,
    offer           TEXT NOT NULL,
    placed_at       TEXT NOT NULL,
    ordered         INTEGER NOT NULL,
    cancelled       INTEGER NOT NULL,
    open            INTEGER NOT NULL,             -- units still to send
    booked          INTEGER NOT NULL,             -- units whose shipment the ledger has
    mapped          INTEGER NOT NULL,
    PRIMARY KEY (account, order_id, line_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_line_unmapped ON order_line (account, offer) WHERE mapped = 0;
CREATE INDEX order_line_sold ON order_line (account, offer, placed_at);

CREATE TABLE line_target (
    account         TEXT NOT NULL,
    order_id        TEXT NOT NULL,
    line_id         TEXT NOT NULL,
    sku             TEXT NOT NULL,
    location        TEXT NOT NULL,
    per_unit        INTEGER NOT NULL,
    bundle_version  INTEGER NOT NULL,
    PRIMARY KEY (account, order_id, line_id, sku, location)
) STRICT, WITHOUT ROWID;
CREATE INDEX line_target_sku ON line_target (sku, location);

CREATE TABLE article (
    sku             TEXT PRIMARY KEY,
    title           TEXT NOT NULL,
    article_group   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE movement (
    id              INTEGER PRIMARY KEY,
    sku             TEXT NOT NULL,
    location        TEXT NOT NULL,
    quantity        INTEGER NOT NULL,
    kind            TEXT NOT NULL,
    effective_at    TEXT NOT NULL,
    not_before      TEXT,                         -- NULL where the time is known; see Movement
    recorded_at     TEXT NOT NULL,
    reference       TEXT NOT NULL,
    UNIQUE (sku, location, reference)
) STRICT;
CREATE INDEX movement_effective ON movement (sku, location, effective_at);

CREATE TABLE stock_count (
    id              INTEGER PRIMARY KEY,
    sku             TEXT NOT NULL,
    location        TEXT NOT NULL,
    counted         INTEGER NOT NULL,             -- as it was told
    meaning         TEXT NOT NULL,
    on_hand         INTEGER NOT NULL,             -- physical units, reserved ones inside
    effective_at    TEXT NOT NULL,
    recorded_at     TEXT NOT NULL,
    reference       TEXT NOT NULL,
    UNIQUE (sku, location, reference)
) STRICT;
CREATE INDEX stock_count_effective ON stock_count (sku, location, effective_at, id);

CREATE TABLE position (
    sku             TEXT NOT NULL,
    location        TEXT NOT NULL,
    on_hand         INTEGER NOT NULL DEFAULT 0,
    reserved        INTEGER NOT NULL DEFAULT 0,
    counted_at      TEXT,                         -- of the count that on_hand starts from
    known           INTEGER NOT NULL DEFAULT 0,   -- a count or a receipt says how many there are
    PRIMARY KEY (sku, location)
) STRICT, WITHOUT ROWID;

CREATE TABLE offer (
    account           TEXT NOT NULL,
    external_id       TEXT NOT NULL,
    fulfillment       TEXT NOT NULL,
    bundle_version    INTEGER,                    -- NULL while unmapped
    desired           INTEGER,                    -- NULL while no count says how many there are
    desired_version   INTEGER NOT NULL DEFAULT 0,
    desired_at        TEXT,
    shown             INTEGER NOT NULL,           -- last number known to have been on the channel, and its instant there
    shown_at          TEXT NOT NULL,
    believed          INTEGER NOT NULL,           -- shown - what has been sold through this offer since
    sent              INTEGER,
    sent_version      INTEGER NOT NULL DEFAULT 0,
    sent_at           TEXT,
    effective         INTEGER,
    effective_version INTEGER NOT NULL DEFAULT 0,
    effective_at      TEXT,
    observed          INTEGER,
    observed_at       TEXT,
    awaiting_pass     INTEGER NOT NULL DEFAULT 0, -- the observation is judged once an order pass covers it
    verify_due        TEXT,                       -- when to read it back; NULL: with the next sweep
    rejected_version  INTEGER,                    -- not sent again before a newer version
    attempt           TEXT,                       -- the open attempt that names it
    issues            TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (account, external_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX offer_to_push ON offer (account) WHERE desired <> believed;
CREATE INDEX offer_to_verify ON offer (account, verify_due) WHERE verify_due IS NOT NULL;

CREATE TABLE offer_part (
    account         TEXT NOT NULL,
    offer           TEXT NOT NULL,
    bundle_version  INTEGER NOT NULL,             -- key columns come first: SQLite 3.40 sees NULLs behind a later one
    sku             TEXT NOT NULL,
    units           INTEGER NOT NULL,
    PRIMARY KEY (account, offer, bundle_version, sku)
) STRICT, WITHOUT ROWID;
CREATE INDEX offer_part_sku ON offer_part (sku);

CREATE TABLE attempt (
    id              TEXT PRIMARY KEY,
    account         TEXT NOT NULL,
    operation       TEXT NOT NULL,
    epoch           INTEGER NOT NULL,
    created_at      TEXT NOT NULL,
    deadline        TEXT NOT NULL,
    content_hash    TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('open', 'running', 'closed')),
    ticket          TEXT,                         -- the channel's id of a bulk job
    outcome         TEXT,
    closed_at       TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_open ON attempt (account, state) WHERE state <> 'closed';

CREATE TABLE attempt_item (
    attempt         TEXT NOT NULL,
    offer           TEXT NOT NULL,
    quantity        INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    believed        INTEGER NOT NULL,             -- what the channel was taken to show
    wished_at       TEXT NOT NULL,                -- channel time of the version
    result          TEXT,
    PRIMARY KEY (attempt, offer)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    name            TEXT NOT NULL,
    subject         TEXT NOT NULL,
    key             TEXT NOT NULL,
    account         TEXT,
    occurred_at     TEXT NOT NULL,
    details         TEXT NOT NULL
) STRICT;

CREATE TABLE observer (
    name            TEXT PRIMARY KEY,
    told_until      INTEGER NOT NULL              -- outbox.id; later ones are still to be told
) STRICT, WITHOUT ROWID;

CREATE TABLE parked_delivery (
    observer        TEXT NOT NULL,
    event           INTEGER NOT NULL,
    subject         TEXT NOT NULL,
    failures        INTEGER NOT NULL,
    next_due        TEXT NOT NULL,
    PRIMARY KEY (observer, event)
) STRICT, WITHOUT ROWID;

CREATE TABLE problem (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    kind            TEXT NOT NULL,
    account         TEXT,
    subject         TEXT NOT NULL,
    message         TEXT NOT NULL,
    next_action     TEXT NOT NULL,
    severity        TEXT NOT NULL,
    since           TEXT NOT NULL,
    closed_at       TEXT
) STRICT;
CREATE UNIQUE INDEX problem_open ON problem (kind, coalesce(account, ''), subject) WHERE closed_at IS NULL;

CREATE TABLE bucket (
    account         TEXT NOT NULL,
    name            TEXT NOT NULL,
    tokens          REAL NOT NULL,
    updated_at      TEXT NOT NULL,
    answered_at     TEXT,                         -- NULL while the last request is not answered
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE call_count (
    account         TEXT NOT NULL,
    operation       TEXT NOT NULL,
    day             TEXT NOT NULL,
    made            INTEGER NOT NULL DEFAULT 0,
    throttled       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, operation, day)
) STRICT, WITHOUT ROWID;
