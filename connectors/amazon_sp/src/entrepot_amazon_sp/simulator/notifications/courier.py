"""How a notification gets to its subscribers: at least once by Amazon's promise, and worse where a run asks for it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from entrepot.channel import Json
from entrepot.simulation import FaultPoints
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.faults import AmazonFault
from entrepot_amazon_sp.simulator.notifications.envelopes import Notice, as_event, envelop
from entrepot_amazon_sp.simulator.notifications.queues import Queues
from entrepot_amazon_sp.simulator.notifications.register import Register, Subscription
from entrepot_amazon_sp.simulator.notifications.types import SQS, NotificationType

PUBLISHED_AFTER = timedelta(seconds=1)
"""From an event to its notification; a guess, Amazon promises nothing."""

LATE_SECONDS = (300.0, 3600.0)
HELD_SECONDS, AGAIN_SECONDS = (20.0, 120.0), (1.0, 300.0)
"""How long a queue holds one back while others pass, and when it brings one again: guesses."""

MOST_COPIES = 9
"""Ten deliveries of one event are reported by a user (selling-partner-api-models issue 2616)."""


def everyone(_: Subscription) -> bool:
    return True


class Courier:
    """`notices` is the truth about all that was to be told, oldest first."""

    def __init__(self, account: Account, register: Register, queues: Queues, faults: FaultPoints) -> None:
        self._account = account
        self._market = account.market
        self._register = register
        self._queues = queues
        self._faults = faults
        self.notices: list[Notice] = []

    def is_awaited(self, *kinds: NotificationType) -> bool:
        return bool(self._register.of(self._account.seller, *kinds))

    def later(self, action: Callable[[], object]) -> None:
        """As long after an event as it takes Amazon to tell it."""
        self._market.later(PUBLISHED_AFTER, action)

    def tell(
        self,
        kind: NotificationType,
        about: str,
        at: datetime,
        body: Json,
        wanted: Callable[[Subscription], bool] = everyone,
    ) -> None:
        for subscription in filter(wanted, self._register.of(self._account.seller, kind)):
            notice = Notice(self._account.uuid(), subscription, about, at)
            self.notices.append(notice)
            self._take(notice, body)

    def _take(self, notice: Notice, body: Json) -> None:
        if self._strikes(notice, AmazonFault.LOST_NOTIFICATION):
            return
        publish = partial(self._publish, notice, body)
        if self._strikes(notice, AmazonFault.DELAYED_NOTIFICATION):
            self._market.later(self._account.wait(LATE_SECONDS), publish)
        else:
            publish()

    def _publish(self, notice: Notice, body: Json) -> None:
        notice.published_at = self._market.now()
        send = partial(self._send, notice, self._worded(notice, body))
        if self._strikes(notice, AmazonFault.OVERTAKEN_NOTIFICATION):
            self._market.later(self._account.wait(HELD_SECONDS), send)
        else:
            send()
        copies = 0
        while copies < MOST_COPIES and self._strikes(notice, AmazonFault.DOUBLED_NOTIFICATION):
            self._market.later(self._account.wait(AGAIN_SECONDS), send)
            copies += 1

    def _worded(self, notice: Notice, body: Json) -> str:
        words = envelop(notice, self._register.application, body)
        if notice.subscription.kind.transport != SQS:
            words = as_event(words, notice, self._account.uuid())
        return json.dumps(words, separators=(",", ":"))

    def _send(self, notice: Notice, message: str) -> None:
        at = self._market.now()
        notice.sent_at.append(at)
        notice.message = message
        self._queues.send(notice.subscription.destination, message, lambda: notice.undelivered_at.append(at))

    def _strikes(self, notice: Notice, fault: AmazonFault) -> bool:
        if not self._faults.strikes(fault):
            return False
        notice.fates.append(fault.removesuffix("_notification"))
        return True
