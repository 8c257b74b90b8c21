-- name: add
INSERT INTO outbox (name, subject, key, account, occurred_at, details)
VALUES (:name, :subject, :key, :account, :occurred_at, :details)

-- name: after
SELECT * FROM outbox WHERE id > :after ORDER BY id LIMIT :limit

-- name: event
SELECT * FROM outbox WHERE id = :id

-- name: latest
SELECT * FROM outbox WHERE name = :name AND account = :account AND subject = :subject ORDER BY id DESC LIMIT 1

-- name: last_id
SELECT coalesce(max(seq), 0) AS id FROM sqlite_sequence WHERE name = 'outbox'

-- name: add_observer
INSERT INTO observer (name, told_until) VALUES (:name, :told_until) ON CONFLICT DO NOTHING

-- name: told_until
SELECT told_until FROM observer WHERE name = :name

-- name: advance
UPDATE observer SET told_until = :id WHERE name = :name AND told_until < :id

-- name: park
INSERT INTO parked_delivery (observer, event, subject, failures, next_due) VALUES (:observer, :event, :subject, :failures, :next_due)
ON CONFLICT (observer, event) DO UPDATE SET failures = excluded.failures, next_due = excluded.next_due

-- name: unpark
DELETE FROM parked_delivery WHERE observer = :observer AND event = :event

-- name: parked
SELECT event, subject, failures, next_due FROM parked_delivery WHERE observer = :observer ORDER BY event

-- name: next_parked
SELECT min(next_due) AS at FROM parked_delivery
