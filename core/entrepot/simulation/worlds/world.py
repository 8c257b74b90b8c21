"""A world: configured accounts, their simulated channels, one store, and daemons that live and die on it."""

from asyncio import Task
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from attrs import evolve, field, frozen

from entrepot.channel import SimulatorConfig
from entrepot.config import Config
from entrepot.model import AccountId, Sku
from entrepot.runtime import Rng
from entrepot.secrets import Redactor
from entrepot.simulation.markets.market import Market
from entrepot.simulation.network.faults import FaultPlan
from entrepot.simulation.network.transport import EveryHost, Server, SimTransport
from entrepot.simulation.seeds import SeededIds, VirtualClock, stream
from entrepot.simulation.virtual_time.executor import SimExecutor
from entrepot.simulation.virtual_time.loop import VirtualLoop
from entrepot.simulation.worlds.crash import Poison, PoisonedClock, PoisonedRng, PoisonedTransport, Process
from entrepot.simulation.worlds.stocktaking import count_everywhere
from entrepot.store.sqlite import SqliteStore, migrate
from entrepot.store.sqlite.database import SqliteTx
from entrepot.sync.assembly import catalog, connect_accounts
from entrepot.sync.daemon import Daemon
from entrepot.sync.runtime import Worker
from entrepot.sync.setup import set_up
from entrepot.sync.telling import Observer
from entrepot.vault.keeper import Keeper

T = TypeVar("T")

WATCH = timedelta(minutes=15)
"""How often a simulated daemon looks for what others committed."""

DISK = (0.0, 0.05)
"""Seconds that a transaction waits for its turn, and its result for its caller: others come between."""


@frozen
class Terms:
    """What a world begins with: `shown` on every channel and `counted` on the shelf, by SKU.

    `ahead` is by how much the clock of a channel is.
    """

    seed: int
    start: datetime
    shown: Mapping[str, int]
    counted: Mapping[str, int]
    ahead: Mapping[AccountId, timedelta] = field(factory=dict)


class World:
    """Everything of one seed. Truth is in `markets`, knowledge in the store at `path`."""

    def __init__(
        self,
        loop: VirtualLoop,
        config: Config,
        terms: Terms,
        faults: FaultPlan | None = None,
        observers: tuple[Observer, ...] = (),
    ) -> None:
        self.loop = loop
        self.config = config
        self.terms = terms
        self.clock = VirtualClock(loop, terms.start)
        self.path = config.database
        self.markets: dict[AccountId, Market] = {}
        self.network: dict[AccountId, SimTransport] = {}
        self.lives = 0
        self.deaths: Counter[str] = Counter()  # by what the process was about to do, or had just done
        self._observers = observers
        for id_ in config.accounts:
            self._open_channel(id_, faults)
        migrate(self.path)
        self._own = self.open_store(stream(terms.seed, "merchant"), Poison("merchant"))

    async def begin(self) -> None:
        """The shelf is counted before the first daemon starts."""
        now, places = self.clock.now(), self.config.locations.own

        def count_all(tx: SqliteTx) -> None:
            tx.accounts.save_articles(catalog(self.config))
            for sku, units in self.terms.counted.items():
                count_everywhere(tx, Sku(sku), units, now, "opening", places=places)

        await self.write(count_all)

    async def write(self, work: Callable[[SqliteTx], T]) -> T:
        """What the merchant does, in a transaction of its own."""
        return await self._own.write(work)

    def start_daemon(self, *, skew: timedelta = timedelta()) -> "Life":
        """Another life of a daemon, from its start to its drain or its crash. `skew`: its clock is ahead by so much."""
        self.lives += 1
        life = Life(self, f"daemon-{self.lives}", skew)
        life.task = life.process.start(life.live)
        life.task.add_done_callback(life.ended)
        return life

    def open_store(self, rng: Rng, poison: Poison) -> SqliteStore:
        return SqliteStore(self.path, SimExecutor(rng, poison, delay=DISK), durable=False)

    def ahead(self, account: AccountId) -> timedelta:
        """By how much the channel's clock is ahead of ours."""
        return self.terms.ahead.get(account, timedelta())

    def observers(self) -> tuple[Observer, ...]:
        return self._observers

    def replace_store(self, replace: Callable[[], None]) -> None:
        """Have the file replaced while nobody uses it: no daemon lives."""
        self._own.close()
        replace()
        self._own = self.open_store(stream(self.terms.seed, f"merchant/{self.lives}"), Poison("merchant"))

    def close(self) -> None:
        self._own.close()

    def _open_channel(self, account: AccountId, faults: FaultPlan | None) -> None:
        config = self.config.accounts[account]
        make = config.channel.simulator
        if make is None:
            msg = f"channel {config.channel.id} of {account} has no simulator"
            raise ValueError(msg)
        settings = SimulatorConfig(account, config.marketplaces, config.settings, self.terms.shown)
        clock = VirtualClock(self.loop, self.terms.start, skew=self.ahead(account))
        app = make(settings, clock, stream(self.terms.seed, f"{account}/channel"))
        if not isinstance(app, Market):
            msg = f"the simulator of {account} is no market that buyers can use"
            raise TypeError(msg)
        self.markets[account] = app
        servers = EveryHost(Server(app, clock))  # type: ignore[arg-type]
        self.network[account] = SimTransport(servers, stream(self.terms.seed, f"{account}/network"), faults=faults)


