"""Golden cases: what an operator reads for each mistake in plugins.toml. Bad config: every fault at once."""

import base64
from pathlib import Path

import pytest
from attrs import evolve

from entrepot.config import CODES, load_config
from entrepot.errors import ConfigError
from entrepot.model import ProblemKind
from tests.config.channels import ACME, CHANNELS

HEAD = '[entrepot]\nstore = "sqlite:shop.db"\n'
SHOP = HEAD + '[accounts.shop]\nchannel = "acme"\nsettings = { url = "https://a.example", token = "env:TOKEN" }\n'
WITH_CATALOG = HEAD + '[skus]\ncatalog = "skus.csv"\n'
TWO_SHOPS = HEAD + "".join(
    f'[accounts.{name}]\nchannel = "acme"\ncredentials = "app"\nsettings.url = "https://{name}.example"\n'
    for name in ("one", "two")
)
SIMULATED = SHOP + 'environment = "simulator"\n'


def settings(table: str) -> str:
    return f'{HEAD}[accounts.shop]\nchannel = "acme"\nsettings = {table}\n'


MAIL = HEAD + '[mail]\nserver = "mail.example"\nfrom = "entrepot@shop.example"\n'
ENV = {"TOKEN": "t0ken", "EMPTY": "", "SIGNS": "whsec_" + base64.b64encode(bytes(24)).decode()}
KINDS = ", ".join(f'"{kind}"' for kind in ProblemKind)
NEEDS_URL = 'url = "https://a.example"'
ACCOUNT_KEYS = (
    "channel, credentials, environment, marketplaces, offers, orders, publish, settings, simulator, time_scale"
)
REFERENCE = 'write "env:NAME" or "file:PATH" instead, and renew the secret if this file was shared'

