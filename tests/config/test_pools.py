"""Stores that show one number are given one number."""

import pytest

from entrepot.config import load_config
from entrepot.errors import ConfigError
from entrepot.model import Publish
from entrepot_amazon_sp import AMAZON

HEAD = '[entrepot]\nstore = "sqlite:shop.db"\n'
SELLER = 'seller_id = "A2SELLER", client_id = "c", client_secret = "env:SECRET", refresh_token = "env:SECRET"'


def account(name, *stores, settings=SELLER, more=""):
    listed = ", ".join(f'"{store}"' for store in stores)
    return f'[accounts.{name}]\nchannel = "amazon_sp"\nmarketplaces = [{listed}]\n{more}settings = {{ {settings} }}\n'


def load(folder, text):
    (folder / "plugins.toml").write_text(HEAD + text)
    return load_config(folder / "plugins.toml", {"amazon_sp": AMAZON}, {"SECRET": "s3cret"})


def faults(folder, text):
    with pytest.raises(ConfigError) as refused:
        load(folder, text)
    return refused.value.faults


def test_stores_of_one_stock_pool_cannot_be_given_different_numbers(tmp_path):
    """Covers R55: to stop one store, by a rule or an account of its own, would stop its whole pool."""
    one = account("amazon-eu", "DE", "FR", "PL")
    (fault,) = faults(tmp_path, one + '[[rules]]\naccount = "amazon-eu"\nmarketplace = "FR"\ncap = 0\n')
    assert (fault.code, fault.path) == ("E119", "plugins.toml: rules[0].marketplace")
    assert fault.message.startswith("stock pool EUROPE of amazon-eu is one number for ")
    assert fault.message.endswith("; FR cannot differ")
    stores = {store for store, pool in AMAZON.stock_pools.items() if pool == "EUROPE"}
    assert {"DE", "FR", "PL"} < stores <= set(fault.message.removesuffix("; FR cannot differ").replace(",", "").split())
    assert fault.next_action == "take it out: the rule is for the whole account"
    (fault,) = faults(tmp_path, account("amazon-de", "DE") + account("amazon-fr", "FR", "PL"))
    assert (fault.code, fault.path) == ("E120", "plugins.toml: accounts.amazon-fr.marketplaces")
    assert fault.message == "amazon-fr and amazon-de are one seller's, and stock pool EUROPE is one number for both"
    assert fault.next_action == "name its stores in one of the two: DE, FR, PL"


def test_a_rule_for_every_account_is_judged_by_those_that_sell_there(tmp_path):
    """Covers R55."""
    both = account("amazon-us", "US", "MX") + account("amazon-eu", "DE", settings=SELLER.replace("A2", "A3"))
    (fault,) = faults(tmp_path, both + '[[rules]]\nmarketplace = "DE"\nbuffer = 3\n')
    assert "stock pool EUROPE of amazon-eu" in fault.message


@pytest.mark.parametrize("store", ["MX", "TOKYO"])
def test_where_a_store_has_a_number_of_its_own_a_rule_for_it_is_not_supported_yet(tmp_path, store):
    """Covers R55: it is not taken for a rule of the whole account."""
    (fault,) = faults(tmp_path, account("amazon-us", "US", "MX") + f'[[rules]]\nmarketplace = "{store}"\nbuffer = 3\n')
    assert (fault.code, fault.message) == (
        "E119",
        "rules by store are not supported: an offer has one number in all stores of its account",
    )


@pytest.mark.parametrize(
    "accounts",
    [
        account("us", "US") + account("mx", "MX"),
        account("de", "DE") + account("fr", "FR", settings=SELLER.replace("A2SELLER", "A3OTHER")),
        account("de", "DE", more='environment = "simulator"\n') + account("fr", "FR"),
        account("de", "DE", more='environment = "sandbox"\n') + account("fr", "FR"),
    ],
    ids=["other pools", "other sellers", "a simulator", "a sandbox"],
)
def test_accounts_that_share_no_number_may_stand_side_by_side(tmp_path, accounts):
    assert {one.publish for one in load(tmp_path, accounts).accounts.values()} == {Publish.SHADOW}
