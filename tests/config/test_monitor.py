"""`[entrepot] metrics`."""

import pytest

from entrepot.config import load_config
from entrepot.config.model import Address


def load(folder, text):
    (folder / "plugins.toml").write_text(f'[entrepot]\nstore = "sqlite:shop.db"\n{text}\n')
    return load_config(folder / "plugins.toml", {}, {})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", None),
        ('metrics = "127.0.0.1:9464"', Address("127.0.0.1", 9464)),
        ('metrics = "localhost:80"', Address("127.0.0.1", 80)),
        ('metrics = "[::1]:9464"', Address("::1", 9464)),
    ],
)
def test_it_is_off_unless_it_is_asked_for_and_stays_on_this_machine(tmp_path, text, address):
    config = load(tmp_path, text)
    assert (config.metrics, config.warnings) == (address, ())


def test_an_address_that_others_reach_is_a_warning(tmp_path):
    """Covers P9: counts of orders are business figures."""
    config = load(tmp_path, 'metrics = "0.0.0.0:9464"')
    assert config.metrics == Address("0.0.0.0", 9464)  # noqa: S104 - it is what is warned of
    (warning,) = config.warnings
    assert (warning.code, warning.path) == ("W102", "plugins.toml: entrepot.metrics")
