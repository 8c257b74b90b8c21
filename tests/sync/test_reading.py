from attrs import evolve

from entrepot.sync.reading import Reader
from entrepot_mock_channel import MOCK

MUG = {"sku": "MUG", "quantity": 3}


def test_what_was_read_shortly_before_is_not_mapped_again():
    """The same content is the same value; other content, or another kind, is mapped by itself."""
    mapped = []

    def counting(record):
        mapped.append(record)
        return MOCK.maps["stock"](record)

    reader = Reader("shop", evolve(MOCK, maps={"stock": counting, "order": counting}), recent=2)
    assert reader.read("stock", [MUG]) == reader.read("stock", [MUG])
    assert len(mapped) == 1
    reader.read("order", [MUG])
    reader.read("stock", [MUG | {"quantity": 4}, {"sku": "CAP"}, {"sku": "CAP"}])  # the last one is refused
    assert len(mapped) == 4
    reader.read("stock", [MUG])  # the oldest of the two had to go
    assert len(mapped) == 5


def test_records_are_compared_with_the_documentation_once():
    reader = Reader("shop", MOCK)
    for _ in range(3):
        reader.read("stock", [MUG | {"color": "red"}])
    assert reader.drift.unknown == {("stock", "color"): 1}
