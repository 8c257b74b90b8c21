-- name: begin
INSERT INTO stock_import (source, file, reference, meaning, state, begun_at, touched_at)
VALUES (:source, :file, :reference, :meaning, 'staging', :now, :now)

-- name: give_up
UPDATE stock_import SET state = 'discarded' WHERE state = 'staging' AND (reference = :reference OR touched_at < :before)

-- name: touch
UPDATE stock_import SET touched_at = :now WHERE id = :import AND state = 'staging'

-- name: move
UPDATE stock_import SET state = :into, figures = coalesce(:figures, figures),
    applied_at = CASE WHEN :into = 'applied' THEN :now ELSE applied_at END
WHERE id = :import AND state = :out_of

-- name: find
SELECT * FROM stock_import WHERE id = :import

-- name: of_reference
SELECT * FROM stock_import WHERE reference = :reference AND state IN ('held', 'applied', 'done') ORDER BY id DESC LIMIT 1

-- name: decided
-- What was given up while it was staged has no figures.
SELECT * FROM stock_import
WHERE reference = :reference AND (state IN ('held', 'applied', 'done') OR state = 'discarded' AND figures <> '{}')
ORDER BY id DESC LIMIT 1

-- name: all
SELECT * FROM stock_import ORDER BY id DESC LIMIT :limit

-- name: known_positions
SELECT count(*) AS number FROM position WHERE known AND location IN (SELECT value FROM json_each(:locations))

-- name: weigh
WITH told AS MATERIALIZED (
    SELECT json_extract(value, '$[0]') AS sku, json_extract(value, '$[1]') AS location,
        json_extract(value, '$[2]') AS effective_at
    FROM json_each(:lines))
SELECT coalesce(position.known, 0) AS known, coalesce(position.on_hand, 0) AS on_hand, 
    coalesce(position.counted_at > told.effective_at, 0) AS outdated,
    position.sku IS NOT NULL OR article.sku IS NOT NULL AS exists_,
    (SELECT coalesce(sum(quantity), 0) FROM movement
     WHERE movement.sku = told.sku AND movement.location = told.location
        AND movement.effective_at > told.effective_at) AS moved_since,
    CASE WHEN position.sku IS NULL THEN 0 ELSE max(0,
        coalesce((SELECT sum((ordered - cancelled) * per_unit) FROM line_target JOIN order_line USING (account, order_id, line_id)
                  WHERE line_target.sku = told.sku AND line_target.location = told.location
                    AND placed_at <= told.effective_at AND (open > 0 OR booked > 0)), 0)
      + coalesce((SELECT sum(quantity) FROM movement
                  WHERE movement.sku = told.sku AND movement.location = told.location AND kind = 'shipment'
                    AND movement.effective_at <= told.effective_at), 0)) END AS inside,
    EXISTS (SELECT 1 FROM stock_count
            WHERE stock_count.sku = told.sku AND stock_count.location = told.location
                AND reference = :reference) AS recorded
FROM told LEFT JOIN position ON position.sku = told.sku AND position.location = told.location
    LEFT JOIN article ON article.sku = told.sku

-- name: save_line
INSERT INTO import_line (import, sku, location, counted, on_hand, effective_at)
VALUES (:import, :sku, :location, :counted, :on_hand, :effective_at)

-- name: save_refusal
INSERT INTO import_refusal (import, line, sku, reason) VALUES (:import, :line, :sku, :reason)

-- name: refusals
SELECT line, sku, reason FROM import_refusal WHERE import = :import ORDER BY line LIMIT :limit

-- name: unfinished
SELECT EXISTS (SELECT 1 FROM stock_import WHERE state = 'applied')
    OR EXISTS (SELECT 1 FROM stock_import WHERE state = 'discarded'
               AND EXISTS (SELECT 1 FROM import_line WHERE import = stock_import.id)) AS unfinished

-- name: next_applied
SELECT id FROM stock_import WHERE state = 'applied' ORDER BY applied_at, id LIMIT 1

-- name: next_changed
SELECT sku, location, stage FROM import_line WHERE import = :import ORDER BY sku, location LIMIT :limit

-- name: next_piece
SELECT line.sku, line.location, stage, coalesce(position.known, 0) AS known, coalesce(position.on_hand, 0) AS on_hand
FROM import_line AS line LEFT JOIN position ON position.sku = line.sku AND position.location = line.location
WHERE import = :import ORDER BY line.sku, line.location LIMIT :limit

-- name: in_doubt
SELECT DISTINCT line.sku, line.location FROM import_line AS line
    CROSS JOIN position ON position.sku = line.sku AND position.location = line.location
    CROSS JOIN movement ON movement.sku = line.sku AND movement.location = line.location
WHERE import = :import AND (line.sku, line.location) <= (:sku, :location)
    AND not_before < counted_at AND counted_at < movement.effective_at

-- name: mark_changed
UPDATE import_line SET stage = 2 WHERE import = :import AND sku = :sku AND location = :location

-- name: drop_unchanged
DELETE FROM import_line WHERE import = :import AND (sku, location) <= (:sku, :location) AND stage <> 2

-- name: drop_changed
DELETE FROM import_line WHERE import = :import AND (sku, location) <= (:sku, :location)

-- name: sweep
DELETE FROM import_line WHERE (import, sku, location) IN (
    SELECT import, sku, location FROM import_line
    WHERE import IN (SELECT id FROM stock_import WHERE state = 'discarded') LIMIT :limit)
