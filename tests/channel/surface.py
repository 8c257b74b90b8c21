"""What plugins may rely on, as data. `python -m tests.channel.surface` records it, once a version is decided on."""

import inspect
import json
from pathlib import Path

import attrs

from entrepot import channel, model
from entrepot.channel import CAPABILITIES, PluginHooks
from entrepot.channel.facts import REQUIRED_FACTS

RECORD = Path(__file__).parent / "api-1.0.json"

LENT = (
    channel.Accounts,
    channel.Authorization,
    channel.Http,
    channel.HttpFactory,
    channel.OpenAccount,
    channel.Vault,
)
"""Protocols of the core: their methods' parameters."""


def surface():
    """Names; fields of the classes with whether each is required; parameters of hooks and ports."""
    classes = [getattr(place, name) for place in (channel, model) for name in place.__all__]
    return {
        "names": {place.__name__: sorted(place.__all__) for place in (channel, model)},
        "fields": {
            kind.__name__: {field.name: field.default is attrs.NOTHING for field in attrs.fields(kind) if field.init}
            for kind in classes
            if inspect.isclass(kind) and attrs.has(kind)
        },
        "operations": {one.name: sorted(set(one.operations) - one.optional) for one in CAPABILITIES},
        "facts": {name: sorted(facts) for name, facts in REQUIRED_FACTS.items()},
        "hooks": parameters(PluginHooks),
        "ports": {f"{kind.__name__}.{name}": words for kind in LENT for name, words in parameters(kind).items()},
    }


def parameters(kind):
    """Method to its parameters, with whether each is required."""
    methods = inspect.getmembers(kind, inspect.isfunction)
    return {
        name: {one.name: one.default is inspect.Parameter.empty for one in list(signature.parameters.values())[1:]}
        for name, method in methods
        if not name.startswith("_") or name == "__call__"
        for signature in [inspect.signature(method)]
    }


if __name__ == "__main__":
    RECORD.write_text(json.dumps(surface(), indent=1, sort_keys=True) + "\n", "utf-8")
