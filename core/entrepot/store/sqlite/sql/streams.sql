-- name: ensure
INSERT INTO stream (account, kind, scope, next_due, watermark) VALUES (:account, :kind, :scope, :next_due, :watermark)
ON CONFLICT (account, kind, scope) DO NOTHING

-- name: due
SELECT stream.id, stream.account, stream.kind FROM stream JOIN account ON account.id = stream.account
WHERE next_due <= :now AND (lease_until IS NULL OR lease_until <= :now)
  AND detached_since IS NULL AND paused_since IS NULL AND (parked_since IS NULL OR kind = 'health')
ORDER BY CASE kind WHEN 'push' THEN 0 WHEN 'health' THEN 1 WHEN 'orders' THEN 2 WHEN 'stock' THEN 3 ELSE 4 END, next_due, stream.id

-- name: next_due
SELECT min(at) AS at FROM (
    SELECT * FROM (
        SELECT next_due AS at FROM stream CROSS JOIN account ON account.id = stream.account
        WHERE next_due > :now
          AND detached_since IS NULL AND paused_since IS NULL AND (parked_since IS NULL OR kind = 'health')
        ORDER BY next_due LIMIT 1)
    UNION ALL SELECT max(next_due, lease_until) FROM stream WHERE lease_until > :now)

-- name: claim
UPDATE stream SET epoch = epoch + 1, owner = :owner, lease_until = :until
WHERE id = :id AND next_due <= :now AND (lease_until IS NULL OR lease_until <= :now)

-- name: find
SELECT * FROM stream WHERE id = :id

-- name: of_account
SELECT * FROM stream WHERE account = :account ORDER BY kind, scope

-- name: all
SELECT * FROM stream ORDER BY account, kind, scope

-- name: release
UPDATE stream SET
    owner = NULL, lease_until = NULL, next_due = :next_due, watermark = :watermark,
    window_start = :window_start, window_end = :window_end, cursor = :cursor, complete_until = :complete_until,
    seen_pages = :seen_pages, records = :records, window_cap = :window_cap,
    failures = :failures, failing_since = :failing_since, last_error = :last_error
WHERE id = :id AND epoch = :epoch

-- name: hold
UPDATE stream SET window_start = :window_start, window_end = :window_end WHERE id = :id AND epoch = :epoch

-- name: epoch
SELECT epoch FROM stream WHERE id = :id

-- name: read_again
UPDATE stream SET epoch = epoch + 1, owner = NULL, lease_until = NULL, next_due = :now, cursor = NULL,
    complete_until = NULL, seen_pages = '[]', records = 0,
    window_start = min(coalesce(window_start, :start), :start), window_end = max(coalesce(window_end, :end), :end)
WHERE account = :account AND kind = 'order_repair'

-- name: sweep_stock
UPDATE stream SET watermark = NULL, next_due = min(next_due, :at) WHERE account = :account AND kind = 'stock'

-- name: wake
UPDATE stream SET next_due = :at WHERE account = :account AND kind = :kind AND next_due > :at

-- name: orders_known_until
SELECT min(coalesce(watermark, '')) AS until FROM stream WHERE account = :account AND kind = 'orders'

-- name: of_scope
SELECT * FROM stream WHERE account = '' AND kind = :kind AND scope = :scope
