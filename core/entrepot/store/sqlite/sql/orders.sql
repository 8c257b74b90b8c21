-- name: known
SELECT external_id, version, revision, content_hash, changed_at FROM orders
WHERE account = :account AND external_id IN (SELECT value FROM json_each(:ids))

-- name: save
INSERT INTO orders (account, external_id, version, revision, content_hash, marketplace, status, fulfillment,
                    placed_at, business_date, changed_at, first_seen_at)
VALUES (:account, :external_id, :version, :revision, :content_hash, :marketplace, :status, :fulfillment,
        :placed_at, :business_date, :changed_at, :now)
ON CONFLICT (account, external_id) DO UPDATE SET
    version = excluded.version, revision = excluded.revision, content_hash = excluded.content_hash,
    marketplace = excluded.marketplace, status = excluded.status, fulfillment = excluded.fulfillment,
    placed_at = excluded.placed_at, business_date = excluded.business_date, changed_at = excluded.changed_at

-- name: save_version
INSERT INTO order_version (account, external_id, version, stored_at, document)
VALUES (:account, :external_id, :version, :now, :document)

-- name: document
SELECT document FROM order_version JOIN orders USING (account, external_id, version)
WHERE account = :account AND external_id = :external_id

-- name: versions
SELECT version, stored_at, document FROM order_version
WHERE account = :account AND external_id = :external_id ORDER BY version

-- name: lines
SELECT line_id, offer, open, booked, mapped FROM order_line WHERE account = :account AND order_id = :order_id

-- name: save_line
INSERT INTO order_line (account, order_id, line_id, offer, placed_at, ordered, cancelled, open, booked, mapped)
VALUES (:account, :order_id, :line_id, :offer, :placed_at, :ordered, :cancelled, :open, :booked, :mapped)
ON CONFLICT (account, order_id, line_id) DO UPDATE SET
    ordered = excluded.ordered, cancelled = excluded.cancelled, open = excluded.open, booked = excluded.booked,
    mapped = excluded.mapped

-- name: save_target
INSERT INTO line_target (account, order_id, line_id, sku, location, per_unit, bundle_version)
VALUES (:account, :order_id, :line_id, :sku, :location, :per_unit, :bundle_version)

-- name: targets
SELECT sku, location, per_unit, bundle_version FROM line_target
WHERE account = :account AND order_id = :order_id AND line_id = :line_id ORDER BY sku, location

-- name: waiting_for
SELECT DISTINCT order_id FROM order_line INDEXED BY order_line_unmapped
WHERE account = :account AND offer = :offer AND mapped = 0 AND ordered > 0 ORDER BY order_id

-- name: unmapped_offers
SELECT account, offer, count(DISTINCT order_id) AS orders FROM order_line WHERE mapped = 0 AND ordered > 0
GROUP BY account, offer

-- name: sold
SELECT coalesce(sum(ordered), 0) AS units FROM order_line
WHERE account = :account AND offer = :offer AND placed_at > :after AND placed_at <= :until

-- name: has_offer
SELECT 1 FROM order_line WHERE account = :account AND offer = :offer LIMIT 1

-- name: open_units
SELECT coalesce(sum(open), 0) AS units FROM order_line INDEXED BY order_line_sold WHERE account = :account AND offer = :offer

-- name: cancelled_after
SELECT DISTINCT order_id FROM order_line INDEXED BY order_line_not_sent
JOIN orders ON orders.account = order_line.account AND external_id = order_id
WHERE order_line.account = :account AND offer = :offer AND ordered > open + booked AND changed_at > :after

-- name: save_raw
INSERT INTO raw_record (account, kind, external_id, content_hash, mapper_version, received_at, body)
VALUES (:account, :kind, :external_id, :content_hash, :mapper_version, :now, :body)
ON CONFLICT DO NOTHING

-- name: present_raw
SELECT raw_record.rowid AS place, external_id, body FROM raw_record JOIN orders USING (account, external_id, content_hash)
WHERE account = :account AND kind = :kind AND raw_record.rowid > :after ORDER BY raw_record.rowid LIMIT :limit

-- name: purge_raw
DELETE FROM raw_record WHERE received_at < :before AND rowid IN (SELECT rowid FROM raw_record ORDER BY rowid LIMIT :limit)

-- name: save_dead_letter
INSERT INTO dead_letter (account, kind, content_hash, received_at, reason, body)
VALUES (:account, :kind, :content_hash, :now, :reason, :body)
ON CONFLICT (account, kind, content_hash) DO UPDATE SET reason = excluded.reason

-- name: dead_letters
SELECT account, kind, content_hash, reason, body FROM dead_letter ORDER BY received_at, content_hash

-- name: bury
DELETE FROM dead_letter WHERE account = :account AND kind = :kind AND content_hash = :content_hash

-- name: list
SELECT orders.account, orders.external_id, document, orders.version, first_seen_at FROM orders
JOIN order_version USING (account, external_id, version)
WHERE (:account IS NULL OR orders.account = :account)
  AND (:open = 0 OR EXISTS (SELECT 1 FROM order_line AS line WHERE line.account = orders.account
                            AND line.order_id = orders.external_id AND line.open > 0))
  AND (:sku IS NULL OR EXISTS (SELECT 1 FROM line_target AS target WHERE target.account = orders.account
                               AND target.order_id = orders.external_id AND target.sku = :sku))
ORDER BY placed_at DESC, orders.external_id LIMIT :limit

-- name: find_anywhere
SELECT account FROM orders WHERE external_id = :external_id ORDER BY account

-- name: placed_by_day
SELECT marketplace, business_date, count(*) AS orders FROM orders INDEXED BY orders_placed
WHERE account = :account AND placed_at >= :since GROUP BY marketplace, business_date

-- name: counts
SELECT account, count(*) AS orders, max(changed_at) AS newest FROM orders GROUP BY account
