"""Our client, called by operation: `python ... URL`, cases on stdin."""

import asyncio
import logging
import sys
from functools import cached_property

from drivers.talk import answer_each

from entrepot.channel import ChannelError, Environment, Secret
from entrepot.http.reroute import Rerouted
from entrepot.model import AccountId
from entrepot_amazon_sp import AmazonSettings, SellingPartner
from entrepot_amazon_sp.catalog import find

DEADLINE = 5
"""Seconds. Without one, each case of a failure in passing would be repeated for a minute and more."""

SETTINGS = AmazonSettings("A2JUDGE", "judge", Secret("of the judge"), Secret("Atzr|judge"))


class Driver:
    def __init__(self, url):
        self.url = url
        self.runner = asyncio.Runner()

    @cached_property
    def client(self):
        return SellingPartner(
            SETTINGS,
            region="EU",
            environment=Environment.SANDBOX,
            transport=Rerouted(self.url, AccountId(SETTINGS.seller_id)),
        )

    def ways(self, case):
        return [case["operation"]]

    def call(self, case, way):
        operation = find(way)
        names = [way] if operation.method == case["method"] else [f"{way}_{case['method']}"]
        given = dict(case["arguments"]) | ({"body": case["body"]} if "body" in case else {})
        try:
            return {"answer": self.runner.run(self.client.call(*names, deadline=DEADLINE, **given))}
        except ChannelError as refused:
            return {"refused": {"status": refused.status, "errors": [{"code": refused.code}]}}


logging.disable()  # each failure in passing is one of the cases
answer_each(Driver(sys.argv[1]))
