"""All of it for one account: the API, what watches the market, and the truth about what was told."""

from collections.abc import Sequence

from entrepot.model import Order
from entrepot.simulation import FaultPoints
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.fba.stock import FbaStock
from entrepot_amazon_sp.simulator.jobs import Job, Names
from entrepot_amazon_sp.simulator.listings.inventory import Inventory
from entrepot_amazon_sp.simulator.notifications.courier import Courier
from entrepot_amazon_sp.simulator.notifications.destinations import Destinations
from entrepot_amazon_sp.simulator.notifications.envelopes import Notice
from entrepot_amazon_sp.simulator.notifications.fba_changes import FbaChanges
from entrepot_amazon_sp.simulator.notifications.job_ends import JobEnds
from entrepot_amazon_sp.simulator.notifications.listing_changes import ListingChanges
from entrepot_amazon_sp.simulator.notifications.order_changes import OrderChanges
from entrepot_amazon_sp.simulator.notifications.queues import Queues
from entrepot_amazon_sp.simulator.notifications.register import Register
from entrepot_amazon_sp.simulator.notifications.subscriptions import Subscriptions
from entrepot_amazon_sp.simulator.notifications.types import ACCOUNT_STATUS


class Notifications:
    """`account_status` is NORMAL, AT_RISK or DEACTIVATED: words only, the seller goes on selling."""

    def __init__(
        self,
        account: Account,
        register: Register,
        queues: Queues,
        faults: FaultPoints,
        inventory: Inventory,
        stock: FbaStock,
    ) -> None:
        self._account = account
        self._courier = Courier(account, register, queues, faults)
        self.apis: Sequence[object] = (Destinations(account, register), Subscriptions(account, register))
        self._orders = OrderChanges(account, self._courier)
        self._listings = ListingChanges(account, inventory, self._courier)
        self._fba = FbaChanges(account, stock, self._courier)
        self._jobs = JobEnds(account, self._courier)
        self.account_status = "NORMAL"

    @property
    def notices(self) -> Sequence[Notice]:
        """Each notification to each subscription, oldest first, with what became of it."""
        return self._courier.notices

    def offer_changes(self, sku: str) -> None:
        """To be called before."""
        self._listings.note(sku)
        self._fba.note(sku)

    def order_changes(self, order: Order) -> None:
        """To be called before, with the new version."""
        self._fba.note_order(order)

    def order_changed(self, before: Order | None, order: Order) -> None:
        self._orders.note(before, order)

    def job_ended(self, job: Job, names: Names) -> None:
        self._jobs.note(job, names)

    def change_account_status(self, status: str) -> None:
        """The body is seen by one seller; Amazon publishes no schema."""
        statuses = {"currentAccountStatus": status, "previousAccountStatus": self.account_status}
        self.account_status = status
        about, now = self._account.seller, self._account.market.now()
        self._courier.tell(ACCOUNT_STATUS, about, now, {"accountStatusChangeNotification": statuses})
