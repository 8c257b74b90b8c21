"""What a good plugins.toml becomes."""

import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from entrepot import plugins
from entrepot.channel import Environment
from entrepot.config import Locations, StockConfig, build, load_config, read_document, secret_values
from entrepot.config.catalog import read_catalog
from entrepot.errors import ConfigError, Fault
from entrepot.model import CountMeaning, Publish
from entrepot.model.schedule import Daily, Every, Timetable
from entrepot.stock.mass_change import HoldIf, Share
from entrepot.stock.rules import Rule
from tests.config.channels import ACME, CHANNELS, AcmeSettings

ROOT = Path(__file__).parents[2]

GOOD = """
    [entrepot]
    store = "sqlite:data/shop.db"
    time_zone = "Europe/Berlin"
    [plugins]
    acme = ">=1,<2"
    [accounts.shop]
    channel = "acme"
    marketplaces = ["DE", "FR"]
    publish = "live"
    environment = "simulator"
    time_scale = 200
    simulator = "http://127.0.0.1:8801/"
    orders = { since = 2026-09-01, freshness = "2m" }
    settings = { url = "https://a.example", token = "written out", partner = { id = 7, key = "file:key" } }
    [accounts.plain]
    channel = "acme"
    settings = { url = "https://b.example", token = "env:TOKEN" }
    [skus]
    catalog = "skus.csv"
    [[rules]]
    buffer = 2
"""


def load(folder: Path, text: str = GOOD, env: dict[str, str] | None = None):
    (folder / "plugins.toml").write_text(text)
    (folder / "skus.csv").write_bytes('\ufeffsku,title,group\r\nTEA, Tea ,food\r\nMUG,"Mug, blue",\r\n'.encode())
    (folder / "key").write_text("from file\n")
    return load_config(folder / "plugins.toml", CHANNELS, {"TOKEN": "from env"} if env is None else env)


@pytest.fixture
def config(tmp_path):
    return load(tmp_path)


def test_paths_are_relative_to_the_file(config, tmp_path):
    assert config.database == tmp_path / "data" / "shop.db"


def test_an_account_with_everything(config):
    shop = config.accounts["shop"]
    assert (shop.id, shop.channel, shop.marketplaces) == ("shop", ACME, ("DE", "FR"))
    assert (shop.publish, shop.environment, shop.time_scale) == (Publish.LIVE, Environment.SIMULATOR, 200)
    assert isinstance(shop.publish, Publish)
    assert shop.simulator == "http://127.0.0.1:8801"
    assert isinstance(shop.settings, AcmeSettings)


def test_an_account_with_defaults_sends_nothing(config):
    """Nothing is written to a channel by accident."""
    plain = config.accounts["plain"]
    assert (plain.publish, plain.environment) == (Publish.SHADOW, Environment.PRODUCTION)
    assert (plain.marketplaces, plain.time_scale, plain.simulator, plain.orders.since) == ((), 1, None, None)


def test_secrets_come_from_variable_file_and_simulator(config):
    """P9: revealed only on purpose."""
    shop, plain = config.accounts["shop"].settings, config.accounts["plain"].settings
    assert shop.token.reveal() == "written out"
    assert shop.partner.key.reveal() == "from file"
    assert plain.token.reveal() == "from env"
    assert secret_values(config) == {"written out", "from file", "from env"}
    assert not any(secret in repr(config) for secret in secret_values(config))


def test_a_date_begins_at_midnight_of_the_own_time_zone(config):
    assert config.accounts["shop"].orders.since == datetime(2026, 8, 31, 22, tzinfo=UTC)


def test_an_instant_is_kept_in_utc(tmp_path):
    """R89: other offsets than UTC are understood."""
    text = GOOD.replace("since = 2026-09-01", "since = 2026-09-01T08:00:00+02:00")
    since = load(tmp_path, text).accounts["shop"].orders.since
    assert (since, since.utcoffset()) == (datetime(2026, 9, 1, 6, tzinfo=UTC), timedelta())


@pytest.mark.parametrize(("text", "seconds"), [("200s", 200), ("4m", 240), ("2h", 7200), ("1d", 86400)])
def test_durations(tmp_path, text, seconds):
    orders = load(tmp_path, GOOD.replace('"2m"', f'"{text}"')).accounts["shop"].orders
    assert orders.freshness == timedelta(seconds=seconds)


def test_the_catalog_tolerates_a_byte_order_mark(config):
    assert [(a.sku, a.title, a.group) for a in config.articles.values()] == [
        ("TEA", "Tea", "food"),
        ("MUG", "Mug, blue", ""),
    ]


