-- name: enter
INSERT OR REPLACE INTO daemon (name, host, pid, started_at) VALUES (:name, :host, :pid, :started_at)

-- name: leave
DELETE FROM daemon WHERE name = :name

-- name: all
SELECT * FROM daemon ORDER BY name

-- name: find
SELECT * FROM daemon WHERE name = :name

-- name: ask
UPDATE daemon SET asked = asked + 1 WHERE name = :name

-- name: answer
UPDATE daemon SET answered = :asked, answer = :answer WHERE name = :name
