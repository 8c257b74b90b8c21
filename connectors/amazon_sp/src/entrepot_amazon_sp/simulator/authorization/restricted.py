"""Tokens API 2021-03-01: restricted data tokens."""

from collections.abc import Callable

from entrepot.channel import Json
from entrepot.simulation import Call, Market, route
from entrepot_amazon_sp.simulator.authorization.resources import read_resources
from entrepot_amazon_sp.simulator.authorization.tokens import Tokens


class RestrictedDataTokens:
    """`granted` tells the personal data sets that the application has a role for."""

    def __init__(self, tokens: Tokens, market: Market, granted: Callable[[], frozenset[str]]) -> None:
        self._tokens = tokens
        self._market = market
        self._granted = granted

    @route("POST /tokens/2021-03-01/restrictedDataToken", spends="createRestrictedDataToken")
    def create_restricted_data_token(self, call: Call) -> Json:
        """Whether another application may be told of it (`targetApplication`) is not looked at."""
        resources = read_resources(call.body, self._granted())
        token, seconds = self._tokens.restrict(call, resources, self._market.now())
        return {"restrictedDataToken": token, "expiresIn": seconds}
