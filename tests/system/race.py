"""One of several processes that take orders in on one database file. Imported by each of them."""

from pathlib import Path

from entrepot.store.sqlite import SqliteStore
from entrepot.sync.intake import take_in
from entrepot.sync.records import Mapped
from entrepot.sync.source import Source
from entrepot.sync.wishes import wish_again
from entrepot_mock_channel import MOCK
from tests.store.opened import InlineRunner, done
from tests.store.values import NOON, minutes, order

PAGE = 5


def take_share(path: str, account: str, numbers: list[str], start) -> None:
    """Page by page, each with the wishes that it changes, as the order stream does."""
    store = SqliteStore(Path(path), InlineRunner())
    source = Source(account, MOCK, {})
    start.wait()
    for first in range(0, len(numbers), PAGE):
        page = [Mapped(number, b"{}", order(number, placed=minutes(1))) for number in numbers[first : first + PAGE]]
        done(store.write(lambda tx, page=page: wish_again(tx, take_in(tx, source, page, NOON), NOON)))
    store.close()
