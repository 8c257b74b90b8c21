"""What stands around the body of a notification: Amazon's own envelope, and AWS's where EventBridge brings it."""

import json
from collections.abc import Mapping
from datetime import datetime

from attrs import define, field

from entrepot.channel import Json
from entrepot_amazon_sp.simulator.notifications.register import Destination, Subscription
from entrepot_amazon_sp.simulator.times import instant


@define
class Notice:
    """One notification to one subscription, and what became of it.

    `about` is the id of an order, feed or report, else a SKU, else the seller. `fates` are the faults that struck it.
    `sent_at` has the instant of each time that it was sent to its destination, none where it is lost, and
    `undelivered_at` those of them at which the destination could not be reached. `message` is what was sent.
    """

    id: str
    subscription: Subscription
    about: str
    event_at: datetime
    published_at: datetime | None = None
    sent_at: list[datetime] = field(factory=list)
    undelivered_at: list[datetime] = field(factory=list)
    message: str = "null"
    fates: list[str] = field(factory=list)

    @property
    def type(self) -> str:
        return self.subscription.kind.name

    def word(self) -> Json:
        return {
            "id": self.id,
            "type": self.type,
            "subscription": self.subscription.id,
            "about": self.about,
            "event_at": instant(self.event_at),
            "published_at": instant(self.published_at) if self.published_at else None,
            "sent_at": [instant(moment) for moment in self.sent_at],
            "undelivered_at": [instant(moment) for moment in self.undelivered_at],
            "fates": [*self.fates],
            "message": json.loads(self.message),
        }


def envelop(notice: Notice, application: str, body: Mapping[str, Json]) -> Json:
    """For most types keys begin with capitals, for some with small letters; the body comes with its own."""
    kind = notice.subscription.kind
    words: dict[str, Json] = {
        "NotificationVersion": kind.envelope_version,
        "NotificationType": kind.name,
        "PayloadVersion": kind.version,
        "EventTime": instant(notice.event_at),
        "Payload": body,
    }
    if kind.has_metadata:
        words["NotificationMetadata"] = _cased(_metadata(notice, application), camel=kind.camel)
    return _cased(words, camel=kind.camel)


def _metadata(notice: Notice, application: str) -> Mapping[str, Json]:
    return {
        "ApplicationId": application,
        "SubscriptionId": notice.subscription.id,
        "PublishTime": instant(notice.published_at or notice.event_at),
        "NotificationId": notice.id,
    }


def _cased(words: Mapping[str, Json], *, camel: bool) -> dict[str, Json]:
    return {name[:1].lower() + name[1:] if camel else name: value for name, value in words.items()}


def as_event(detail: Mapping[str, Json], notice: Notice, id_: str) -> Json:
    """An event of AWS: the notification is its `detail`. Of the form, AWS's pages; times in whole seconds."""
    destination: Destination = notice.subscription.destination
    return {
        "version": "0",
        "id": id_,
        "detail-type": notice.type,
        "source": destination.address,
        "account": destination.account,
        "time": instant(notice.published_at or notice.event_at)[:19] + "Z",
        "region": destination.region,
        "resources": [],
        "detail": detail,
    }
