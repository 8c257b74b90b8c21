"""Where an application wants to be told of what: its destinations and subscriptions."""

from attrs import field, frozen

from entrepot.channel import Json
from entrepot_amazon_sp.simulator.notifications.types import SQS, NotificationType


@frozen
class Destination:
    """`address` is the ARN of a queue, or the name of a partner event source in AWS's `account` and `region`."""

    id: str
    name: str
    transport: str
    address: str
    account: str = ""
    region: str = ""

    def word(self) -> Json:
        resource = (
            {"arn": self.address}
            if self.transport == SQS
            else {"name": self.address, "region": self.region, "accountId": self.account}
        )
        return {"destinationId": self.id, "name": self.name, "resource": {self.transport: resource}}


@frozen
class Filter:
    """`stores` and `changes` None are all of them. `words` is the directive as it was given."""

    stores: frozenset[str] | None = None
    changes: frozenset[str] | None = None
    words: Json = None

    def passes(self, store: str, change: str) -> bool:
        return (self.stores is None or store in self.stores) and (self.changes is None or change in self.changes)


@frozen
class Subscription:
    id: str
    seller: str
    kind: NotificationType
    destination: Destination
    filter: Filter

    def word(self) -> Json:
        words = {
            "subscriptionId": self.id,
            "payloadVersion": self.kind.version,
            "destinationId": self.destination.id,
        }
        return words | ({"processingDirective": self.filter.words} if self.filter.words else {})


@frozen
class Register:
    """In one region, by id, oldest first; subscriptions of all its sellers. `application` is its id at Amazon."""

    application: str
    destinations: dict[str, Destination] = field(factory=dict)
    subscriptions: dict[str, Subscription] = field(factory=dict)

    def of(self, seller: str, *kinds: NotificationType) -> list[Subscription]:
        return [each for each in self.subscriptions.values() if each.seller == seller and each.kind in kinds]

    def at(self, destination: Destination) -> list[Subscription]:
        return [each for each in self.subscriptions.values() if each.destination == destination]