# name: (plugins.toml, code, path within plugins.toml, message, next action)
CASES = {
    "no store": ("[entrepot]\n", "E104", "entrepot.store", "required, but missing", "add it"),
    "other store": (
        '[entrepot]\nstore = "mysql:shop"\n',
        "E105",
        "entrepot.store",
        "'mysql' is no kind of store",
        'write "sqlite:FILE"',
    ),
    "store without file": (
        '[entrepot]\nstore = "sqlite:"\n',
        "E105",
        "entrepot.store",
        "'sqlite' is no kind of store",
        'write "sqlite:FILE"',
    ),
    "time zone": (
        HEAD + 'time_zone = "Europe/Berlim"\n',
        "E105",
        "entrepot.time_zone",
        "no time zone 'Europe/Berlim'",
        'write an IANA name: "Europe/Berlin"',
    ),
    "time zone is a folder": (
        HEAD + 'time_zone = "Europe"\n',
        "E105",
        "entrepot.time_zone",
        "no time zone 'Europe'",
        'write an IANA name: "Europe/Berlin"',
    ),
    "metrics without a port": (
        HEAD + 'metrics = "127.0.0.1"\n',
        "E105",
        "entrepot.metrics",
        "expected an address and a port, found '127.0.0.1'",
        'write "127.0.0.1:9464"',
    ),
    "metrics as a number": (
        HEAD + "metrics = 9464\n",
        "E105",
        "entrepot.metrics",
        "expected str, found int 9464",
        "correct this value",
    ),
    "metrics on a port that is none": (
        HEAD + 'metrics = "127.0.0.1:65536"\n',
        "E105",
        "entrepot.metrics",
        "there is no port 65536",
        "write a port from 1 to 65535",
    ),
    "metrics on a name": (
        HEAD + 'metrics = "shop.example:9464"\n',
        "E105",
        "entrepot.metrics",
        "'shop.example' is no IP address",
        'write "127.0.0.1:9464"; a name may stand for several addresses',
    ),
    "misspelled section": (
        HEAD + "[account.shop]\n",
        "E103",
        "account",
        "unknown key 'account'",
        (
            "did you mean 'accounts'? "
            "(known here: accounts, alerts, credentials, entrepot, mail, plugins, rules, skus, stock)"
        ),
    ),
    "alert without an address": (HEAD + "[[alerts]]\n", "E104", "alerts[0].to", "required, but missing", "add it"),
    "alert by mail without a server": (
        HEAD + '[[alerts]]\nto = "mailto:ops@shop.example"\n',
        "E117",
        "alerts[0].to",
        "there is no [mail] table",
        "name the mail server there",
    ),
    "alert to two addresses": (
        MAIL + '[[alerts]]\nto = "mailto:a@shop.example,b@shop.example"\n',
        "E105",
        "alerts[0].to",
        "this is not one address",
        'write "mailto:someone@shop.example"',
    ),
    "signed mail": (
        MAIL + '[[alerts]]\nto = "mailto:ops@shop.example"\nsecret = "env:TOKEN"\n',
        "E105",
        "alerts[0].secret",
        "mail is not signed",
        "take it out",
    ),
    "webhook that is not encrypted": (
        HEAD + '[[alerts]]\nto = "http://hooks.example/s3cret"\nsecret = "env:SIGNS"\n',
        "E105",
        "alerts[0].to",
        "this is no address of a mailbox or of a server",
        'write "mailto:someone@shop.example" or "https://host/path"; http only on this machine',
    ),
    "webhook without a secret": (
        HEAD + '[[alerts]]\nto = "https://hooks.example/a"\n',
        "E104",
        "alerts[0].secret",
        "required, but missing",
        'add it: secret = "env:NAME"',
    ),
    "webhook with a secret that cannot sign": (
        HEAD + '[[alerts]]\nto = "https://hooks.example/a"\nsecret = "env:TOKEN"\n',
        "E105",
        "alerts[0].secret",
        "this is no secret that can sign",
        "write whsec_ and 24 to 64 random bytes in base64, as Standard Webhooks asks for",
    ),
    "webhook with its secret written out": (
        HEAD + '[[alerts]]\nto = "https://hooks.example/a"\nsecret = "whsec_s3cret"\n',
        "E110",
        "alerts[0].secret",
        "[[alerts]] has a secret written out",
        REFERENCE,
    ),
    "unknown kind of problem": (
        HEAD + '[[alerts]]\nto = "https://hooks.example/a"\nsecret = "env:SIGNS"\nproblems = ["order_flawd"]\n',
        "E105",
        "alerts[0].problems[0]",
        "'order_flawd' is not a choice",
        f"write one of {KINDS}",
    ),
    "the same receiver twice": (
        MAIL + '[[alerts]]\nto = "mailto:ops@shop.example"\n' * 2,
        "E105",
        "alerts[1].to",
        "an earlier entry has this address",
        "make them one, with the problems of both",
    ),
    "mail server without a sender": (
        HEAD + '[mail]\nserver = "mail.example"\n',
        "E104",
        "mail.from",
        "required, but missing",
        "add it",
    ),
    "user without a password": (
        MAIL + 'user = "entrepot"\n',
        "E104",
        "mail.password",
        "required, but missing",
        "add it, or take out the other one",
    ),
    "password in the clear": (
        MAIL + 'user = "entrepot"\npassword = "env:TOKEN"\ntls = "off"\n',
        "E118",
        "mail.tls",
        "the password would travel in the clear",
        'write tls = "starttls" or "implicit"',
    ),
    "misspelled key": (
        SHOP + 'publsh = "live"\n',
        "E103",
        "accounts.shop.publsh",
        "unknown key 'publsh'",
        f"did you mean 'publish'? (known here: {ACCOUNT_KEYS})",
    ),
    "file of offers that is not there": (
        SHOP + 'offers = "names.csv"\n',
        "E115",
        "accounts.shop.offers",
        "there is no file 'names.csv'",
        "create it: entrepot offers match writes one",
    ),
    "share without a percent sign": (
        HEAD + "[stock]\nhold_if = { zeroed = 2 }\n",
        "E105",
        "stock.hold_if.zeroed",
        "expected a share, found 2",
        'write "2%" or "0.5%"',
    ),
    "share above all": (
        HEAD + '[stock]\nhold_if = { changed = "100.5%" }\n',
        "E105",
        "stock.hold_if.changed",
        "expected a share, found '100.5%'",
        'write "2%" or "0.5%"',
    ),
    "another meaning of counts": (
        HEAD + '[stock]\ncounts = "sold"\n',
        "E105",
        "stock.counts",
        "'sold' is not a choice",
        'write one of "on_hand", "available"',
    ),
    "another share": (
        HEAD + '[stock]\nhold_if = { zerod = "2%" }\n',
        "E103",
        "stock.hold_if.zerod",
        "unknown key 'zerod'",
        "did you mean 'zeroed'? (known here: changed, zeroed)",
    ),
    "section is no table": (
        'accounts = "shop"\n' + HEAD,
        "E105",
        "accounts",
        "expected a table, found str",
        "write 'accounts' as a table",
    ),
    "entrepot is no table": (
        'entrepot = "sqlite:shop.db"\n',
        "E105",
        "entrepot",
        "expected a table, found str",
        "write 'entrepot' as a table",
    ),
    "account is no table": (
        HEAD + '[accounts]\nshop = "acme"\n',
        "E105",
        "accounts.shop",
        "expected a table, found str",
        "write 'shop' as a table",
    ),
    "version specifier": (
        HEAD + '[plugins]\nacme = "1.x"\n',
        "E105",
        "plugins.acme",
        "no version specifier: '1.x'",
        'write "*" for any version, or ">=1,<2"',
    ),
    "version specifier is true": (
        HEAD + "[plugins]\nacme = true\n",
        "E105",
        "plugins.acme",
        "no version specifier: True",
        'write "*" for any version, or ">=1,<2"',
    ),
    "unknown channel": (
        HEAD + '[accounts.shop]\nchannel = "acne"\n',
        "E106",
        "accounts.shop.channel",
        "no enabled plugin brings channel 'acne'",
        "did you mean 'acme'? (known here: acme)",
    ),
    "publish": (
        SHOP + 'publish = "on"\n',
        "E105",
        "accounts.shop.publish",
        "'on' is not a choice",
        'write one of "off", "shadow", "live"',
    ),
    "environment": (
        SHOP + 'environment = "simulatr"\ntime_scale = 5\nsimulator = "http://127.0.0.1:8801"\n',
        "E105",
        "accounts.shop.environment",
        "'simulatr' is not a choice",
        'write one of "production", "sandbox", "simulator"',
    ),
    "marketplaces": (
        SHOP + 'marketplaces = "DE"\n',
        "E105",
        "accounts.shop.marketplaces",
        "expected a list, found str",
        "put it in brackets: [...]",
    ),
    "marketplace": (
        SHOP + 'marketplaces = ["DE", 49]\n',
        "E105",
        "accounts.shop.marketplaces[1]",
        "expected str, found int 49",
        "correct this value",
    ),
    "time scale in production": (
        SHOP + "time_scale = 200\n",
        "E108",
        "accounts.shop.time_scale",
        'time_scale = 200 with environment = "production"',
        'take it out, or set environment = "simulator"',
    ),
    "time scale": (
        SIMULATED + "time_scale = 0\n",
        "E105",
        "accounts.shop.time_scale",
        "expected a number from 1, found 0",
        "write 1 or more",
    ),
    "time scale that uses a burst up": (
        SIMULATED + "time_scale = 400\n",
        "E112",
        "accounts.shop.time_scale",
        "at time_scale = 400, fetch_orders spends 2 of 'other', of whose burst 1 can be used at once",
        "write a smaller number",
    ),
    "simulator in production": (
        SHOP + 'simulator = "http://127.0.0.1:8801"\n',
        "E111",
        "accounts.shop.simulator",
        'a simulator\'s address with environment = "production"',
        'take it out, or set environment = "simulator"',
    ),
    "simulator elsewhere": (
        SIMULATED + 'simulator = "http://127.0.0.1.evil.example:8801"\n',
        "E111",
        "accounts.shop.simulator",
        "'http://127.0.0.1.evil.example:8801' is not on this machine",
        'write "http://127.0.0.1:PORT"',
    ),
    "simulator without port": (
        SIMULATED + 'simulator = "http://127.0.0.1"\n',
        "E111",
        "accounts.shop.simulator",
        "'http://127.0.0.1' is not on this machine",
        'write "http://127.0.0.1:PORT"',
    ),
    "since without offset": (
        SHOP + "orders = { since = 2026-09-01T08:00:00 }\n",
        "E105",
        "accounts.shop.orders.since",
        "2026-09-01T08:00:00 has no offset",
        "write 2026-09-01T08:00:00Z, or the offset that is meant",
    ),
    "since in quotes": (
        SHOP + 'orders = { since = "2026-09-01" }\n',
        "E105",
        "accounts.shop.orders.since",
        "expected a date, found '2026-09-01'",
        "write it without quotes: 2026-09-01",
    ),
    "freshness": (
        SHOP + 'orders = { freshness = "1 min" }\n',
        "E105",
        "accounts.shop.orders.freshness",
        "expected a duration, found '1 min'",
        'write a whole number and a unit: "15s" "2m" "4h" "1d"',
    ),
    "orders key": (
        SHOP + 'orders = { fresh = "1m" }\n',
        "E103",
        "accounts.shop.orders.fresh",
        "unknown key 'fresh'",
        "did you mean 'freshness'? (known here: freshness, since)",
    ),
    "account id": (
        HEAD + '[accounts."my shop"]\nchannel = "acme"\n' + f'settings = {{ {NEEDS_URL}, token = "env:TOKEN" }}\n',
        "E105",
        "accounts.my shop",
        "'my shop' is no account id",
        "use letters, digits, - and _",
    ),
    "settings key missing": (
        settings('{ token = "env:TOKEN" }'),
        "E104",
        "accounts.shop.settings.url",
        "required, but missing",
        "add it",
    ),
    "settings key unknown": (
        settings(f'{{ {NEEDS_URL}, token = "env:TOKEN", tokn = "s3cret" }}'),
        "E103",
        "accounts.shop.settings.tokn",
        "unknown key 'tokn'",
        "did you mean 'token'? (known here: partner, scopes, token, url)",
    ),
    "settings value": (
        settings('{ url = 1, token = "env:TOKEN" }'),
        "E105",
        "accounts.shop.settings.url",
        "expected str, found int 1",
        "correct this value",
    ),
    "settings value by the channel's own rule": (
        settings('{ url = "ftp://a.example", token = "env:TOKEN" }'),
        "E105",
        "accounts.shop.settings",
        "url begins with http",
        "correct this value",
    ),
    "settings within settings": (
        settings(f'{{ {NEEDS_URL}, token = "env:TOKEN", partner = {{ id = "x", key = "env:TOKEN" }} }}'),
        "E105",
        "accounts.shop.settings.partner.id",
        "expected int, found str 'x'",
        "correct this value",
    ),
    "secret written out": (
        settings(f'{{ {NEEDS_URL}, token = "s3cret" }}'),
        "E110",
        "accounts.shop.settings.token",
        "account 'shop' has a secret written out",
        REFERENCE,
    ),
    "secret written out in a sandbox": (
        settings(f'{{ {NEEDS_URL}, token = "s3cret" }}') + 'environment = "sandbox"\n',
        "E110",
        "accounts.shop.settings.token",
        "account 'shop' has a secret written out",
        REFERENCE,
    ),
    "nested secret written out": (
        settings(f'{{ {NEEDS_URL}, token = "env:TOKEN", partner = {{ id = 1, key = "s3cret" }} }}'),
        "E110",
        "accounts.shop.settings.partner.key",
        "account 'shop' has a secret written out",
        REFERENCE,
    ),
    "secret of another type": (
        settings(f"{{ {NEEDS_URL}, token = 53 }}"),
        "E105",
        "accounts.shop.settings.token",
        "expected a secret's reference, found int",
        'write "env:NAME"',
    ),
    "variable": (
        settings(f'{{ {NEEDS_URL}, token = "env:ACME_TOKEN" }}'),
        "E107",
        "accounts.shop.settings.token",
        "environment variable 'ACME_TOKEN' of account 'shop' is not set",
        "set ACME_TOKEN, or name another variable",
    ),
    "empty variable": (
        settings(f'{{ {NEEDS_URL}, token = "env:EMPTY" }}'),
        "E107",
        "accounts.shop.settings.token",
        "environment variable 'EMPTY' of account 'shop' is not set",
        "set EMPTY, or name another variable",
    ),
    "secret file": (
        settings(f'{{ {NEEDS_URL}, token = "file:secrets/token" }}'),
        "E107",
        "accounts.shop.settings.token",
        "secret file 'secrets/token' of account 'shop' cannot be read: No such file or directory",
        "create it, or name another file",
    ),
    "no catalog named": (HEAD + "[skus]\n", "E104", "skus.catalog", "required, but missing", "add it"),
    "rule": (
        HEAD + '[[rules]]\nbuffer = "auto"\n',
        "E105",
        "rules[0].buffer",
        "expected int, found str 'auto'",
        "correct this value",
    ),
    "negative buffer": (
        HEAD + "[[rules]]\nbuffer = -1\n",
        "E105",
        "rules[0].buffer",
        "expected a number from 0, found -1",
        "write 0 or more",
    ),
    "rule key": (
        HEAD + "[[rules]]\ncapp = 200\n",
        "E103",
        "rules[0].capp",
        "unknown key 'capp'",
        "did you mean 'cap'? (known here: account, buffer, cap, group, publish, share, sku, stop_below)",
    ),
    "share of a rule": (
        HEAD + '[[rules]]\nshare = "half"\n',
        "E105",
        "rules[0].share",
        "expected a share, found 'half'",
        'write "2%" or "0.5%"',
    ),
    "negative cap": (
        HEAD + "[[rules]]\nbuffer = 1\n[[rules]]\ncap = -1\n",
        "E105",
        "rules[1].cap",
        "expected a number from 0, found -1",
        "write 0 or more",
    ),
    "stop_below in quotes": (
        HEAD + '[[rules]]\nstop_below = "3"\n',
        "E105",
        "rules[0].stop_below",
        "expected int, found str '3'",
        "correct this value",
    ),
    "publish of a rule": (
        HEAD + '[[rules]]\npublish = "on"\n',
        "E105",
        "rules[0].publish",
        "'on' is not a choice",
        'write one of "off", "shadow", "live"',
    ),
    "account of a rule": (
        SHOP + '[[rules]]\naccount = "shp"\nbuffer = 1\n',
        "E116",
        "rules[0].account",
        "there is no account 'shp'",
        "did you mean 'shop'? (known here: shop)",
    ),
    "group of a rule": (
        WITH_CATALOG + '[[rules]]\ngroup = "handmad"\nbuffer = 1\n',
        "E116",
        "rules[0].group",
        "no article of the catalog is in group 'handmad'",
        "did you mean 'handmade'? (known here: handmade)",
    ),
    "group without any": (
        HEAD + '[[rules]]\ngroup = "handmade"\n',
        "E116",
        "rules[0].group",
        "no article of the catalog is in group 'handmade'",
        "write a column `group` in the catalog",
    ),
    "article of a rule": (
        WITH_CATALOG + '[[rules]]\nsku = "MUGG"\nbuffer = 1\n',
        "E116",
        "rules[0].sku",
        "the catalog has no article 'MUGG'",
        "did you mean 'MUG'?",
    ),
    "article of a bundle": (
        WITH_CATALOG + "bundles = { SET = { MUG = 1, TEAPOT = 1 } }\n",
        "E116",
        "skus.bundles.SET.TEAPOT",
        "the catalog has no article 'TEAPOT'",
        "add it to the catalog",
    ),
    "units of a bundle": (
        WITH_CATALOG + "bundles = { SET = { MUG = 0 } }\n",
        "E105",
        "skus.bundles.SET.MUG",
        "expected a number from 1, found 0",
        "write 1 or more",
    ),
    "empty bundle": (
        WITH_CATALOG + "bundles = { SET = {} }\n",
        "E105",
        "skus.bundles.SET",
        "a bundle of nothing",
        "name its articles: { SKU = 2, OTHER = 1 }",
    ),
    "bundle is no table": (
        WITH_CATALOG + 'bundles = { SET = "MUG" }\n',
        "E105",
        "skus.bundles.SET",
        "expected a table, found str",
        "write 'SET' as a table",
    ),
    "unmapped": (
        WITH_CATALOG + 'unmapped = "drop"\n',
        "E105",
        "skus.unmapped",
        "'drop' is not a choice",
        'write one of "hold"',
    ),
    "credentials that are not there": (
        SHOP
        + 'credentials = "ap"\n[credentials.app]\n[accounts.other]\nchannel = "acme"\ncredentials = "app"\n'
        + 'settings = { url = "https://b.example", token = "env:TOKEN" }\n',
        "E116",
        "accounts.shop.credentials",
        "there are no credentials 'ap'",
        "did you mean 'app'? (known here: app)",
    ),
    "credentials that nobody takes over": (
        SHOP + '[credentials.app]\ntoken = "env:TOKEN"\n',
        "E116",
        "credentials.app",
        "no account takes the credentials 'app' over",
        'write credentials = "app" in an account, or take them out',
    ),
    "a key in credentials and account": (
        SHOP + 'credentials = "app"\n[credentials.app]\ntoken = "env:TOKEN"\n',
        "E105",
        "accounts.shop.settings.token",
        "stands in [credentials.app] too",
        "keep one of the two",
    ),
    "variable of credentials": (
        TWO_SHOPS + '[credentials.app]\ntoken = "env:ACME_TOKEN"\n',
        "E107",
        "credentials.app.token",
        "environment variable 'ACME_TOKEN' of account 'one' is not set",
        "set ACME_TOKEN, or name another variable",
    ),
    "secret of credentials written out": (
        TWO_SHOPS + '[credentials.app]\ntoken = "s3cret"\n',
        "E110",
        "credentials.app.token",
        "account 'one' has a secret written out",
        REFERENCE,
    ),
    "key of credentials": (
        TWO_SHOPS + '[credentials.app]\ntoken = "env:TOKEN"\ntokn = "env:TOKEN"\n',
        "E103",
        "credentials.app.tokn",
        "unknown key 'tokn'",
        "did you mean 'token'? (known here: partner, scopes, token, url)",
    ),
    "rules as a table": (
        HEAD + "[rules]\nbuffer = 1\n",
        "E105",
        "rules",
        "expected an array of tables, found dict",
        "write 'rules' as an array of tables",
    ),
    "rules as numbers": (
        "rules = [1]\n" + HEAD,
        "E105",
        "rules",
        "expected an array of tables",
        "begin each entry with [[rules]]",
    ),
}

