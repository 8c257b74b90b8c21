"""The whole of plugins.toml, checked. Every fault of the file is reported, not only the first."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from attrs import frozen

from entrepot.channel import ChannelType
from entrepot.config.accounts import Surroundings, check_id, read_account
from entrepot.config.alerts import Lookup, read_alerts, read_mail
from entrepot.config.codes import NOT_IN_PLACE
from entrepot.config.credentials import Credentials
from entrepot.config.document import Document, read_document
from entrepot.config.keys import read_keys
from entrepot.config.locations import read_locations
from entrepot.config.model import AccountConfig, Address, Config
from entrepot.config.monitor import read_metrics
from entrepot.config.pools import refuse_divided_pools
from entrepot.config.rules import read_rules
from entrepot.config.schedule import read_schedule
from entrepot.config.skus import read_skus
from entrepot.config.stock import read_stock
from entrepot.config.table import Table
from entrepot.errors import ConfigError, Fault
from entrepot.model import AccountId
from entrepot.vault.keys import Keyring


def load_config(path: Path, channels: Mapping[str, ChannelType], env: Mapping[str, str]) -> Config:
    """Read and check the file where the channels are known already. Raises ConfigError."""
    return build(read_document(path), channels, env)


def build(
    document: Document,
    channels: Mapping[str, ChannelType],
    env: Mapping[str, str],
    *,
    plugin_faults: Sequence[Fault] = (),
) -> Config:
    """Check what was read. Raises ConfigError with the document's faults, the plugins' and its own, together.

    Secrets that are not in their place are no such faults where they are all that is wrong: then `missing` has them.
    `channels` are those of the enabled plugins; `env` is where `env:NAME` looks.
    """
    faults = [*document.faults, *plugin_faults]
    root = Table(document.values, f"{document.path.name}: ", faults)
    folder = document.path.parent
    warnings: list[Fault] = []
    home = _home(root, folder, env, warnings)
    root.table("plugins")  # checked when the document was read
    around = Surroundings(folder, channels, env, home.time_zone, bool(faults), Credentials.read(root), warnings)
    accounts = _accounts(root, around)
    articles, bundles = read_skus(root, folder)
    written = root.values.get("accounts")
    names = written if isinstance(written, dict) else ()
    rules = read_rules(root, names, accounts.values(), articles)
    locations = read_locations(root, names)
    stock = read_stock(root)
    timetable = read_schedule(root, home.time_zone)
    lookup = Lookup(env, folder)
    mail = read_mail(root, lookup)
    alerts = read_alerts(root, mail, lookup)
    root.close()
    missing = tuple(fault for fault in faults if fault.code == NOT_IN_PLACE)
    if len(faults) > len(missing) or home.database is None or articles is None:
        raise ConfigError(faults)
    return Config(
        path=document.path,
        database=home.database,
        time_zone=home.time_zone,
        plugins=document.plugins,
        accounts=accounts,
        articles=articles,
        rules=rules,
        warnings=tuple(warnings),
        stock=stock,
        bundles=bundles,
        alerts=alerts,
        mail=mail,
        missing=missing,
        timetable=timetable,
        locations=locations,
        metrics=home.metrics,
        keyring=home.keyring,
    )


@frozen
class _Home:
    """The table `[entrepot]`."""

    database: Path | None
    time_zone: ZoneInfo
    metrics: Address | None
    keyring: Keyring | None


def _home(root: Table, folder: Path, env: Mapping[str, str], warnings: list[Fault]) -> _Home:
    table = root.table("entrepot")
    store = table.require("store", str)
    time_zone = table.read("time_zone", ZoneInfo, ZoneInfo("UTC"))
    metrics = read_metrics(table, warnings)
    keyring = read_keys(table, env, folder)
    table.close()
    scheme, _, name = (store or "").partition(":")
    if store is not None and not (scheme == "sqlite" and name):
        table.refuse("store", "E105", f"{scheme!r} is no kind of store", 'write "sqlite:FILE"')
    return _Home(folder / name if name else None, time_zone, metrics, keyring)


def _accounts(root: Table, around: Surroundings) -> dict[AccountId, AccountConfig]:
    table = root.table("accounts")
    for name in table.values:
        check_id(table, name)
    read = [read_account(name, table.table(name), around) for name in table.values]
    accounts = {account.id: account for account in read if account is not None}
    refuse_divided_pools(accounts, table)
    return accounts
