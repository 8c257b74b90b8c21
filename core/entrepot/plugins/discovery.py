"""Which plugins are installed, and which of them plugins.toml wants."""

import difflib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from importlib.metadata import EntryPoint

from attrs import frozen
from packaging.specifiers import SpecifierSet

from entrepot.errors import Fault

GROUP = "entrepot.plugins"


class CandidateState(StrEnum):
    """`REFUSED` has faults, `MISSING` is enabled and not installed."""

    LOADED = "loaded"
    NOT_ENABLED = "not enabled"
    REFUSED = "refused"
    MISSING = "missing"


@frozen
class Candidate:
    """A plugin that is installed or enabled. `dist` and `version` are those of its distribution, "" where unknown."""

    name: str
    dist: str
    version: str
    state: CandidateState
    reason: str


def not_enabled(offer: EntryPoint) -> Candidate:
    reason = f'not in [plugins]; `{offer.name} = "*"` there enables it'
    return candidate(offer, CandidateState.NOT_ENABLED, reason)


def candidate(offer: EntryPoint, state: CandidateState, reason: str) -> Candidate:
    dist, version = source_of(offer)
    return Candidate(offer.name, dist, version, state, reason)


def source_of(offer: EntryPoint) -> tuple[str, str]:
    """Name and version of the distribution."""
    return (offer.dist.name, offer.dist.version) if offer.dist else ("", "")


def missing(name: str, path: str, installed: Iterable[str]) -> Fault:
    """The fault of an enabled plugin that nobody offers."""
    close = difflib.get_close_matches(name, sorted(installed), n=1)
    question = f"did you mean {close[0]!r}? Else " if close else ""
    return Fault(
        "E201",
        path,
        f"plugin {name!r} is enabled, but not installed in this environment",
        f"{question}`pip install` the distribution that brings it, or take the line out",
    )


def source_faults(offers: list[EntryPoint], wanted: SpecifierSet, path: str) -> list[Fault]:
    """What is wrong before the import: with the distributions that offer one plugin."""
    if len(offers) > 1:
        dists = " and ".join(sorted(source_of(offer)[0] for offer in offers))
        return [Fault("E210", path, f"{dists} both offer this plugin", "uninstall all but one of them")]
    dist, version = source_of(offers[0])
    # What is installed was chosen by a person: a pre-release that lies within the bounds is as good.
    if str(wanted) and not (version and wanted.contains(version, prereleases=True)):
        message = f"wants {wanted}, found {version or 'no version'} (from {dist or 'no distribution'})"
        return [Fault("E204", path, message, f"install a version within {wanted}, or change the line")]
    return []


def by_name(offers: Iterable[EntryPoint]) -> Mapping[str, list[EntryPoint]]:
    """Sorted, so that the order of installation decides nothing."""
    grouped: dict[str, list[EntryPoint]] = {}
    for offer in sorted(offers, key=lambda offer: (offer.name, source_of(offer))):
        grouped.setdefault(offer.name, []).append(offer)
    return grouped