CATALOGS = {
    "duplicate": (
        "sku,title\nTEA,Tea\nMUG,Mug\nTEA,More tea\n",
        [("skus.csv: line 4", "SKU 'TEA' stands on line 2 already", "delete one of the two")],
    ),
    "empty": ("sku,title\n ,Tea\n", [("skus.csv: line 2", "the SKU is empty", "fill it in, or delete the line")]),
    "columns": (
        "sku;title\nTEA;Tea\n",
        [("skus.csv: line 1", "the first line is 'sku;title'", "write sku,title or sku,title,group, with commas")],
    ),
    "nothing": ("", [("skus.csv: line 1", "the first line is ''", "write sku,title or sku,title,group, with commas")]),
    "short and long": (
        "sku,title\nTEA\nMUG,Mug,blue\n",
        [
            ("skus.csv: line 2", "expected 2 columns", "put a value with a comma in quotes"),
            ("skus.csv: line 3", "expected 2 columns", "put a value with a comma in quotes"),
        ],
    ),
    "quotes": (
        'sku,title\n"TEA"x,Tea\n',
        [("skus.csv: line 2", "not CSV: ',' expected after '\"'", "correct the quotes")],
    ),
    "encoding": (
        "sku,title\nTEA,Kräutertee\n".encode("cp1252"),
        [("skus.csv", "not UTF-8: invalid continuation byte", "save it as UTF-8")],
    ),
}


