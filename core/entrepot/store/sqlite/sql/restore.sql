-- name: forget_daemons
DELETE FROM daemon

-- name: count_no_more
DELETE FROM sqlite_sequence WHERE name = 'outbox'

-- name: count_on
INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', :place)

-- name: restart_streams
UPDATE stream SET owner = NULL, lease_until = NULL, next_due = :now, window_start = NULL, window_end = NULL, cursor = NULL,
    complete_until = NULL, seen_pages = '[]', records = 0, watermark = CASE kind WHEN 'stock' THEN NULL ELSE watermark END
WHERE account <> ''

-- name: doubt
INSERT INTO attempt (id, account, operation, epoch, created_at, deadline, content_hash, state)
SELECT 'restored-' || :place || '-' || id, id, 'push_stock', 0, :now, :now, '', 'open' FROM account

-- name: doubt_items
INSERT INTO attempt_item (attempt, offer, quantity, version, believed, wished_at)
SELECT 'restored-' || :place || '-' || account, external_id, believed, desired_version, believed, :now
FROM offer WHERE fulfillment = 'merchant'

-- name: doubt_offers
UPDATE offer SET attempt = 'restored-' || :place || '-' || account, verify_due = :after, awaiting_pass = 0,
    desired_version = CASE WHEN desired IS NULL THEN desired_version ELSE :place END, desired_at = :now
WHERE fulfillment = 'merchant'
