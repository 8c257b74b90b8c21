-- name: open
INSERT INTO problem (kind, account, subject, message, next_action, severity, since)
VALUES (:kind, :account, :subject, :message, :next_action, :severity, :now)
ON CONFLICT (kind, coalesce(account, ''), subject) WHERE closed_at IS NULL DO NOTHING

-- name: refresh
UPDATE problem SET message = :message, next_action = :next_action
WHERE kind = :kind AND coalesce(account, '') = coalesce(:account, '') AND subject = :subject AND closed_at IS NULL AND message <> :message

-- name: close
UPDATE problem SET closed_at = :now
WHERE kind = :kind AND coalesce(account, '') = coalesce(:account, '') AND subject = :subject AND closed_at IS NULL

-- name: open_among
SELECT subject FROM problem WHERE kind = :kind AND coalesce(account, '') = coalesce(:account, '') AND closed_at IS NULL
    AND subject IN (SELECT value FROM json_each(:subjects))

-- name: list
SELECT * FROM problem WHERE (:all OR closed_at IS NULL) ORDER BY id

-- name: find
SELECT * FROM problem WHERE id = :id