def faults_of(folder: Path, text: str, channels=CHANNELS) -> list[tuple[str, str, str, str]]:
    path = folder / "plugins.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path, channels, ENV)
    return [(fault.code, fault.path, fault.message, fault.next_action) for fault in caught.value.faults]


@pytest.mark.parametrize("case", CASES)
def test_one_mistake_is_one_fault(case, tmp_path):
    text, code, path, message, next_action = CASES[case]
    (tmp_path / "skus.csv").write_text("sku,title,group\nTEA,Tea,\nMUG,Mug,handmade\n")
    assert faults_of(tmp_path, text) == [(code, f"plugins.toml: {path}", message, next_action)]


@pytest.mark.parametrize("case", CATALOGS)
def test_a_catalog_names_its_lines(case, tmp_path):
    content, expected = CATALOGS[case]
    (tmp_path / "skus.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert faults_of(tmp_path, HEAD + '[skus]\ncatalog = "skus.csv"\n') == [("E109", *fault) for fault in expected]


def test_a_missing_catalog(tmp_path):
    message = "the catalog cannot be read: No such file or directory"
    expected = [("E109", "skus.csv", message, "create it, or correct `catalog` in [skus]")]
    assert faults_of(tmp_path, HEAD + '[skus]\ncatalog = "skus.csv"\n') == expected


def test_an_unreadable_file(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "plugins.toml", CHANNELS, {})
    [fault] = caught.value.faults
    assert (fault.code, fault.message) == ("E101", "cannot be read: No such file or directory")


def test_a_file_that_is_no_toml_names_the_line(tmp_path):
    [(code, path, message, _)] = faults_of(tmp_path, "[entrepot]\nstore = sqlite\n")
    assert (code, path) == ("E102", "plugins.toml")
    assert "line 2" in message


def test_a_file_in_another_encoding_is_no_toml(tmp_path):
    (tmp_path / "plugins.toml").write_bytes('title = "Kräuter"'.encode("cp1252"))
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "plugins.toml", CHANNELS, {})
    assert [fault.code for fault in caught.value.faults] == ["E102"]


