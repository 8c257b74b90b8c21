-- name: level
SELECT tokens, updated_at, answered_at FROM bucket WHERE account = :account AND name = :name

-- name: save
INSERT INTO bucket (account, name, tokens, updated_at, answered_at)
VALUES (:account, :name, :tokens, :updated_at, :answered_at)
ON CONFLICT (account, name) DO UPDATE SET tokens = excluded.tokens, updated_at = excluded.updated_at,
    answered_at = excluded.answered_at

-- name: count
INSERT INTO call_count (account, operation, day, made, throttled) VALUES (:account, :operation, :day, :made, :throttled)
ON CONFLICT (account, operation, day) DO UPDATE SET made = made + excluded.made, throttled = throttled + excluded.throttled

-- name: counts
SELECT account, operation, day, made, throttled FROM call_count ORDER BY account, operation, day
