"""What Amazon has and this simulator has not."""

import re
from functools import lru_cache

from entrepot_amazon_sp.catalog import Operation, find, ids


def operation_at(method: str, path: str) -> Operation | None:
    """The operation of Amazon's catalog that answers there. Of several, the one whose path names more."""
    fitting = [found for found in map(find, ids()) if found.method == method and pattern_of(found.path).fullmatch(path)]
    return min(fitting, key=lambda found: found.path.count("{"), default=None)


@lru_cache(maxsize=1024)
def pattern_of(path: str) -> re.Pattern[str]:
    """Of the paths that one with names in braces stands for."""
    return re.compile(re.sub(r"\\{.+?\\}", "[^/]+", re.escape(path)))
