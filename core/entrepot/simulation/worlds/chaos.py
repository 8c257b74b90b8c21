"""What happens to a world besides trade: deaths, sleeps, bad days of the channels, and a merchant who keeps stock."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from attrs import frozen

from entrepot.model import AccountId, Sku
from entrepot.simulation.doubles.call import Answer
from entrepot.simulation.doubles.shop import ShopDouble
from entrepot.simulation.doubles.shop_faults import ShopFault
from entrepot.simulation.markets.paging import PageFault
from entrepot.simulation.seeds import stream
from entrepot.simulation.worlds.stocktaking import count_everywhere
from entrepot.simulation.worlds.world import Life, World
from entrepot.sync.stocktaking import receive

if TYPE_CHECKING:
    from entrepot.runtime import Rng
    from entrepot.simulation.markets.market import Market

KEPT_FROM_LISTS = (
    *(ShopFault.HIDDEN_ORDER, ShopFault.LATE_ORDER),
    *(ShopFault.NEW_WORD, ShopFault.OTHER_TYPE),
)
"""Whose victims come late: an order that cannot be read is a dead letter until it is read again."""

KNOWING = 0.1
"""Of all deaths: between an answer and its transaction. By lot alone they are rare, and there most can be lost."""

MISHAPS = 8
"""Of twice as many strokes: there are many fault points."""


@frozen
class Hostility:
    """How bad a world is: daemons on the store, and the least and most seconds between two strokes of fate.

    `faults` are the fault points of the simulators that strike, as far as they have them.
    """

    daemons: int = 2
    between: tuple[float, float] = (300.0, 2400.0)
    faults: tuple[str, ...] = ()


class Chaos:
    """Strikes by lot until `end`. `happened` counts what; the order book and the shelf stay the channels' truth."""

    def __init__(self, world: World, hostility: Hostility, end: datetime) -> None:
        self.happened: Counter[str] = Counter()
        self.physical: Counter[str] = Counter(world.terms.counted)
        self.meddled: set[tuple[AccountId, str]] = set()
        self.hidden: set[str] = set()
        self.lives: list[Life] = []
        self._world = world
        self._hostility = hostility
        self._end = end
        self._rng: Rng = stream(world.terms.seed, "chaos")
        self._returns: list[asyncio.Task[None]] = []

    async def reign(self) -> None:
        """Start the daemons, strike until the end, then let everybody live."""
        self.lives = [self._world.start_daemon() for _ in range(self._hostility.daemons)]
        strokes: list[Callable[[], object]] = [
            self._kill,
            self._kill,
            self._sleep,
            self._bad_pages,
            self._bad_answers,
            self._refuse_token,
            self._hide_order,
            self._lower_by_hand,
            *[self._mishap] * (MISHAPS if self._hostility.faults else 0),
        ]
        while self._world.clock.now() < self._end:
            await asyncio.sleep(self._rng.uniform(*self._hostility.between))
            if self._rng.random() < 1 / 3:
                await self._keep_stock()
            else:
                self._rng.choice(strokes)()
        await asyncio.gather(*self._returns)

    async def still(self, span: timedelta) -> None:
        """Nothing strikes for `span`; one daemon stays awake, the others drain at once."""
        for market in self._world.markets.values():
            market.calm()
        for life in self.lives[1:]:
            await life.drain()
        await asyncio.sleep(span.total_seconds())
        await self.lives[0].drain()

    def lied_about(self, order: str, changed_at: datetime) -> bool:
        """May lists have left the order out, against all promises? Then it comes with the repair pass, not before.

        A repeated page without a way on cannot be told from a list's true end.
        """
        victims = (victims for market in self._world.markets.values() for victims in _victims(market))
        if order in self.hidden or any(order in each for each in victims):
            return True
        lies = (lie for market in self._world.markets.values() for lie in market.repeated)
        return any(start <= changed_at <= end for start, end in lies)

    def told_old_quantities(self, account: str) -> bool:
        """May what was read back be what was shown long before?"""
        market = self._world.markets[AccountId(account)]
        return isinstance(market, ShopDouble) and bool(market.faults.happened[ShopFault.STALE_READ])

    # Processes

    def _kill(self) -> None:
        place = self._rng.randint(0, len(self.lives) - 1)
        if self._rng.random() < KNOWING:
            self.lives[place].crash_after(1, "after_answer")
        else:
            self.lives[place].crash_after(self._rng.randint(1, 60))
        self.happened["kill"] += 1
        self._later(self._rng.uniform(120, 1800), lambda: self._reborn(place))

    def _reborn(self, place: int) -> None:
        self.lives[place].crash()  # in case its fuse has not burned down
        self.lives[place] = self._world.start_daemon()

    def _sleep(self) -> None:
        life = self._rng.choice(self.lives)
        life.pause_after(self._rng.randint(1, 40))
        self.happened["pause"] += 1
        self._later(self._rng.uniform(60, 900), life.resume)

    # Channels

    def _shop(self) -> tuple[AccountId, ShopDouble]:
        account = self._rng.choice(sorted(self._world.markets))
        market = self._world.markets[account]
        if not isinstance(market, ShopDouble):
            msg = f"the simulator of {account} takes no scripts"
            raise TypeError(msg)
        return account, market

    def _bad_pages(self) -> None:
        _, shop = self._shop()
        fault = self._rng.choice(list(PageFault))
        shop.script_pages(*[fault] * self._rng.randint(1, 2))
        self.happened[f"page_{fault}"] += 1

    def _bad_answers(self) -> None:
        _, shop = self._shop()
        answer = self._rng.choice([Answer(429), Answer(500), Answer(503, "<html>busy</html>"), Answer(200, "<html>")])
        shop.script(*[answer] * self._rng.randint(1, 5))
        self.happened[f"answer_{answer.status}"] += 1

    def _refuse_token(self) -> None:
        _, shop = self._shop()
        shop.script(*[Answer(401)] * self._rng.randint(1, 3))
        self.happened["answer_401"] += 1

    def _hide_order(self) -> None:
        _, shop = self._shop()
        if shop.orders:
            number = self._rng.choice(list(shop.orders))
            shop.hide(number, timedelta(seconds=self._rng.uniform(600, 10_000)))
            self.hidden.add(number)
            self.happened["hidden_order"] += 1

    def _lower_by_hand(self) -> None:
        account, shop = self._shop()
        offer = self._rng.choice(sorted(shop.stock))
        if shop.stock[offer] > 1:
            shop.stock.move(offer, -1)
            self.meddled.add((account, offer))
            self.happened["lowered_by_hand"] += 1

    def _mishap(self) -> None:
        _, shop = self._shop()
        fault = self._rng.choice([name for name in self._hostility.faults if name in shop.faults.points])
        shop.faults.plan(fault, self._rng.randint(1, 3))

    # The merchant

    async def _keep_stock(self) -> None:
        sku = self._rng.choice(sorted(self.physical))
        now, places = self._world.clock.now(), self._world.config.locations.own
        reference = f"{now.isoformat()}"
        if self._rng.random() < 1 / 2:
            units = self._rng.randint(1, 10)
            await self._world.write(lambda tx: receive(tx, Sku(sku), units, reference, now, location=places[-1]))
            self.physical[sku] += units
            self.happened["receipt"] += 1
        else:
            left = self.physical[sku] - self.shipped(sku)
            if left >= 0:
                await self._world.write(lambda tx: count_everywhere(tx, Sku(sku), left, now, reference, places=places))
                self.happened["count"] += 1

    def shipped(self, sku: str) -> int:
        """Units that have left, by the channels' truth."""
        markets: list[Market] = list(self._world.markets.values())
        lines = (line for market in markets for order in market.orders.values() for line in order.lines)
        return sum(line.shipped for line in lines if line.offer == sku)

    def _later(self, seconds: float, action: Callable[[], object]) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            action()

        self._returns.append(asyncio.get_running_loop().create_task(wait(), name="fate"))


def _victims(market: object) -> list[set[str]]:
    return [market.faults.victims[fault] for fault in KEPT_FROM_LISTS] if isinstance(market, ShopDouble) else []
