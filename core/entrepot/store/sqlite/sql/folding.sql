-- name: drop_recorded
DELETE FROM import_line WHERE import = :import AND (sku, location) BETWEEN (:first_sku, :first_location) AND (:sku, :location)
    AND stage = 0
    AND EXISTS (SELECT 1 FROM stock_count JOIN stock_import USING (reference)
                WHERE stock_import.id = import_line.import AND stock_count.sku = import_line.sku
                    AND stock_count.location = import_line.location)

-- name: same_content
SELECT EXISTS (SELECT 1 FROM stock_import AS other JOIN stock_import AS this USING (reference)
               WHERE this.id = :import AND other.id <> :import AND other.state IN ('applied', 'done')) AS found

-- name: save_counts
INSERT INTO stock_count (sku, location, counted, meaning, on_hand, effective_at, recorded_at, reference)
SELECT sku, location, counted, meaning, on_hand, effective_at, applied_at, reference
FROM import_line JOIN stock_import ON stock_import.id = import
WHERE import = :import AND (sku, location) BETWEEN (:first_sku, :first_location) AND (:sku, :location) AND stage = 0

-- name: apply_counts
INSERT INTO position (sku, location, on_hand, counted_at, known)
SELECT sku, location, on_hand + (
    SELECT coalesce(sum(quantity), 0) FROM movement
    WHERE movement.sku = line.sku AND movement.location = line.location AND movement.effective_at > line.effective_at), effective_at, 1
FROM import_line AS line
WHERE import = :import AND (sku, location) BETWEEN (:first_sku, :first_location) AND (:sku, :location) AND stage = 0
ON CONFLICT (sku, location) DO UPDATE SET on_hand = excluded.on_hand, counted_at = excluded.counted_at, known = 1
    WHERE counted_at IS NULL OR counted_at <= excluded.counted_at
RETURNING sku, location, known, on_hand

-- name: mark_counted
UPDATE import_line SET stage = 1 WHERE import = :import AND sku = :sku AND location = :location

-- name: imports_of
SELECT import FROM stock_import CROSS JOIN import_line ON import = stock_import.id AND sku = :sku AND location = :location
WHERE state = 'applied' AND stage = 0 ORDER BY applied_at, import

-- name: pending
SELECT line.sku, line.location, coalesce(reserved, 0) AS reserved,
    line.effective_at AS counted_at, 1 AS known, line.on_hand + (
    SELECT coalesce(sum(quantity), 0) FROM movement
    WHERE movement.sku = line.sku AND movement.location = line.location
        AND movement.effective_at > line.effective_at) AS on_hand
FROM stock_import CROSS JOIN import_line AS line ON line.import = stock_import.id
    LEFT JOIN position ON position.sku = line.sku AND position.location = line.location
WHERE stock_import.state = 'applied' AND stage = 0 AND line.sku IN (SELECT value FROM json_each(:skus))
    AND (position.counted_at IS NULL OR position.counted_at <= line.effective_at)
ORDER BY line.effective_at, applied_at, stock_import.id

-- name: all_pending
SELECT line.sku, line.location, coalesce(reserved, 0) AS reserved,
    line.effective_at AS counted_at, 1 AS known, line.on_hand + (
    SELECT coalesce(sum(quantity), 0) FROM movement
    WHERE movement.sku = line.sku AND movement.location = line.location
        AND movement.effective_at > line.effective_at) AS on_hand
FROM stock_import CROSS JOIN import_line AS line ON line.import = stock_import.id
    LEFT JOIN position ON position.sku = line.sku AND position.location = line.location
WHERE stock_import.state = 'applied' AND stage = 0
    AND (position.counted_at IS NULL OR position.counted_at <= line.effective_at)
ORDER BY line.effective_at, applied_at, stock_import.id

-- name: pending_counts
SELECT sku, location, counted, meaning, on_hand, effective_at, reference
FROM stock_import CROSS JOIN import_line ON import = stock_import.id
WHERE state = 'applied' AND stage = 0 AND sku = :sku ORDER BY applied_at, import, location

-- name: all_pending_counts
SELECT sku, location, counted, meaning, on_hand, effective_at, reference
FROM stock_import CROSS JOIN import_line ON import = stock_import.id
WHERE state = 'applied' AND stage = 0 ORDER BY applied_at, import, sku, location
