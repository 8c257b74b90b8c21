from collections.abc import Sequence

import pytest
from attrs import frozen

from entrepot.channel import Json, RecordError, structure


@frozen
class Page:
    orders: list[Json]


@pytest.mark.parametrize("kind", [list[str], list, tuple[str, ...], set[str], frozenset[str], Sequence[str]])
@pytest.mark.parametrize("value", ["abc", {"a": 1}, {}, "", None, 3])
def test_nothing_but_a_list_becomes_a_collection(kind, value):
    """Covers R37: a refusal's object would become a list of its keys, an empty one an empty page."""
    with pytest.raises(RecordError, match="expected a list, found"):
        structure(value, kind)


def test_an_error_instead_of_a_list_is_named_by_its_path():
    """Covers R37."""
    with pytest.raises(RecordError, match=r"expected a list, found dict \{\} @ \$\.orders"):
        structure({"orders": {}}, Page)


@pytest.mark.parametrize(
    ("kind", "result"),
    [
        (list[str], ["a", "b"]),
        (tuple[str, ...], ("a", "b")),
        (frozenset[str], frozenset("ab")),
        (set[str], {"a", "b"}),
        (Sequence[str], ("a", "b")),
        (tuple[str, str], ("a", "b")),
        (list, ["a", "b"]),
    ],
)
def test_a_list_becomes_what_is_asked_for(kind, result):
    assert structure(["a", "b"], kind) == result


def test_elements_are_as_strict():
    with pytest.raises(RecordError, match=r"expected int, found str '1' @ \$\[1\]"):
        structure([1, "1"], tuple[int, ...])