class Life:
    """One life of a daemon. Its ports die with its process."""

    def __init__(self, world: World, name: str, skew: timedelta) -> None:
        self.process = Process(world.loop, name)
        self.task: Task[None] | None = None
        self._world = world
        self._skew = skew
        self._daemon: Daemon | None = None
        self._draining = False

    async def live(self) -> None:
        world, name, poison = self._world, self.process.name, self.process.poison
        store = world.open_store(stream(world.terms.seed, f"{name}/disk"), poison)
        self.process.at_crash(store.close)
        clock = PoisonedClock(VirtualClock(world.loop, world.terms.start, skew=self._skew), poison)
        rng = PoisonedRng(stream(world.terms.seed, name), poison)
        worker = await self._configured(Worker(name, store, clock, rng, SeededIds(rng), {}), world.config)
        self._daemon = Daemon(worker, world.observers(), WATCH)
        if self._draining:
            self._daemon.drain()
        await self._daemon.run()
        store.close()

    async def reload(self, config: Config) -> None:
        """What `entrepot reload` has a daemon do that has begun its work."""
        if self._daemon is not None:
            self._daemon.adopt(await self._configured(self._daemon.worker, config))

    async def _configured(self, worker: Worker, config: Config) -> Worker:
        poison = self.process.poison
        transports = {id_: PoisonedTransport(network, poison) for id_, network in self._world.network.items()}
        redactor = Redactor()
        keeper = Keeper(worker.store, config.keyring, worker.clock, worker.rng, redactor)
        accounts = connect_accounts(config, transports, worker.clock, redactor, keeper)
        told, own = (catalog(config), self._world.observers()), config.locations.own
        await worker.store.write(lambda tx: set_up(tx, accounts.values(), *told, worker.clock.now(), locations=own))
        return evolve(worker, accounts=accounts, timetable=config.timetable)

    def ended(self, task: Task[None]) -> None:
        """A crash is no news."""
        if not task.cancelled() and self.process.poison.taken:
            task.exception()

    async def drain(self) -> None:
        """Ask the daemon to end, and wait until it has. Raises what went wrong in it."""
        self._draining = True
        if self._daemon is not None:
            self._daemon.drain()
        if self.task is not None:
            await self.task
        if self._daemon is not None and self._daemon.defects:
            raise self._daemon.defects[0]

    def crash(self) -> None:
        self.process.crash()

    def crash_after(self, uses: int, phase: str = "") -> None:
        """Die at the `uses`-th use of a port from now: in the middle of whatever is done then."""
        self.process.poison.light(uses, self._burned, phase)

    def _burned(self) -> None:
        self._world.deaths[self.process.poison.phase] += 1
        self.process.crash()

    def pause_after(self, uses: int) -> None:
        """Fall asleep at the `uses`-th use of a port from now."""
        self.process.poison.light(uses, self.process.pause)

    def resume(self) -> None:
        """Wake up, or never fall asleep."""
        self.process.poison.snuff()
        self.process.resume()
