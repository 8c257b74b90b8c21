"""Amazon's orders through the core's own steps into a real SQLite store, and back."""

from datetime import date

from attrs import frozen

from entrepot.model import AccountId, Order
from entrepot.store.records import KnownOrder
from entrepot.store.sqlite import migrate
from entrepot.sync.records import Mapped, map_record
from entrepot_amazon_sp import AMAZON
from tests.store.opened import done, open_inline

ACCOUNT = AccountId("amazon-eu")


@frozen
class Shelved:
    """An order as it came back, beside the record that was kept."""

    order: Order
    record: Mapped


class Shelf:
    def __init__(self, path):
        migrate(path)
        self.store = open_inline(path)
        self.versions = 0

    def there_and_back(self, document):
        """Fails on a record that cannot be mapped."""
        record = map_record(AMAZON, "order", document)
        assert record.value is not None, record.reason
        self.versions += 1
        order, version = record.value, KnownOrder(self.versions, "r", record.content_hash, record.value.changed_at)

        def step(tx):
            tx.orders.save(ACCOUNT, order, version, date(2026, 1, 1), order.changed_at)
            return tx.orders.load(ACCOUNT, order.external_id)

        back = done(self.store.write(step))
        assert back == order
        return Shelved(back, record)
