import json


def test_the_schema_knows_the_settings_of_the_enabled_plugins(entrepot):
    told = json.loads(entrepot("config", "schema").stdout)
    assert told["properties"]["accounts"]["additionalProperties"]["properties"]["channel"] == {"enum": ["mock"]}
    assert "token" in json.dumps(told)
