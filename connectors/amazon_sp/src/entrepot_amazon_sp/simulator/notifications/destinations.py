"""Notifications API v1: the destinations of an application. No seller's grant is needed for them."""

import re
from collections.abc import Mapping
from typing import Any

from entrepot.channel import Json
from entrepot.simulation import Call, route
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.notifications.register import Destination, Register
from entrepot_amazon_sp.simulator.notifications.types import EVENT_BRIDGE, SQS
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, invalid

DESTINATIONS = "/notifications/v1/destinations"
DESTINATION = f"{DESTINATIONS}/{{destinationId}}"

ARN = re.compile(r"arn:aws:sqs:[^\s:]+:[^\s:]+:[^\s:]+")
FIFO = ".fifo"
LONGEST_NAME, LONGEST_ARN = 256, 1000


class Destinations:
    """The refusals are as reports of sellers quote them."""

    def __init__(self, account: Account, register: Register) -> None:
        self._account = account
        self._register = register

    @route(f"POST {DESTINATIONS}", spends="createDestination")
    def create_destination(self, call: Call) -> Json:
        destination = self._read(call.body)
        known = self._register.destinations
        if any(each.address == destination.address for each in known.values()):
            whose = f"already exists for the application {self._register.application}"
            details = f"A destination with arn {destination.address} {whose}"
            message = "The requested resource conflict with a resource in the server."
            raise AmazonRefusal(409, message, code="Conflict", details=details)
        known[destination.id] = destination
        return {"payload": destination.word()}

    @route(f"GET {DESTINATIONS}", spends="getDestinations")
    def get_destinations(self, call: Call) -> Json:
        return {"payload": [each.word() for each in self._register.destinations.values()]}

    @route(f"GET {DESTINATION}", spends="getDestination")
    def get_destination(self, call: Call) -> Json:
        return {"payload": self._find(call).word()}

    @route(f"DELETE {DESTINATION}", spends="deleteDestination")
    def delete_destination(self, call: Call) -> Json:
        destination = self._find(call)
        if self._register.at(destination):
            raise AmazonRefusal(403, "The requested action is forbidden.", details="Destination has subscriptions")
        del self._register.destinations[destination.id]
        return {}

    def _find(self, call: Call) -> Destination:
        return find_destination(self._register, call.path["destinationId"])

    def _read(self, body: Json) -> Destination:
        """Raises AmazonRefusal."""
        name = body.get("name") if isinstance(body, Mapping) else None
        if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_NAME:
            raise invalid(f"name has 1 to {LONGEST_NAME} characters.")
        given = body.get("resourceSpecification")
        if not isinstance(given, Mapping) or len(given) != 1 or not given.keys() <= {SQS, EVENT_BRIDGE}:
            raise invalid("resourceSpecification has either sqs or eventBridge.")
        [(transport, resource)] = given.items()
        if not isinstance(resource, Mapping):
            raise invalid(f"{transport} is an object.")
        return self._at_queue(name, resource) if transport == SQS else self._at_bus(name, resource)

    def _at_queue(self, name: str, resource: Mapping[str, Any]) -> Destination:
        arn = resource.get("arn")
        if not isinstance(arn, str) or len(arn) > LONGEST_ARN or not ARN.fullmatch(arn):
            raise invalid("arn is not that of an SQS queue.")
        if arn.endswith(FIFO):
            raise invalid("FIFO queues are not supported.")
        return Destination(self._account.uuid(), name, SQS, arn)

    def _at_bus(self, name: str, resource: Mapping[str, Any]) -> Destination:
        aws_account, region = resource.get("accountId"), resource.get("region")
        if not (isinstance(aws_account, str) and aws_account and isinstance(region, str) and region):
            raise invalid("eventBridge needs accountId and region.")
        source = f"aws.partner/sellingpartnerapi.amazon.com/{aws_account}/{self._register.application}"
        return Destination(self._account.uuid(), name, EVENT_BRIDGE, source, aws_account, region)


def find_destination(register: Register, id_: str) -> Destination:
    """Raises AmazonRefusal. The words are seen, their status is a guess."""
    if id_ not in register.destinations:
        details = f"No destination with id '{id_:.60}' for applicationId '{register.application}'"
        raise AmazonRefusal(404, details=details)
    return register.destinations[id_]
