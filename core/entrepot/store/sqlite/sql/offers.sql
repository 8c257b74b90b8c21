-- name: find
SELECT * FROM offer WHERE account = :account AND external_id = :external_id

-- name: all
SELECT * FROM offer WHERE (:account IS NULL OR account = :account) ORDER BY account, external_id

-- name: unequal
SELECT account, count(*) AS offers FROM offer WHERE fulfillment = 'merchant' AND desired <> believed GROUP BY account

-- name: see
INSERT INTO offer (account, external_id, fulfillment, shown, shown_at, shown_by, believed)
VALUES (:account, :external_id, :fulfillment, :quantity, :at, :at, :quantity)
ON CONFLICT (account, external_id) DO UPDATE SET fulfillment = excluded.fulfillment

-- name: save_part
INSERT INTO offer_part (account, offer, sku, units, bundle_version) VALUES (:account, :offer, :sku, :units, :version)
ON CONFLICT DO NOTHING

-- name: map
UPDATE offer SET bundle_version = :version WHERE account = :account AND external_id = :external_id

-- name: last_version
SELECT max(bundle_version) AS version FROM offer_part WHERE account = :account AND offer = :external_id

-- name: unmap
UPDATE offer SET bundle_version = NULL, desired = NULL, desired_version = desired_version + 1, desired_at = :at
WHERE account = :account AND external_id = :external_id

-- name: forget
DELETE FROM offer WHERE account = :account AND external_id = :external_id

-- name: forget_parts
DELETE FROM offer_part WHERE account = :account AND offer = :external_id

-- name: parts
SELECT sku, units FROM offer_part WHERE account = :account AND offer = :offer AND bundle_version = :version ORDER BY sku

-- name: bundles
SELECT external_id, bundle_version, sku, units FROM offer JOIN offer_part USING (account, bundle_version)
WHERE account = :account AND offer_part.offer = external_id AND external_id IN (SELECT value FROM json_each(:offers))
ORDER BY external_id, sku

-- name: of_skus
SELECT DISTINCT offer.* FROM offer JOIN offer_part ON offer_part.account = offer.account AND offer_part.offer = offer.external_id
    AND offer_part.bundle_version = offer.bundle_version
WHERE offer_part.sku IN (SELECT value FROM json_each(:skus)) AND fulfillment = 'merchant'
ORDER BY offer.account, offer.external_id

-- name: allow
UPDATE offer SET publish = :publish WHERE account = :account AND external_id = :external_id

-- name: wish
UPDATE offer SET desired = :quantity, desired_version = desired_version + 1, desired_at = :at
WHERE account = :account AND external_id = :external_id

-- name: sold
UPDATE offer SET believed = max(0, believed - gone.units)
FROM (SELECT external_id AS name, sum(json_extract(value, '$[1]')) AS units FROM json_each(:sales)
      CROSS JOIN offer ON account = :account AND external_id = json_extract(value, '$[0]')
      WHERE shown_by < json_extract(value, '$[2]')
          AND (sent_version <= effective_version OR coalesce(verify_due, '') <= json_extract(value, '$[2]'))
      GROUP BY external_id) AS gone
WHERE account = :account AND external_id = gone.name

-- name: perhaps_sold
UPDATE offer SET verify_due = :now
FROM (SELECT DISTINCT external_id AS name FROM json_each(:sales)
      CROSS JOIN offer ON account = :account AND external_id = json_extract(value, '$[0]')
      WHERE shown_at < json_extract(value, '$[2]') AND json_extract(value, '$[2]') <= shown_by) AS looked_at
WHERE account = :account AND external_id = looked_at.name AND verify_due IS NULL

-- name: freed
UPDATE offer SET believed = believed + back.units, verify_due = min(coalesce(verify_due, :now), :now)
FROM (SELECT external_id AS name, sum(json_extract(value, '$[1]')) AS units FROM json_each(:freed)
      CROSS JOIN offer ON account = :account AND external_id = json_extract(value, '$[0]')
      WHERE shown_at < json_extract(value, '$[2]') GROUP BY external_id) AS back
WHERE account = :account AND external_id = back.name

-- name: to_push
SELECT * FROM offer INDEXED BY offer_to_push WHERE account = :account AND desired IS NOT NULL AND desired <> believed
    AND (attempt IS NULL OR (desired < believed AND EXISTS (
        SELECT 1 FROM attempt AS open WHERE open.id = offer.attempt AND operation = 'submit_bulk')))
    AND fulfillment = 'merchant' AND publish = 'live' AND (rejected_version IS NULL OR rejected_version < desired_version)
    AND (desired < believed OR (desired_version > sent_version AND desired_at <= :known_until))
