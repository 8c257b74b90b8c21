-- Of a daemon: which plugins.toml it works by, when it read it last, and when it was there last.

ALTER TABLE daemon ADD COLUMN config TEXT NOT NULL DEFAULT '';
ALTER TABLE daemon ADD COLUMN read_at TEXT;
ALTER TABLE daemon ADD COLUMN seen_at TEXT;
