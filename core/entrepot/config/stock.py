"""`[stock]`: what the merchant's counts mean, and how much of a change is believed unseen."""

import re
from decimal import Decimal
from typing import Any

from entrepot.config.convert import MisfitError, toml_converter
from entrepot.config.model import StockConfig
from entrepot.config.table import Table
from entrepot.model import CountMeaning
from entrepot.stock.mass_change import HoldIf, Share

_SHARE = re.compile(r"(100|[0-9]{1,2})(\.[0-9]{1,3})?%")


def read_stock(root: Table) -> StockConfig:
    table = root.table("stock")
    usual = StockConfig()
    counts = table.read("counts", CountMeaning, usual.counts)
    shares = table.table("hold_if")
    hold_if = HoldIf(
        zeroed=shares.read("zeroed", Share, usual.hold_if.zeroed, converter=SHARES),
        changed=shares.read("changed", Share, usual.hold_if.changed, converter=SHARES),
    )
    shares.close()
    table.close()
    return StockConfig(counts, hold_if)


def _share(value: Any, _: Any) -> Share:
    found = _SHARE.fullmatch(value) if isinstance(value, str) else None
    percent = Decimal(value[:-1]) if found else None
    if percent is None or percent > 100:  # noqa: PLR2004 - that is what percent means
        raise MisfitError(f"expected a share, found {value!r:.60}", 'write "2%" or "0.5%"')
    return Share(percent)


SHARES = toml_converter()
"""Reads a Share."""
SHARES.register_structure_hook(Share, _share)
