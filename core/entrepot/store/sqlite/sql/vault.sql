-- name: find
SELECT * FROM vault WHERE account = :account AND name = :name

-- name: beginning
SELECT * FROM vault WHERE account = :account AND substr(name, 1, length(:beginning)) = :beginning ORDER BY name

-- name: all
SELECT * FROM vault ORDER BY account, name

-- name: save
INSERT OR REPLACE INTO vault (account, name, key_id, nonce, ciphertext, written_at, expires_at)
VALUES (:account, :name, :key_id, :nonce, :ciphertext, :written_at, :expires_at)

-- name: forget
DELETE FROM vault WHERE account = :account AND name = :name

-- name: purge
DELETE FROM vault WHERE rowid IN (SELECT rowid FROM vault WHERE expires_at <= :now LIMIT :limit)
