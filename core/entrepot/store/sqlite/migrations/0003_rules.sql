-- What [[rules]] say, known in every transaction: of an account all that concern it, and what
-- its offers are made of by name; of an offer whether it may be sent.

ALTER TABLE account ADD COLUMN rules TEXT NOT NULL DEFAULT '[]';    -- Rule as JSON
UPDATE account SET rules = json_array(json_object('number', 1, 'buffer', buffer)) WHERE buffer <> 0;
ALTER TABLE account ADD COLUMN bundles TEXT NOT NULL DEFAULT '{}';  -- offer to article to units, as JSON
ALTER TABLE account DROP COLUMN buffer;

ALTER TABLE offer ADD COLUMN publish TEXT NOT NULL DEFAULT 'live' CHECK (publish IN ('off', 'shadow', 'live'));
