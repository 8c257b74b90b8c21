"""What Amazon has and this simulator has not."""

import re
from functools import cache

from entrepot_amazon_sp.catalog import Operation, find, ids


def operation_at(method: str, path: str) -> Operation | None:
    """The operation of Amazon's catalog that answers there. Of several, the one whose path names more."""
    fitting = [found for pattern, found in _patterns() if found.method == method and pattern.fullmatch(path)]
    return min(fitting, key=lambda found: found.path.count("{"), default=None)


@cache
def _patterns() -> list[tuple[re.Pattern[str], Operation]]:
    return [(re.compile(re.sub(r"\\{.+?\\}", "[^/]+", re.escape(found.path))), found) for found in map(find, ids())]
