"""What may rightly be on show, by the rules of the configuration."""

from collections.abc import Callable, Iterable, Mapping

from entrepot.config import Config
from entrepot.model import AccountId, Bundle, Sku
from entrepot.stock.publishing import desired_quantity
from entrepot.stock.rules import terms_for

Showing = Callable[[AccountId, str, int], int]
"""Account, offer and the units available of the article that bears its name, to the most that may be on show."""


def showing_by(config: Config) -> Showing:
    def showing(account: AccountId, offer: str, available: int) -> int:
        sku = Sku(offer)
        article = config.articles.get(sku)
        terms = terms_for(config.rules, account, sku, article.group if article else "")
        return desired_quantity({sku: available}, Bundle(0, {sku: 1}), {sku: terms}) or 0

    return showing


def opening(counted: Mapping[str, int], accounts: Iterable[AccountId], showing: Showing) -> dict[str, int]:
    """What every market shows at first: what is right on each."""
    owners = list(accounts)
    return {offer: min(showing(account, offer, units) for account in owners) for offer, units in counted.items()}
