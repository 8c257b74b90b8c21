"""What a mistyped SKU may have meant. Among 100,000 articles `difflib` takes seconds for one; this takes none."""

import string
from collections.abc import Container, Iterator

ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_./ "


def nearest(word: str, known: Container[str]) -> str | None:
    """A known word that differs in its case, or in one character too many, too few, wrong or swapped."""
    candidates = (word.upper(), word.lower(), *_one_edit_away(word), *_one_edit_away(word.upper()))
    return next((candidate for candidate in candidates if candidate in known), None)


def _one_edit_away(word: str) -> Iterator[str]:
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        yield from (before + letter + after for letter in ALPHABET)
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in ALPHABET)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
