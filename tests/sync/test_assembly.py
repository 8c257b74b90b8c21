"""From settings to connectors: what a connector refuses is a fault of the file, not a defect."""

import pytest
from attrs import frozen

from entrepot.channel import STANDARD_ERRORS, ChannelType
from entrepot.config import load_config
from entrepot.errors import ConfigError
from entrepot.runtime import SystemClock
from entrepot.secrets import Redactor
from entrepot.sync.assembly import connect_accounts


@frozen
class Settings:
    region: str
    url: str


def connect(settings, ports):
    if settings.region == "moon":
        raise ValueError("there is no region 'moon'")
    return ports.http(settings.url)


CHANNEL = ChannelType(
    id="acme",
    api="1.0",
    settings=Settings,
    connect=connect,
    maps={},
    revision={},
    pii_paths={},
    limits={},
    operations={},
    errors=STANDARD_ERRORS,
)


def fault_of(folder, region, url):
    (folder / "plugins.toml").write_text(f"""
        [entrepot]
        store = "sqlite:shop.db"
        [accounts.shop]
        channel = "acme"
        settings = {{ region = "{region}", url = "{url}" }}
    """)
    config = load_config(folder / "plugins.toml", {"acme": CHANNEL}, {})
    with pytest.raises(ConfigError) as caught:
        connect_accounts(config, {}, SystemClock(), Redactor())
    [fault] = caught.value.faults
    return fault.code, fault.path, fault.message, fault.next_action


@pytest.mark.parametrize(
    ("url", "message", "next_action"),
    [
        ("shop.example", "'shop.example' is no URL of a server", "write it as https://host/path"),
        ("https://me@shop.example", "a base URL has no query, fragment or user", "leave it out"),
    ],
)
def test_a_url_that_names_no_server_is_a_fault_of_its_setting(tmp_path, url, message, next_action):
    """The account and the setting are named, and `run` ends with 78."""
    path = "plugins.toml: accounts.shop.settings.url"
    assert fault_of(tmp_path, "eu", url) == ("E114", path, message, next_action)


def test_whatever_else_a_connector_refuses_is_a_fault_of_the_settings(tmp_path):
    fault = ("E114", "plugins.toml: accounts.shop.settings.region", "there is no region 'moon'", "correct the settings")
    assert fault_of(tmp_path, "moon", "https://shop.example") == fault
