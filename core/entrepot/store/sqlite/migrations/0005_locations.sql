-- The merchant's own locations, as plugins.toml last said: orders are taken from the first one that has their units.

CREATE TABLE location (
    id              TEXT PRIMARY KEY,
    place           INTEGER NOT NULL              -- in the order of taking, from 0
) STRICT, WITHOUT ROWID;
