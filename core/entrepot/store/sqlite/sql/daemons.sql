-- name: enter
INSERT OR REPLACE INTO daemon (name, host, pid, started_at, config, read_at, seen_at)
VALUES (:name, :host, :pid, :started_at, :config, :started_at, :started_at)

-- name: leave
DELETE FROM daemon WHERE name = :name

-- name: all
SELECT * FROM daemon ORDER BY name

-- name: find
SELECT * FROM daemon WHERE name = :name

-- name: ask
UPDATE daemon SET asked = asked + 1 WHERE name = :name

-- name: answer
UPDATE daemon SET answered = :asked, answer = :answer, read_at = CASE :answer WHEN '[]' THEN :now ELSE read_at END
WHERE name = :name

-- name: beat
UPDATE daemon SET seen_at = :now WHERE name = :name
