"""Stock pools: stores of a channel that show one number of an offer. The file cannot give them different ones."""

from collections.abc import Iterable, Mapping
from itertools import combinations

from entrepot.channel import Environment
from entrepot.config.model import AccountConfig
from entrepot.config.table import Table
from entrepot.model import AccountId


def refuse_marketplace(table: Table, accounts: Iterable[AccountConfig]) -> None:
    """Refuse a rule for one store: it would hold for all stores of its pool, or for all of the account."""
    if "marketplace" not in table.values:
        return
    name, wanted = table.read("marketplace", str, None), table.values.get("account")
    matched = [one for one in accounts if wanted in {None, one.id} and name in one.marketplaces]
    for account in matched:
        pool = account.channel.stock_pools.get(str(name), "")
        stores = [store for store, other in account.channel.stock_pools.items() if other == pool]
        if len(stores) > 1:
            message = f"stock pool {pool} of {account.id} is one number for {', '.join(stores)}; {name} cannot differ"
            table.refuse("marketplace", "E119", message, "take it out: the rule is for the whole account")
            return
    message = "rules by store are not supported: an offer has one number in all stores of its account"
    table.refuse("marketplace", "E119", message, "take it out")


def refuse_divided_pools(accounts: Mapping[AccountId, AccountConfig], table: Table) -> None:
    """Refuse two accounts of one seller that sell from one pool: each would overwrite the other's number.

    Simulators are worlds of their own.
    """
    real = [one for one in accounts.values() if one.channel.seller and one.environment is not Environment.SIMULATOR]
    for first, second in combinations(real, 2):
        for pool in sorted(_pools(first) & _pools(second) if _owner(first) == _owner(second) else ()):
            message = f"{second.id} and {first.id} are one seller's, and stock pool {pool} is one number for both"
            action = f"name its stores in one of the two: {', '.join(_stores(first, pool) | _stores(second, pool))}"
            table.refuse(f"{second.id}.marketplaces", "E120", message, action)


def _owner(account: AccountConfig) -> tuple[str, Environment, object]:
    """Of the numbers: a seller of a channel, in one of its worlds."""
    seller = getattr(account.settings, account.channel.seller or "", None)
    return account.channel.id, account.environment, seller


def _pools(account: AccountConfig) -> set[str]:
    return {account.channel.stock_pools.get(store, store) for store in account.marketplaces}


def _stores(account: AccountConfig, pool: str) -> dict[str, None]:
    """In the order of the file."""
    return {store: None for store in account.marketplaces if account.channel.stock_pools.get(store, store) == pool}
