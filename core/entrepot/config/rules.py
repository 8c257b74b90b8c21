"""`[[rules]]`, in their order."""

from collections.abc import Collection, Iterable, Mapping

from entrepot.config.convert import nearest
from entrepot.config.model import AccountConfig, Article
from entrepot.config.pools import refuse_marketplace
from entrepot.config.stock import SHARES
from entrepot.config.table import Table
from entrepot.model import AccountId, Publish, Sku
from entrepot.stock.mass_change import Share
from entrepot.stock.nearest import nearest as nearest_sku
from entrepot.stock.rules import Rule


def read_rules(
    root: Table,
    names: Iterable[str],
    accounts: Collection[AccountConfig],
    articles: Mapping[Sku, Article] | None,
) -> tuple[Rule, ...]:
    """`names` of all accounts, of which `accounts` could be read.

    `articles` is None where the catalog could not be read: then nothing is looked up in it.
    """
    known, tables = list(names), root.tables("rules")
    for table in tables:
        refuse_marketplace(table, accounts)
    return tuple(_rule(table, number, known, articles) for number, table in enumerate(tables, 1))


def _rule(table: Table, number: int, accounts: list[str], articles: Mapping[Sku, Article] | None) -> Rule:
    rule = Rule(
        number,
        account=_account(table, accounts),
        group=_group(table, articles),
        sku=_sku(table, "sku", articles),
        buffer=table.whole("buffer", default=None, least=0),
        share=table.read("share", Share, None, converter=SHARES),
        cap=table.whole("cap", default=None, least=0),
        stop_below=table.whole("stop_below", default=None, least=0),
        publish=table.read("publish", Publish, None),
    )
    table.close()
    return rule


def _account(table: Table, accounts: list[str]) -> AccountId | None:
    name = table.read("account", str, None)
    if name is None:
        return None
    if name not in accounts:
        table.refuse("account", "E116", f"there is no account {name!r}", nearest(name, accounts) or "take it out")
    return AccountId(name)


def _group(table: Table, articles: Mapping[Sku, Article] | None) -> str | None:
    name = table.read("group", str, None)
    if name is not None and articles is not None:
        groups = {article.group for article in articles.values()} - {""}
        if name not in groups:
            action = nearest(name, groups) or "write a column `group` in the catalog"
            table.refuse("group", "E116", f"no article of the catalog is in group {name!r}", action)
    return name


def _sku(table: Table, key: str, articles: Mapping[Sku, Article] | None) -> Sku | None:
    name = table.read(key, str, None)
    if name is None:
        return None
    check_sku(table, key, name, articles)
    return Sku(name)


def check_sku(table: Table, key: str, name: str, articles: Mapping[Sku, Article] | None) -> None:
    """Refuse what the catalog does not have, with what may have been meant."""
    if articles is not None and name not in articles:
        near = nearest_sku(name, articles)
        action = f"did you mean {near!r}?" if near else "add it to the catalog"
        table.refuse(key, "E116", f"the catalog has no article {name!r}", action)
