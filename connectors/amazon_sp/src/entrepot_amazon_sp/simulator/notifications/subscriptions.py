"""Notifications API v1: what a seller's application is told of, and where."""

from collections.abc import Mapping

from entrepot.channel import Json
from entrepot.simulation import Call, route
from entrepot_amazon_sp.simulator import parameters
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.notifications.destinations import find_destination
from entrepot_amazon_sp.simulator.notifications.directives import read_directive
from entrepot_amazon_sp.simulator.notifications.register import Register, Subscription
from entrepot_amazon_sp.simulator.notifications.types import EVENT_BRIDGE, OTHERS, SIMULATED, SQS, NotificationType
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, invalid, not_simulated

SUBSCRIPTIONS = "/notifications/v1/subscriptions"
OF_TYPE = f"{SUBSCRIPTIONS}/{{notificationType}}"
ONE = f"{OF_TYPE}/{{subscriptionId}}"

SMALLEST_PAGE, LARGEST_PAGE = 30, 100

IN_REFUSALS = {SQS: "AWS_SQS", EVENT_BRIDGE: "AWS_EVENT_BRIDGE"}
"""The second is seen, the first a guess."""


class Subscriptions:
    """One of a type and payload version; Amazon lets several stand beside each other for filter expressions only."""

    def __init__(self, account: Account, register: Register) -> None:
        self._account = account
        self._register = register

    @route(f"POST {OF_TYPE}", spends="createSubscription")
    def create_subscription(self, call: Call) -> Json:
        kind, body = _simulated(call), call.body
        if not isinstance(body, Mapping) or not isinstance(body.get("destinationId"), str):
            raise invalid("destinationId is missing.")
        if body.get("payloadVersion") != kind.version:
            raise invalid(f"payloadVersion of {kind.name} is {kind.version}.")
        destination = find_destination(self._register, body["destinationId"])
        if destination.transport != kind.transport:
            raise invalid(f"Notification type {kind.name} does not support {IN_REFUSALS[destination.transport]}")
        wanted = read_directive(body.get("processingDirective"), kind, self._account.region)
        if self._register.of(self._account.seller, kind):
            details = f"Subscription already exist for notification type {kind.name}"
            raise AmazonRefusal(409, details=details)
        made = Subscription(self._account.uuid(), self._account.seller, kind, destination, wanted)
        self._register.subscriptions[made.id] = made
        return {"payload": made.word()}

    @route(f"GET {OF_TYPE}", spends="getSubscription")
    def get_subscription(self, call: Call) -> Json:
        """The latest payload version where none is named."""
        found = self._versions(_known(call.path["notificationType"]), call)
        if not found:
            raise AmazonRefusal(404)
        return {"payload": max(found, key=lambda each: each.kind.version).word()}

    @route(f"GET {SUBSCRIPTIONS}", spends="getSubscriptions")
    def get_subscriptions(self, call: Call) -> Json:
        names = parameters.array(call, "notificationTypes", most=1)
        if not names:
            raise invalid("notificationTypes is missing.")
        found = self._versions(_known(names[0]), call)
        if parameters.number(call, "pageSize", LARGEST_PAGE, LARGEST_PAGE) < SMALLEST_PAGE:
            raise invalid(f"pageSize is a number from {SMALLEST_PAGE} to {LARGEST_PAGE}.")
        if call.texts("nextToken"):
            raise invalid("nextToken was never given: there is one page.")
        return {"payload": {"subscriptions": [each.word() for each in found]}}

    @route(f"GET {ONE}", spends="getSubscriptionById")
    def get_subscription_by_id(self, call: Call) -> Json:
        return {"payload": self._find(call).word()}

    @route(f"DELETE {ONE}", spends="deleteSubscriptionById")
    def delete_subscription_by_id(self, call: Call) -> Json:
        del self._register.subscriptions[self._find(call).id]
        return {}

    def _versions(self, name: str, call: Call) -> list[Subscription]:
        version = parameters.single(call, "payloadVersion")
        found = self._register.of(self._account.seller, *(kind for kind in SIMULATED.values() if kind.name == name))
        return [each for each in found if version in {None, each.kind.version}]

    def _find(self, call: Call) -> Subscription:
        """Of any seller of the application. Raises AmazonRefusal."""
        name = _known(call.path["notificationType"])
        found = self._register.subscriptions.get(call.path["subscriptionId"])
        if found is None or found.kind.name != name:
            raise AmazonRefusal(404)
        return found


def _known(name: str) -> str:
    """Raises AmazonRefusal for a type that Amazon does not offer, or no more."""
    if name not in OTHERS | SIMULATED.keys():
        raise invalid(f"Notification type {name:.60} is not valid.")
    return name


def _simulated(call: Call) -> NotificationType:
    name = _known(call.path["notificationType"])
    if name in OTHERS:
        raise not_simulated(f"Notification type {name}")
    return SIMULATED[name]