RULES = """
    [[rules]]
    buffer = 1
    share = "50%"
    cap = 200
    [[rules]]
    account = "shop"
    group = "food"
    sku = "TEA"
    buffer = 0
    stop_below = 3
    publish = "shadow"
"""


def test_rules_keep_their_order_and_say_only_what_is_written(config, tmp_path):
    assert config.rules == (Rule(1, buffer=2),)
    assert load(tmp_path, '[entrepot]\nstore = "sqlite:x"\n').rules == ()
    first, second = load(tmp_path, GOOD.partition("[[rules]]")[0] + RULES).rules
    assert first == Rule(1, buffer=1, share=percent(50), cap=200)
    assert second == Rule(2, account="shop", group="food", sku="TEA", buffer=0, stop_below=3, publish=Publish.SHADOW)


def test_bundles_are_units_of_articles_by_the_name_of_the_offer(tmp_path):
    text = GOOD.replace(
        '"skus.csv"\n', '"skus.csv"\n    unmapped = "hold"\n    bundles = { SET = { TEA = 2, MUG = 1 } }\n'
    )
    assert load(tmp_path, text).bundles == {"SET": {"TEA": 2, "MUG": 1}}


SHARED = """
    [entrepot]
    store = "sqlite:x"
    [credentials.app]
    token = "env:TOKEN"
    scopes = ["orders"]
    [accounts.one]
    channel = "acme"
    credentials = "app"
    settings = { url = "https://one.example" }
    [accounts.two]
    channel = "acme"
    credentials = "app"
    settings = { url = "https://two.example" }
"""


def test_several_accounts_take_over_the_credentials_of_one_application(tmp_path):
    config = load(tmp_path, SHARED)
    found = [config.accounts[name].settings for name in ("one", "two")]
    assert [one.url for one in found] == ["https://one.example", "https://two.example"]
    assert {(one.token.reveal(), one.scopes) for one in found} == {("from env", ("orders",))}
    assert secret_values(config) == {"from env"}


def test_what_counts_mean_and_what_an_import_may_change(tmp_path):
    home = '[entrepot]\nstore = "sqlite:x"\n'
    table = '[stock]\ncounts = "available"\nhold_if = { zeroed = "0.5%" }\n'
    assert load(tmp_path, home).stock == StockConfig(CountMeaning.ON_HAND, HoldIf(percent(10), percent(50)))
    assert load(tmp_path, home + table).stock == StockConfig(
        CountMeaning.AVAILABLE, HoldIf(percent("0.5"), percent(50))
    )


def percent(number):
    return Share(Decimal(number))


def freshness(tmp_path, extra: str):
    text = f"""
        [entrepot]
        store = "sqlite:shop.db"
        [accounts.shop]
        channel = "acme"
        settings = {{ url = "https://a.example", token = "env:TOKEN" }}
        {extra}
    """
    return load(tmp_path, text)


def test_a_freshness_out_of_reach_is_a_warning_with_the_reachable_figure(tmp_path):
    config = freshness(tmp_path, 'orders.freshness = "60s"')
    [warning] = config.warnings
    assert (warning.code, warning.path) == ("W101", "plugins.toml: accounts.shop.orders.freshness")
    assert warning.message == (
        "the limits of channel 'acme' allow one look per 178.571s, not per 60s; "
        "besides, it shows a change up to 120s late"
    )
    assert warning.next_action == 'write "179s" or longer'
    assert config.accounts["shop"].orders.freshness == timedelta(seconds=60)


def test_a_freshness_that_follows_the_advice_is_no_warning(tmp_path):
    assert freshness(tmp_path, 'orders.freshness = "179s"').warnings == ()


SCALED = 'environment = "simulator"\ntime_scale = 200\nsimulator = "http://127.0.0.1:8801"\n'


def test_a_freshness_is_in_the_channels_own_time(tmp_path):
    """What is right in production is right in a simulator in scaled time: the loop divides both by the scale."""
    assert freshness(tmp_path, SCALED + 'orders.freshness = "179s"').warnings == ()
    assert len(freshness(tmp_path, SCALED + 'orders.freshness = "178s"').warnings) == 1


@pytest.mark.parametrize("extra", ["", SCALED])
def test_a_freshness_left_out_is_what_can_be_reached(tmp_path, extra):
    config = freshness(tmp_path, extra)
    assert config.warnings == ()
    assert 178 < config.accounts["shop"].orders.freshness.total_seconds() < 179