ORDER BY desired >= believed, desired > 0, desired_at, external_id LIMIT :limit

-- name: name_attempt
UPDATE offer SET attempt = :attempt, verify_due = min(verify_due, :deadline)
WHERE account = :account AND external_id = :external_id

-- name: accepted
UPDATE offer SET sent = :quantity, sent_version = :version, sent_at = :at, shown = :quantity, shown_at = :since, shown_by = :at,
    believed = :quantity, verify_due = :verify_due, rejected_version = NULL, attempt = nullif(attempt, :attempt),
    awaiting_pass = 0
WHERE account = :account AND external_id = :external_id AND sent_version <= :version

-- name: rejected
UPDATE offer SET rejected_version = max(coalesce(rejected_version, 0), :version), attempt = nullif(attempt, :attempt)
WHERE account = :account AND external_id = :external_id

-- name: unknown
UPDATE offer SET believed = max(believed, :quantity), shown = max(shown, :quantity), sent = :quantity, sent_version = :version,
    sent_at = :at, verify_due = :verify_due, awaiting_pass = 0
WHERE account = :account AND external_id = :external_id

-- name: release
UPDATE offer SET attempt = NULL WHERE account = :account AND external_id = :external_id AND attempt = :attempt

-- name: observe
UPDATE offer SET observed = :quantity, observed_at = :at, observed_by = :by, issues = :issues, awaiting_pass = :awaiting,
    verify_due = :verify_due
WHERE account = :account AND external_id = :external_id

-- name: show
UPDATE offer SET shown = :quantity, shown_at = :at, shown_by = :by, believed = :believed
WHERE account = :account AND external_id = :external_id

-- name: effective
UPDATE offer SET effective = :quantity, effective_version = :version, effective_at = :at
WHERE account = :account AND external_id = :external_id

-- name: awaiting
SELECT * FROM offer INDEXED BY offer_awaiting WHERE account = :account AND awaiting_pass = 1 AND observed_by <= :until
ORDER BY external_id

-- name: to_verify
SELECT external_id FROM offer WHERE account = :account AND verify_due <= :now ORDER BY verify_due, external_id LIMIT :limit

-- name: next_verify
SELECT min(verify_due) AS at FROM offer WHERE account = :account AND verify_due IS NOT NULL

-- name: exceed
INSERT INTO excess (account, offer, seen, seen_at, shown, shown_at)
VALUES (:account, :offer, :seen, :seen_at, :shown, :shown_at) ON CONFLICT DO NOTHING

-- name: excess
SELECT * FROM excess WHERE account = :account AND offer = :external_id

-- name: exceeding
DELETE FROM excess WHERE account = :account AND seen_at <= :until
RETURNING account, offer, seen, seen_at, shown, shown_at

-- name: candidates
SELECT sku AS name FROM article WHERE sku > :after
UNION SELECT external_id FROM offer WHERE account = :account AND external_id > :after
UNION SELECT bundle.key FROM account CROSS JOIN json_each(account.bundles) AS bundle
    WHERE account.id = :account AND bundle.key > :after
ORDER BY 1 LIMIT :limit

-- name: verify
UPDATE offer SET verify_due = :at WHERE account = :account AND external_id = :external_id

-- name: save_attempt
INSERT INTO attempt (id, account, operation, epoch, created_at, deadline, content_hash, state)
VALUES (:id, :account, :operation, :epoch, :created_at, :deadline, :content_hash, 'open')

-- name: save_item
INSERT INTO attempt_item (attempt, offer, quantity, version, believed, wished_at)
VALUES (:attempt, :offer, :quantity, :version, :believed, :wished_at)

-- name: run_attempt
UPDATE attempt SET state = 'running', ticket = :ticket WHERE id = :id AND state <> 'closed'

-- name: close_attempt
UPDATE attempt SET state = 'closed', outcome = :outcome, closed_at = :now WHERE id = :id AND state <> 'closed'

-- name: save_result
UPDATE attempt_item SET result = :result WHERE attempt = :attempt AND offer = :offer

-- name: open_attempts
SELECT * FROM attempt WHERE account = :account AND state <> 'closed' ORDER BY created_at, id

-- name: attempt
SELECT * FROM attempt WHERE id = :id

-- name: items
SELECT * FROM attempt_item WHERE attempt = :attempt ORDER BY offer

-- name: attempts_of
SELECT attempt.*, item.offer, item.quantity, item.version, item.believed, item.wished_at, item.result
FROM attempt_item AS item INDEXED BY attempt_item_offer JOIN attempt ON attempt.id = item.attempt
WHERE account = :account AND offer = :offer ORDER BY created_at DESC LIMIT :limit
