"""Plugins that are installed in a test only: entry points with a distribution, and modules made on the spot."""

import sys
from importlib.metadata import EntryPoint
from types import ModuleType

from attrs import frozen

from tests.config.channels import ACME

__all__ = ["ACME", "offer"]


@frozen
class Dist:
    name: str
    version: str


def offer(monkeypatch, name, *, version="1.0", dist="", module=None, **functions) -> EntryPoint:
    """An entry point to a module with these functions; `module` names one that is not made here."""
    target = module or f"made_{dist.replace('-', '_')}_{name}"
    if module is None:
        made = ModuleType(target)
        vars(made).update(functions)
        monkeypatch.setitem(sys.modules, target, made)
    entry = EntryPoint(name, target, "entrepot.plugins")
    vars(entry).update(dist=Dist(dist or f"{name}-for-entrepot", version))  # as importlib.metadata does
    return entry
