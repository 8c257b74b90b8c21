-- A look takes time: what it saw was so at one instant from the start of its request to its answer.

ALTER TABLE offer ADD COLUMN shown_by TEXT NOT NULL DEFAULT '';
ALTER TABLE offer ADD COLUMN observed_by TEXT;
UPDATE offer SET shown_by = shown_at, observed_by = observed_at;
