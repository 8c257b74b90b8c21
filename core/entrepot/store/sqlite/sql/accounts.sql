-- name: save
INSERT INTO account (id, channel, publish, rules, bundles, detached)
VALUES (:id, :channel, :publish, :rules, :bundles, 0)
ON CONFLICT (id) DO UPDATE SET publish = excluded.publish, rules = excluded.rules, bundles = excluded.bundles, detached = 0

-- name: detach_others
UPDATE account SET detached = 1 WHERE detached = 0 AND id NOT IN (SELECT value FROM json_each(:ids))

-- name: find
SELECT * FROM account WHERE id = :id

-- name: all
SELECT * FROM account ORDER BY id

-- name: park
UPDATE account SET parked_since = :now WHERE id = :id AND parked_since IS NULL

-- name: resume
UPDATE account SET parked_since = NULL WHERE id = :id AND parked_since IS NOT NULL

-- name: set_clock_offset
UPDATE account SET clock_offset = :seconds WHERE id = :id AND clock_offset <> :seconds

-- name: describe
UPDATE account SET description = :description WHERE id = :id

-- name: save_article
INSERT INTO article (sku, title, article_group) VALUES (:sku, :title, :group)
ON CONFLICT (sku) DO UPDATE SET title = excluded.title, article_group = excluded.article_group
WHERE title <> excluded.title OR article_group <> excluded.article_group

-- name: articles
SELECT sku, title, article_group FROM article ORDER BY sku

-- name: known_articles
SELECT sku, article_group FROM article WHERE sku IN (SELECT value FROM json_each(:skus))
