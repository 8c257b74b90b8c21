"""What an offer is made of that nobody mapped."""

from collections.abc import Iterable

from entrepot.model import AccountId, Bundle
from entrepot.stock.demand import equal_sku
from entrepot.store import Tx

STATED = 1
"""The first version of a bundle that plugins.toml states; version 0 is that of equal names."""


def bundles_by_name(tx: Tx, account: AccountId, names: Iterable[str]) -> dict[str, Bundle]:
    """The bundle that plugins.toml states under an offer's name, else the article that bears it."""
    wanted = list(names)
    if not wanted:  # as for most pages: every offer is mapped
        return {}
    row = tx.accounts.find(account)
    articles = tx.accounts.known_articles(wanted)
    equal = {name: bundle for name in wanted if (bundle := equal_sku(name, articles))}
    stated = row.bundles if row else {}
    return equal | {name: Bundle(STATED, stated[name]) for name in wanted if name in stated}
