-- Made once with the first schema. Never edited: it is what upgrades start from.
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'entrepot','0001_first','2026-11-24 13:43:27.123388+00:00');
CREATE TABLE account (
    id              TEXT PRIMARY KEY,
    channel         TEXT NOT NULL,
    publish         TEXT NOT NULL CHECK (publish IN ('off', 'shadow', 'live')),
    buffer          INTEGER NOT NULL DEFAULT 0,
    detached        INTEGER NOT NULL DEFAULT 0,
    parked_since    TEXT,
    clock_offset    REAL NOT NULL DEFAULT 0,
    description     TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO "account" VALUES('shop','mock','live',0,0,NULL,0.0,NULL);
CREATE TABLE article (
    sku             TEXT PRIMARY KEY,
    title           TEXT NOT NULL,
    article_group   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "article" VALUES('MUG','Mug','cups');
CREATE TABLE attempt (
    id              TEXT PRIMARY KEY,
    account         TEXT NOT NULL,
    operation       TEXT NOT NULL,
    epoch           INTEGER NOT NULL,
    created_at      TEXT NOT NULL,
    deadline        TEXT NOT NULL,
    content_hash    TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('open', 'running', 'closed')),
    ticket          TEXT,
    outcome         TEXT,
    closed_at       TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO "attempt" VALUES('attempt-0','shop','push_stock',1,'2026-11-24T12:00:00.123456Z','2026-11-24T12:00:30.123456Z','hash','closed',NULL,'answered','2026-11-24T12:00:00.123456Z');
INSERT INTO "attempt" VALUES('attempt-1','shop','push_stock',1,'2026-11-24T12:00:00.123456Z','2026-11-24T12:00:30.123456Z','hash','open',NULL,NULL,NULL);
CREATE TABLE attempt_item (
    attempt         TEXT NOT NULL,
    offer           TEXT NOT NULL,
    quantity        INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    believed        INTEGER NOT NULL,
    wished_at       TEXT NOT NULL,
    result          TEXT,
    PRIMARY KEY (attempt, offer)
) STRICT, WITHOUT ROWID;
INSERT INTO "attempt_item" VALUES('attempt-0','MUG',8,1,0,'2026-11-24T12:00:00.123456Z',NULL);
INSERT INTO "attempt_item" VALUES('attempt-1','MUG',7,2,8,'2026-11-24T12:00:00.123456Z',NULL);
CREATE TABLE bucket (
    account         TEXT NOT NULL,
    name            TEXT NOT NULL,
    tokens          REAL NOT NULL,
    updated_at      TEXT NOT NULL,
    answered_at     TEXT,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;
INSERT INTO "bucket" VALUES('shop','orders',4.5,'2026-11-24T12:00:00.123456Z',NULL);
CREATE TABLE call_count (
    account         TEXT NOT NULL,
    operation       TEXT NOT NULL,
    day             TEXT NOT NULL,
    made            INTEGER NOT NULL DEFAULT 0,
    throttled       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, operation, day)
) STRICT, WITHOUT ROWID;
INSERT INTO "call_count" VALUES('shop','fetch_orders','2026-11-24',3,0);
CREATE TABLE dead_letter (
    account         TEXT NOT NULL,
    kind            TEXT NOT NULL,
    content_hash    TEXT NOT NULL,
    received_at     TEXT NOT NULL,
    reason          TEXT NOT NULL,
    body            BLOB NOT NULL,
    PRIMARY KEY (account, kind, content_hash)
) STRICT;
INSERT INTO "dead_letter" VALUES('shop','order','h2','2026-11-24T12:00:00.123456Z','expected str, found int 1 @ $.number',X'7B226E756D626572223A317D');
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
INSERT INTO "line_target" VALUES('shop','A1','1','MUG','main',1,0);
CREATE TABLE movement (
    id              INTEGER PRIMARY KEY,
    sku             TEXT NOT NULL,
    location        TEXT NOT NULL,
    quantity        INTEGER NOT NULL,
    kind            TEXT NOT NULL,
    effective_at    TEXT NOT NULL,
    not_before      TEXT,
    recorded_at     TEXT NOT NULL,
    reference       TEXT NOT NULL,
    UNIQUE (sku, location, reference)
) STRICT;
INSERT INTO "movement" VALUES(1,'MUG','main',-1,'shipment','2026-11-24T11:55:00.123456Z','2026-11-24T11:30:00.123456Z','2026-11-24T12:00:00.123456Z','shop/A1/1/shipped-1');
CREATE TABLE observer (
    name            TEXT PRIMARY KEY,
    told_until      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "observer" VALUES('erp',1);
CREATE TABLE offer (
    account           TEXT NOT NULL,
    external_id       TEXT NOT NULL,
    fulfillment       TEXT NOT NULL,
    bundle_version    INTEGER,
    desired           INTEGER,
    desired_version   INTEGER NOT NULL DEFAULT 0,
    desired_at        TEXT,
    shown             INTEGER NOT NULL,
    shown_at          TEXT NOT NULL,
    believed          INTEGER NOT NULL,
    sent              INTEGER,
    sent_version      INTEGER NOT NULL DEFAULT 0,
    sent_at           TEXT,
    effective         INTEGER,
    effective_version INTEGER NOT NULL DEFAULT 0,
    effective_at      TEXT,
    observed          INTEGER,
    observed_at       TEXT,
    awaiting_pass     INTEGER NOT NULL DEFAULT 0,
    verify_due        TEXT,
    rejected_version  INTEGER,
    attempt           TEXT,
    issues            TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (account, external_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "offer" VALUES('shop','MUG','merchant',0,7,2,'2026-11-24T12:00:00.123456Z',8,'2026-11-24T11:59:00.123456Z',8,8,1,'2026-11-24T11:59:00.123456Z',NULL,0,NULL,NULL,NULL,0,'2026-11-24T12:00:00.123456Z',NULL,'attempt-1','[]');
CREATE TABLE offer_part (
    account         TEXT NOT NULL,
    offer           TEXT NOT NULL,
    bundle_version  INTEGER NOT NULL,
    sku             TEXT NOT NULL,
    units           INTEGER NOT NULL,
    PRIMARY KEY (account, offer, bundle_version, sku)
) STRICT, WITHOUT ROWID;
INSERT INTO "offer_part" VALUES('shop','MUG',0,'MUG',1);
CREATE TABLE order_line (
    account         TEXT NOT NULL,
    order_id        TEXT NOT NULL,
    line_id         TEXT NOT NULL,
    offer           TEXT NOT NULL,
    placed_at       TEXT NOT NULL,
    ordered         INTEGER NOT NULL,
    cancelled       INTEGER NOT NULL,
    open            INTEGER NOT NULL,
    booked          INTEGER NOT NULL,
    mapped          INTEGER NOT NULL,
    PRIMARY KEY (account, order_id, line_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "order_line" VALUES('shop','A1','1','MUG','2026-11-24T11:30:00.123456Z',3,0,2,1,1);
CREATE TABLE order_version (
    account         TEXT NOT NULL,
    external_id     TEXT NOT NULL,
    version         INTEGER NOT NULL,
    stored_at       TEXT NOT NULL,
    document        TEXT NOT NULL,
    PRIMARY KEY (account, external_id, version)
) STRICT;
INSERT INTO "order_version" VALUES('shop','A1',1,'2026-11-24T12:00:00.123456Z','{"external_id":"A1","marketplace":"MOCK","status":"partially_shipped","placed_at":"2026-11-24T11:30:00.123456Z","changed_at":"2026-11-24T11:55:00.123456Z","lines":[{"external_id":"1","offer":"MUG","ordered":3,"shipped":1,"gross":{"amount":"59.70","currency":"EUR"},"tax":{"amount":"9.53","currency":"EUR"}}],"total":{"amount":"59.70","currency":"EUR"},"data_sets":{"buyer":"not_kept"}}');
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
INSERT INTO "orders" VALUES('shop','A1',1,'r1','h1','MOCK','partially_shipped','merchant','2026-11-24T11:30:00.123456Z','2026-11-24','2026-11-24T11:55:00.123456Z','2026-11-24T12:00:00.123456Z');
CREATE TABLE outbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    name            TEXT NOT NULL,
    subject         TEXT NOT NULL,
    key             TEXT NOT NULL,
    account         TEXT,
    occurred_at     TEXT NOT NULL,
    details         TEXT NOT NULL
) STRICT;
INSERT INTO "outbox" VALUES(1,'order_changed','order/A1','order_changed:shop:order/A1:1','shop','2026-11-24T12:00:00.123456Z','{"status":"partially_shipped"}');
CREATE TABLE parked_delivery (
    observer        TEXT NOT NULL,
    event           INTEGER NOT NULL,
    subject         TEXT NOT NULL,
    failures        INTEGER NOT NULL,
    next_due        TEXT NOT NULL,
    PRIMARY KEY (observer, event)
) STRICT, WITHOUT ROWID;
CREATE TABLE position (
    sku             TEXT NOT NULL,
    location        TEXT NOT NULL,
    on_hand         INTEGER NOT NULL DEFAULT 0,
    reserved        INTEGER NOT NULL DEFAULT 0,
    counted_at      TEXT,
    known           INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (sku, location)
) STRICT, WITHOUT ROWID;
INSERT INTO "position" VALUES('MUG','main',9,2,'2026-11-24T11:00:00.123456Z',1);
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
INSERT INTO "problem" VALUES(1,'offer_unmapped','shop','offer/CAP','orders for CAP wait','add it','error','2026-11-24T12:00:00.123456Z',NULL);
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
INSERT INTO "raw_record" VALUES('shop','order','A1','h1','1','2026-11-24T12:00:00.123456Z',X'7B226E756D626572223A224131227D');
CREATE TABLE stock_count (
    id              INTEGER PRIMARY KEY,
    sku             TEXT NOT NULL,
    location        TEXT NOT NULL,
    counted         INTEGER NOT NULL,
    meaning         TEXT NOT NULL,
    on_hand         INTEGER NOT NULL,
    effective_at    TEXT NOT NULL,
    recorded_at     TEXT NOT NULL,
    reference       TEXT NOT NULL,
    UNIQUE (sku, location, reference)
) STRICT;
INSERT INTO "stock_count" VALUES(1,'MUG','main',10,'on_hand',10,'2026-11-24T11:00:00.123456Z','2026-11-24T12:00:00.123456Z','count-1');
CREATE TABLE stream (
    id              INTEGER PRIMARY KEY,
    account         TEXT NOT NULL,
    kind            TEXT NOT NULL,
    scope           TEXT NOT NULL DEFAULT '',
    epoch           INTEGER NOT NULL DEFAULT 0,
    owner           TEXT,
    lease_until     TEXT,
    next_due        TEXT NOT NULL,
    watermark       TEXT,
    window_start    TEXT,
    window_end      TEXT,
    cursor          TEXT,
    complete_until  TEXT,
    seen_pages      TEXT NOT NULL DEFAULT '[]',
    records         INTEGER NOT NULL DEFAULT 0,
    window_cap      REAL,
    failures        INTEGER NOT NULL DEFAULT 0,
    failing_since   TEXT,
    last_error      TEXT,
    UNIQUE (account, kind, scope)
) STRICT;
INSERT INTO "stream" VALUES(1,'shop','orders','',0,NULL,NULL,'2026-11-24T12:00:00.123456Z','2026-11-24T11:58:00.123456Z',NULL,NULL,NULL,NULL,'[]',0,NULL,0,NULL,NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX stream_due ON stream (next_due);
CREATE INDEX orders_placed ON orders (placed_at);
CREATE INDEX order_line_unmapped ON order_line (account, offer) WHERE mapped = 0;
CREATE INDEX order_line_sold ON order_line (account, offer, placed_at);
CREATE INDEX line_target_sku ON line_target (sku, location);
CREATE INDEX movement_effective ON movement (sku, location, effective_at);
CREATE INDEX stock_count_effective ON stock_count (sku, location, effective_at, id);
CREATE INDEX offer_to_push ON offer (account) WHERE desired <> believed;
CREATE INDEX offer_to_verify ON offer (account, verify_due) WHERE verify_due IS NOT NULL;
CREATE INDEX offer_part_sku ON offer_part (sku);
CREATE INDEX attempt_open ON attempt (account, state) WHERE state <> 'closed';
CREATE UNIQUE INDEX problem_open ON problem (kind, coalesce(account, ''), subject) WHERE closed_at IS NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('outbox',1);
INSERT INTO "sqlite_sequence" VALUES('problem',1);
COMMIT;
