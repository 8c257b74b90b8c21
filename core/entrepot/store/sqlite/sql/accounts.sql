-- name: save
INSERT INTO account (id, channel, publish, rules, bundles) VALUES (:id, :channel, :publish, :rules, :bundles)
ON CONFLICT (id) DO UPDATE SET publish = excluded.publish, rules = excluded.rules, bundles = excluded.bundles,
    detached_since = NULL

-- name: detach_others
UPDATE account SET detached_since = :now WHERE detached_since IS NULL AND id NOT IN (SELECT value FROM json_each(:ids))

-- name: find
SELECT * FROM account WHERE id = :id

-- name: all
SELECT * FROM account ORDER BY id

-- name: park
UPDATE account SET parked_since = :now WHERE id = :id AND parked_since IS NULL

-- name: resume
UPDATE account SET parked_since = NULL WHERE id = :id AND parked_since IS NOT NULL

-- name: pause
UPDATE account SET paused_since = :now WHERE id = :id AND paused_since IS NULL

-- name: end_pause
UPDATE account SET paused_since = NULL WHERE id = :id AND paused_since IS NOT NULL

-- name: set_clock_offset
UPDATE account SET clock_offset = :seconds WHERE id = :id AND clock_offset <> :seconds

-- name: describe
UPDATE account SET description = :description WHERE id = :id

-- name: withhold
UPDATE account SET withheld = :withheld WHERE id = :id

-- name: save_article
INSERT INTO article (sku, title, article_group) VALUES (:sku, :title, :group)
ON CONFLICT (sku) DO UPDATE SET title = excluded.title, article_group = excluded.article_group
WHERE title <> excluded.title OR article_group <> excluded.article_group

-- name: articles
SELECT sku, title, article_group FROM article ORDER BY sku

-- name: forget_locations
DELETE FROM location

-- name: save_location
INSERT INTO location (id, place) VALUES (:id, :place)

-- name: locations
SELECT id FROM location ORDER BY place

-- name: known_articles
SELECT sku, article_group FROM article WHERE sku IN (SELECT value FROM json_each(:skus))
