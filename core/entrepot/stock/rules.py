"""`[[rules]]`: how much of what is available may be shown, and whether it is sent.

Rules are read downwards; where several match, the later one overrides the earlier ones key by key.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from entrepot.model import AccountId, Publish, Sku
from entrepot.stock.mass_change import Share

KEYS = ("buffer", "share", "cap", "stop_below", "publish")


@frozen
class Rule:
    """`number` is its place in plugins.toml, from 1. A matcher that is None matches everything; a key, says nothing."""

    number: int
    account: AccountId | None = None
    group: str | None = None
    sku: Sku | None = None
    buffer: int | None = None
    share: Share | None = None
    cap: int | None = None
    stop_below: int | None = None
    publish: Publish | None = None

    def matches(self, account: AccountId, sku: Sku, group: str) -> bool:
        return self.account in {None, account} and self.sku in {None, sku} and self.group in {None, group}


@frozen
class Terms:
    """What the rules say of one article on one account. `by`: the number of the rule that has each key's word."""

    buffer: int = 0
    share: Share | None = None
    cap: int | None = None
    stop_below: int = 0
    publish: Publish = Publish.LIVE
    by: Mapping[str, int] = field(factory=dict)


NO_RULE = Terms()


def terms_for(rules: Iterable[Rule], account: AccountId, sku: Sku, group: str) -> Terms:
    said: dict[str, Any] = {}
    by: dict[str, int] = {}
    for rule in rules:
        if rule.matches(account, sku, group):
            told = {key: value for key in KEYS if (value := getattr(rule, key)) is not None}
            said |= told
            by |= dict.fromkeys(told, rule.number)
    return Terms(**said, by=by)


def least_publish(terms: Iterable[Terms]) -> Publish:
    """An offer of several articles is sent only where the rules of each of them allow it."""
    return min((one.publish for one in terms), key=list(Publish).index, default=Publish.LIVE)
