"""Several sellers of one application in one simulator: who they are, and whose a request is."""

from collections.abc import Iterator, Mapping
from itertools import cycle

from attrs import evolve, frozen
from starlette.requests import Request

from entrepot.channel import ChannelType, Secret, SimulatorConfig
from entrepot.runtime import Clock, Rng
from entrepot.simulation import Seller, Sellers, stream
from entrepot_amazon_sp.simulator import hosts
from entrepot_amazon_sp.simulator.authorization.application import Application
from entrepot_amazon_sp.simulator.authorization.tokens import REFRESH_PREFIX, TOKEN_HEADER, Tokens
from entrepot_amazon_sp.simulator.double import AmazonDouble
from entrepot_amazon_sp.simulator.notifications.queues import Queues
from entrepot_amazon_sp.stores import Stores

STORES: Mapping[str, tuple[str, ...]] = {"NA": ("US", "CA"), "EU": ("DE", "FR"), "FE": ("JP", "AU")}
"""Of invented sellers, by region."""


def simulate_sellers(
    channel: ChannelType, config: SimulatorConfig, clock: Clock, rng: Rng, queues: Queues | None = None
) -> Sellers:
    """`config.sellers` of them, the account's own the first; each has a chance of its own."""
    tokens = Tokens(Application(config.settings, rng, config.time_scale), rng, config.time_scale)
    configs = [config, *_invented(config, rng)]
    doubles: dict[str, AmazonDouble] = {}
    for each in configs:
        chance = stream(rng.randint(0, 2**64 - 1), each.account)
        double = AmazonDouble(channel, each, clock, chance, tokens, queues)
        doubles[each.account], queues = double, double.queues
    return Sellers(
        {each.account: Seller(each, doubles[each.account]) for each in configs}, _Whose(tokens, doubles).name
    )


def _invented(config: SimulatorConfig, rng: Rng) -> Iterator[SimulatorConfig]:
    """In the regions by turns, the account's own the last of them."""
    own = Stores.chosen(config.marketplaces).region.name
    others = [STORES[name] for name in STORES if name != own]
    most = max(config.skus.values(), default=0)
    for number, places in zip(range(2, config.sellers + 1), cycle([*others, config.marketplaces]), strict=False):
        seller, token = f"A{rng.randint(0, 16**13 - 1):013X}", f"{REFRESH_PREFIX}{rng.randint(0, 16**64 - 1):064x}"
        yield evolve(
            config,
            account=f"{config.account}-{number}",
            marketplaces=places,
            settings=evolve(config.settings, seller_id=seller, refresh_token=Secret(token)),
            skus={sku: rng.randint(0, most) for sku in config.skus},
        )


@frozen
class _Whose:
    _tokens: Tokens
    _doubles: Mapping[str, AmazonDouble]

    def name(self, request: Request) -> str:
        """By the token, the document, or the region of the host; else the first, as all grant tokens alike."""
        seller = self._tokens.seller_of(request.headers.get(TOKEN_HEADER, ""))
        document = request.url.path.removeprefix("/documents/")
        region = hosts.HOMES.get(request.url.hostname or "")
        for name, double in self._doubles.items():
            if seller == double.seller or double.keeps(document):
                return name
        near = [name for name, double in self._doubles.items() if double.region == region]
        return next(iter([*near, *self._doubles]))
