-- name: save_movement
INSERT INTO movement (sku, location, quantity, kind, effective_at, not_before, recorded_at, reference)
VALUES (:sku, :location, :quantity, :kind, :effective_at, :not_before, :now, :reference)
ON CONFLICT (sku, location, reference) DO NOTHING

-- name: save_count
INSERT INTO stock_count (sku, location, counted, meaning, on_hand, effective_at, recorded_at, reference)
VALUES (:sku, :location, :counted, :meaning, :on_hand, :effective_at, :now, :reference)
ON CONFLICT (sku, location, reference) DO NOTHING

-- name: touch_position
INSERT INTO position (sku, location) VALUES (:sku, :location) ON CONFLICT DO NOTHING

-- name: apply_movement
INSERT INTO position (sku, location, on_hand, known) VALUES (:sku, :location, :quantity, :known)
ON CONFLICT (sku, location) DO UPDATE SET
    on_hand = on_hand + CASE WHEN counted_at IS NULL OR :effective_at > counted_at THEN :quantity ELSE 0 END,
    known = known OR :known

-- name: apply_count
UPDATE position SET known = 1, counted_at = latest.effective_at, on_hand = latest.on_hand + (
    SELECT coalesce(sum(quantity), 0) FROM movement
    WHERE sku = :sku AND location = :location AND effective_at > latest.effective_at)
FROM (SELECT effective_at, on_hand FROM stock_count WHERE sku = :sku AND location = :location
      ORDER BY effective_at DESC, id DESC LIMIT 1) AS latest
WHERE position.sku = :sku AND position.location = :location

-- name: open_at
SELECT coalesce((SELECT sum((ordered - cancelled) * per_unit) FROM line_target JOIN order_line USING (account, order_id, line_id)
                 WHERE sku = :sku AND location = :location AND placed_at <= :at AND (open > 0 OR booked > 0)), 0)
     + coalesce((SELECT sum(quantity) FROM movement
                 WHERE sku = :sku AND location = :location AND kind = 'shipment' AND effective_at <= :at), 0) AS units

-- name: reserve
INSERT INTO position (sku, location, reserved) VALUES (:sku, :location, :units)
ON CONFLICT (sku, location) DO UPDATE SET reserved = reserved + excluded.reserved

-- name: positions
SELECT sku, location, on_hand, reserved, counted_at, known FROM position WHERE sku IN (SELECT value FROM json_each(:skus))

-- name: all_positions
SELECT sku, location, on_hand, reserved, counted_at, known FROM position

-- name: articles_elsewhere
SELECT location, count(DISTINCT sku) AS articles FROM (
    SELECT sku, location FROM position WHERE on_hand <> 0 OR reserved <> 0
    UNION ALL
    SELECT sku, location FROM stock_import CROSS JOIN import_line ON import = stock_import.id
    WHERE state IN ('held', 'applied') AND stage = 0 AND on_hand <> 0)
WHERE location NOT IN (SELECT value FROM json_each(:known)) AND location NOT LIKE 'held:%'
GROUP BY location

-- name: movements
SELECT sku, location, quantity, kind, effective_at, not_before, reference FROM movement
WHERE :sku IS NULL OR sku = :sku ORDER BY id

-- name: around_count
SELECT sku, location, quantity, kind, effective_at, not_before, reference FROM movement JOIN position USING (sku, location)
WHERE sku = :sku AND location = :location AND not_before < counted_at AND counted_at < effective_at ORDER BY id

-- name: last_count
SELECT effective_at, meaning FROM stock_count WHERE sku = :sku AND location = :location
ORDER BY effective_at DESC, id DESC LIMIT 1

-- name: stock_counts
SELECT sku, location, counted, meaning, on_hand, effective_at, reference FROM stock_count
WHERE :sku IS NULL OR sku = :sku ORDER BY id

-- name: wrong_positions
WITH open_demand AS (
    SELECT sku, location, sum(open * per_unit) AS units FROM line_target JOIN order_line USING (account, order_id, line_id)
    GROUP BY sku, location)
SELECT sku, location, reserved, coalesce(units, 0) AS units FROM position LEFT JOIN open_demand USING (sku, location)
WHERE reserved <> coalesce(units, 0)
