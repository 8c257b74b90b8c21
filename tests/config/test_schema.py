"""What an editor completes and checks is what the loader reads."""

import json
import tomllib
from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest

from entrepot.config.schema import schema
from entrepot_amazon_sp import AMAZON
from entrepot_mock_channel import MOCK
from tests.config.channels import ACME, CHANNELS
from tests.config.test_config import GOOD, SHARED

HEAD = '[entrepot]\nstore = "sqlite:shop.db"\n'
SHOP = HEAD + '[accounts.shop]\nchannel = "acme"\nsettings = { url = "https://a.example", token = "env:TOKEN" }\n'
WITH_CATALOG = HEAD + '[skus]\ncatalog = "skus.csv"\n'
ROOT = Path(__file__).parents[2]
RULED = (
    GOOD
    + """
    account = "shop"
    share = "12.5%"
    cap = 9
    stop_below = 3
    publish = "shadow"
"""
)
BUNDLED = WITH_CATALOG + 'unmapped = "hold"\nbundles = { SET = { MUG = 2 } }\n[stock]\nhold_if = { zeroed = "2%" }\n'
TIMED = HEAD + '[schedule]\norder_audit = "04:15"\ndrift_sweep = "every 30m"\n'


def complaints(text, channels=CHANNELS):
    """Where the schema refuses the file. As editors do, dates become text."""
    document = json.loads(json.dumps(tomllib.loads(text), default=date.isoformat))
    found = jsonschema_rs.validator_for(schema(channels)).iter_errors(document)
    return [".".join(map(str, one.instance_path)) for one in found]


def test_it_is_a_schema():
    assert jsonschema_rs.meta.is_valid(schema(CHANNELS))
    assert jsonschema_rs.meta.is_valid(schema({}))


def test_the_example_file_fits():
    text = (ROOT / "plugins.toml").read_text("utf-8")
    assert complaints(text, {channel.id: channel for channel in (MOCK, AMAZON)}) == []


@pytest.mark.parametrize("text", [GOOD, SHARED, SHOP, RULED, BUNDLED, TIMED, HEAD + 'metrics = "[::1]:9464"\n'])
def test_what_the_loader_takes_fits(text):
    assert complaints(text) == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (HEAD + "metrics = 9464\n", "entrepot.metrics"),
        (SHOP + 'publsh = "live"\n', "accounts.shop"),
        (SHOP + 'publish = "on"\n', "accounts.shop.publish"),
        (SHOP.replace('"acme"', '"acne"'), "accounts.shop.channel"),
        (SHOP.replace("url =", "ulr ="), "accounts.shop.settings"),
        (SHOP.replace('"https://a.example"', "1"), "accounts.shop.settings.url"),
        (HEAD + '[accounts.shop]\nchannel = "acme"\n', "accounts.shop"),
        (HEAD + "[[rules]]\nbuffer = -1\n", "rules.0.buffer"),
        (HEAD + '[[rules]]\nshare = "half"\n', "rules.0.share"),
        (WITH_CATALOG + "bundles = { SET = { MUG = 0 } }\n", "skus.bundles.SET.MUG"),
        (HEAD + '[schedule]\npurge = "4:15"\n', "schedule.purge"),
        ("[plugins]\n", ""),
    ],
)
def test_what_the_loader_refuses_is_marked_where_it_stands(text, where):
    assert where in complaints(text)


def test_settings_are_those_of_the_channel():
    settings = schema({"acme": ACME})["properties"]["accounts"]["additionalProperties"]["allOf"][0]["then"]
    assert settings["properties"]["settings"]["properties"].keys() == {"url", "token", "scopes", "partner"}