def test_plugin_faults_come_first_and_explain_unknown_channels(tmp_path):
    (tmp_path / "plugins.toml").write_text(
        '[entrepot]\nstore = "sqlite:x"\n[plugins]\nacme = "*"\n[accounts.shop]\nchannel = "acme"\npublish = "on"\n'
    )
    document = read_document(tmp_path / "plugins.toml")
    loaded = plugins.load(document.plugins, entry_points=[])
    with pytest.raises(ConfigError) as caught:
        build(document, loaded.channels, {}, plugin_faults=loaded.faults)
    assert [fault.code for fault in caught.value.faults] == ["E201", "E106", "E105"]
    assert caught.value.faults[1].next_action == "correct the faults of [plugins] first"


def load_example(path: Path):
    document = read_document(path)
    loaded = plugins.load(document.plugins)
    return build(document, loaded.channels, {"WEBSHOP_TOKEN": "t0ken"}, plugin_faults=loaded.faults)


def test_texts_that_are_no_secrets_may_be_references_too(tmp_path):
    """An application's id stands in the environment beside its secret."""
    (tmp_path / "url").write_text("https://c.example\n")
    text = GOOD.replace('url = "https://b.example"', 'url = "file:url"')
    config = load(tmp_path, text, {"TOKEN": "t"})
    assert "https://c.example" in {account.settings.url for account in config.accounts.values()}


def test_the_commented_example_loads():
    config = load_example(ROOT / "plugins.toml")
    assert config.accounts.keys() == {"webshop", "amazon"}
    assert config.accounts["amazon"].marketplaces == ("DE", "NL")
    assert all(account.environment is Environment.SIMULATOR for account in config.accounts.values())
    assert {"TEA-ASSAM-250", "MUG-BLUE"} <= config.articles.keys()
    assert config.warnings == ()


def test_the_comments_of_the_example_are_right(tmp_path):
    """With every commented key in force, and the secret as the comment beside it says."""
    text = re.sub(r"(?m)^# (?=\w+ +=)", "", (ROOT / "plugins.toml").read_text())
    text = text.replace('"simulated"', '"env:WEBSHOP_TOKEN"', 1)
    (tmp_path / "plugins.toml").write_text(text)
    (tmp_path / "skus.csv").write_text((ROOT / "skus.csv").read_text())
    webshop = load_example(tmp_path / "plugins.toml").accounts["webshop"]
    assert webshop.time_scale == 200
    assert (webshop.simulator, webshop.orders.freshness) == ("http://127.0.0.1:8801", timedelta(seconds=15))
    assert webshop.settings.token.reveal() == "t0ken"


def test_a_fault_reads_as_one_sentence_with_its_next_action():
    fault = Fault("E104", "plugins.toml: entrepot.store", "required, but missing", "add `store = ...` under [entrepot]")
    assert (
        str(ConfigError([fault]))
        == "E104 plugins.toml: entrepot.store: required, but missing. Next: add `store = ...` under [entrepot]"
    )


def test_schedules_are_hours_of_the_own_time_zone_or_pauses(tmp_path):
    home = '[entrepot]\nstore = "sqlite:shop.db"\ntime_zone = "Asia/Tokyo"\n'
    assert load(tmp_path, home).timetable == Timetable(ZoneInfo("Asia/Tokyo"))
    table = '[schedule]\norder_audit = "04:15"\ndrift_sweep = "every 30m"\n'
    told = load(tmp_path, home + table).timetable
    assert (told.order_audit, told.drift_sweep) == (Daily(time(4, 15)), Every(timedelta(minutes=30)))
    assert told.purge == Every(timedelta(days=1))


def test_locations_stand_in_the_order_in_which_orders_are_taken_from_them(tmp_path):
    home = '[entrepot]\nstore = "sqlite:shop.db"\n'
    assert load(tmp_path, home).locations == Locations(("main",), {})
    assert load(tmp_path, home).locations.only == "main"
    table = '[locations]\nlater = {}\nvenlo = { priority = 2 }\nhamburg = { country = "DE", priority = 1 }\nlast = {}\n'
    told = load(tmp_path, home + table).locations
    assert told == Locations(("hamburg", "venlo", "later", "last"), {})
    assert told.only is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_catalog_is_read_as_a_spreadsheet_saves_it(tmp_path, delimiter, mark):
    lines = [("sku", "title", "group"), ("TEA", '"Tea, black; loose"', "tea")]
    (tmp_path / "skus.csv").write_text(mark + "\n".join(delimiter.join(line) for line in lines) + "\n", "utf-8")
    faults = []
    (article,) = read_catalog(tmp_path / "skus.csv", faults).values()
    assert (article.sku, article.title, article.group, faults) == ("TEA", "Tea, black; loose", "tea", [])