def test_a_simulator_that_the_channel_does_not_have(tmp_path):
    """Someone else's may stand at an address."""
    channels = {"acme": evolve(ACME, simulator=None)}
    (tmp_path / "plugins.toml").write_text(SIMULATED + 'simulator = "http://127.0.0.1:8801"\n')
    assert load_config(tmp_path / "plugins.toml", channels, ENV).accounts.keys() == {"shop"}
    assert faults_of(tmp_path, SIMULATED, channels) == [
        (
            "E113",
            "plugins.toml: accounts.shop.environment",
            "channel 'acme' has no simulator",
            'take it out, or name the address of one: simulator = "http://127.0.0.1:PORT"',
        )
    ]


def test_every_fault_of_a_file_is_reported_at_once(tmp_path):
    (tmp_path / "skus.csv").write_text("sku,title\nTEA,Tea\nTEA,Tea\n")
    text = """
        [entrepot]
        stroe = "sqlite:shop.db"
        [plugins]
        acme = "latest"
        [accounts.one]
        channel = "acme"
        publish = "on"
        time_scale = 9
        settings = { url = 1, token = "s3cret", more = 2 }
        [accounts.two]
        channel = "unheard"
        marketplaces = "DE"
        orders = { freshness = "soon" }
        [skus]
        catalog = "skus.csv"
        [[rules]]
        buffer = -1
        [stock]
        master = "erp"
    """
    assert [fault[:2] for fault in faults_of(tmp_path, text)] == [
        ("E105", "plugins.toml: plugins.acme"),
        ("E104", "plugins.toml: entrepot.store"),
        ("E103", "plugins.toml: entrepot.stroe"),
        ("E105", "plugins.toml: accounts.one.publish"),
        ("E108", "plugins.toml: accounts.one.time_scale"),
        ("E105", "plugins.toml: accounts.one.settings.url"),
        ("E110", "plugins.toml: accounts.one.settings.token"),
        ("E103", "plugins.toml: accounts.one.settings.more"),
        ("E106", "plugins.toml: accounts.two.channel"),
        ("E105", "plugins.toml: accounts.two.marketplaces"),
        ("E105", "plugins.toml: accounts.two.orders.freshness"),
        ("E109", "skus.csv: line 3"),
        ("E105", "plugins.toml: rules[0].buffer"),
        ("E103", "plugins.toml: stock.master"),
    ]


@pytest.mark.parametrize("case", [case for case in CASES if "s3cret" in CASES[case][0]])
def test_no_message_shows_a_secret(case, tmp_path):
    """P9."""
    assert not any("s3cret" in text for fault in faults_of(tmp_path, CASES[case][0]) for text in fault)


def test_every_code_that_occurs_is_documented():
    elsewhere = {"E101", "E102", "E109", "E113", "W101", "W102"}
    of_connecting = {"E114"}
    used = {case[1] for case in CASES.values()} | elsewhere | of_connecting
    assert used == set(CODES)
