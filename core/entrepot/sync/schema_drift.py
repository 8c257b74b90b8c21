"""Whether a channel still sends what its documentation says. Nothing fails by it: records stay whole.

What is beside the documentation is kept in the raw record and read by nobody; what is never there, a mapper waits for
in vain. Both are counted since the account was connected, and told once in the log.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import structlog
from attrs import define, field

from entrepot.channel import ChannelType, Json
from entrepot.model import AccountId

ENOUGH = 100
"""Records after which a field that none of them has counts as never sent."""

MOST = 50
"""Unknown fields of an account that are told apart. A channel may use data as names."""

LONGEST = 80
OTHERS = "(others)"

log = structlog.get_logger()


@define
class Field:
    """A documented one, with the fields within it; none where it is a value, or where nothing is said of it."""

    path: str
    within: dict[str, "Field"] = field(factory=dict)
    seen: bool = False

    def at(self, step: str) -> "Field":
        """The field within of this name, made where it is not there yet."""
        name = step.removesuffix("[]")
        return self.within.setdefault(name, Field(f"{self.path}.{step}".removeprefix(".")))

    def never_seen(self) -> Iterator[str]:
        """The outermost paths."""
        for inner in self.within.values():
            if inner.seen:
                yield from inner.never_seen()
            else:
                yield inner.path


class SchemaDrift:
    """Of one account. `unknown` counts records by kind and path, `records` all of a kind that is documented."""

    def __init__(self, account: AccountId, channel: ChannelType) -> None:
        self.unknown: Counter[tuple[str, str]] = Counter()
        self.records: Counter[str] = Counter()
        self._account = account
        self._documented = {kind: _documented(channel, kind) for kind in channel.documented}

    def note(self, kind: str, records: Sequence[Json]) -> None:
        """Compare a page of records with the documentation of their kind, if there is one."""
        root = self._documented.get(kind)
        if root is None:
            return
        for record in records:
            beside: dict[str, None] = {}
            _compare(record, root, beside)
            for path in beside:
                self._count(kind, path[:LONGEST])
        before = self.records[kind]
        self.records[kind] += len(records)
        missing = self.never_sent(kind) if before < ENOUGH else []
        if missing:
            log.info("fields_never_sent", account=self._account, kind=kind, fields=missing)

    def never_sent(self, kind: str) -> list[str]:
        """Documented fields that no record had; nothing is said before there were enough records."""
        return list(self._documented[kind].never_seen()) if self.records[kind] >= ENOUGH else []

    def by_kind(self) -> Mapping[str, int]:
        """How many fields were never sent."""
        return {kind: len(self.never_sent(kind)) for kind in self._documented}

    def _count(self, kind: str, path: str) -> None:
        if (kind, path) not in self.unknown:
            if len(self.unknown) >= MOST:
                path = OTHERS
            if (kind, path) not in self.unknown:
                log.info("unknown_field", account=self._account, kind=kind, field=path)
        self.unknown[kind, path] += 1


def _documented(channel: ChannelType, kind: str) -> Field:
    root = Field("")
    for path in channel.documented[kind]:
        _walk(root, path)
    for path in channel.pii_paths.get(kind, ()):
        personal = _walk(root, path)
        personal[-1].within.clear()
        for place in personal:
            place.seen = True  # it may be withheld from us, with the whole group that it stands in
    return root


def _walk(root: Field, path: str) -> list[Field]:
    """Every field on the way to `path`, made where it is not there yet."""
    places = [root]
    for step in path.split("."):
        places.append(places[-1].at(step))
    return places[1:]


def _compare(value: Json, place: Field, beside: dict[str, None]) -> None:
    """What is documented is marked as seen; the paths of what is not become the keys of `beside`."""
    if isinstance(value, list):
        for one in value:
            _compare(one, place, beside)
    elif isinstance(value, dict):
        for name, inner in value.items():
            known = place.within.get(name)
            if known is None:
                beside[f"{place.path}.{name}".removeprefix(".")] = None
                continue
            known.seen = True
            if inner and known.within:
                _compare(inner, known, beside)
