-- name: level
SELECT * FROM bucket WHERE owner = :owner AND name = :name

-- name: save
INSERT INTO bucket (owner, name, tokens, updated_at, answered_at, told, share, cut_at, closed_until)
VALUES (:owner, :name, :tokens, :updated_at, :answered_at, :told, :share, :cut_at, :closed_until)
ON CONFLICT (owner, name) DO UPDATE SET tokens = excluded.tokens, updated_at = excluded.updated_at,
    answered_at = excluded.answered_at, told = excluded.told, share = excluded.share, cut_at = excluded.cut_at,
    closed_until = excluded.closed_until

-- name: line
SELECT * FROM bucket_line WHERE owner = :owner AND name = :name ORDER BY place, stream

-- name: wait
INSERT INTO bucket_line (owner, name, stream, place, units, due)
VALUES (:owner, :name, :stream, :place, :units, :due)
ON CONFLICT (owner, name, stream) DO UPDATE SET place = excluded.place, units = excluded.units, due = excluded.due

-- name: wait_no_more
DELETE FROM bucket_line WHERE stream = :stream

-- name: count
INSERT INTO call_count (account, operation, day, made, throttled, gets, records)
VALUES (:account, :operation, :day, :made, :throttled, :gets, :records)
ON CONFLICT (account, operation, day) DO UPDATE SET made = made + excluded.made, throttled = throttled + excluded.throttled,
    gets = gets + excluded.gets, records = records + excluded.records

-- name: counts
SELECT account, operation, day, made, throttled, gets, records FROM call_count ORDER BY account, operation, day

-- name: gets
SELECT coalesce(sum(gets), 0) AS gets FROM call_count
WHERE account IN (SELECT value FROM json_each(:accounts)) AND day LIKE :month || '-%'
