"""What any store must do, a shelf for each layer of the flow.

tests/store holds the contract that every implementation passes.

All methods of a transaction are plain and synchronous: a unit of work is one function given to `Store.write`, never a
transaction held across an await.
"""

from entrepot.store.protocol.accounts import Accounts
from entrepot.store.protocol.breakers import Breakers
from entrepot.store.protocol.daemons import Daemons
from entrepot.store.protocol.imports import Imports
from entrepot.store.protocol.ledger import Ledger
from entrepot.store.protocol.offers import Offers
from entrepot.store.protocol.orders import Orders
from entrepot.store.protocol.outbox import Outbox
from entrepot.store.protocol.problems import Problems
from entrepot.store.protocol.quota import Quota
from entrepot.store.protocol.streams import Streams
from entrepot.store.protocol.transactions import Store, Tx
from entrepot.store.protocol.vault import Vault

__all__ = [
    "Accounts",
    "Breakers",
    "Daemons",
    "Imports",
    "Ledger",
    "Offers",
    "Orders",
    "Outbox",
    "Problems",
    "Quota",
    "Store",
    "Streams",
    "Tx",
    "Vault",
]
