"""What the golden cases (tests/golden) cannot write down: files in another encoding, and whose faults they are not."""

import pytest
from attrs import evolve

from entrepot.config import load_config
from entrepot.errors import ConfigError
from tests.config.channels import ACME, CHANNELS

HEAD = '[entrepot]\nstore = "sqlite:shop.db"\n'
SIMULATED = """
[accounts.shop]
channel = "acme"
environment = "simulator"
simulator = "http://127.0.0.1:8801"
settings = { url = "https://a.example", token = "simulated" }
"""


def faults_of(folder):
    with pytest.raises(ConfigError) as caught:
        load_config(folder / "plugins.toml", CHANNELS, {})
    return [(fault.code, fault.path, fault.message) for fault in caught.value.faults]


def test_a_file_in_another_encoding_is_no_toml(tmp_path):
    (tmp_path / "plugins.toml").write_bytes('title = "Kräuter"'.encode("cp1252"))
    [(code, path, message)] = faults_of(tmp_path)
    assert (code, path) == ("E102", "plugins.toml")
    assert message.startswith("not TOML: 'utf-8' codec can't decode")


def test_a_catalog_in_another_encoding(tmp_path):
    (tmp_path / "plugins.toml").write_text(HEAD + '[skus]\ncatalog = "skus.csv"\n')
    (tmp_path / "skus.csv").write_bytes("sku,title\nTEA,Kräutertee\n".encode("cp1252"))
    assert faults_of(tmp_path) == [("E109", "skus.csv", "not UTF-8: invalid continuation byte")]


def test_someone_elses_simulator_may_stand_at_an_address(tmp_path):
    (tmp_path / "plugins.toml").write_text(HEAD + SIMULATED)
    config = load_config(tmp_path / "plugins.toml", {"acme": evolve(ACME, simulator=None)}, {})
    assert config.accounts.keys() == {"shop"}
