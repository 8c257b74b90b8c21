-- name: find
SELECT worked, failures, since, probe_at FROM breaker WHERE account = :account AND name = :name

-- name: save
INSERT INTO breaker (account, name, worked, failures, since, probe_at)
VALUES (:account, :name, :worked, :failures, :since, :probe_at)
ON CONFLICT (account, name) DO UPDATE SET worked = excluded.worked, failures = excluded.failures, since = excluded.since,
    probe_at = excluded.probe_at

-- name: forget
DELETE FROM breaker WHERE account = '' AND name = :name

-- name: try_now
UPDATE breaker SET probe_at = :now WHERE probe_at > :now

-- name: suspect
INSERT INTO auth_suspect (application, account, since) VALUES (:application, :account, :now)
ON CONFLICT (application, account) DO NOTHING

-- name: suspects
SELECT account, since, alone FROM auth_suspect WHERE application = :application ORDER BY account

-- name: clear
DELETE FROM auth_suspect WHERE application = :application AND account = :account

-- name: set_apart
UPDATE auth_suspect SET alone = 1 WHERE application = :application AND alone = 0

-- name: clear_all
DELETE FROM auth_suspect WHERE application = :application
