"""What a simulated day brought: the channels' own records beside what the store made of them. Nothing is typed in."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil, floor

from attrs import frozen

from entrepot.channel import ChannelType
from entrepot.config.model import AccountConfig
from entrepot.model import AccountId, EventName, Fulfillment, Order, ProblemKind, Publish
from entrepot.simulation.markets.market import Market
from entrepot.simulation.worlds.blame import is_ours
from entrepot.simulation.worlds.knowledge import EVER, Knowledge, knowledge
from entrepot.simulation.worlds.replay import Delivery, Oversold, replay
from entrepot.simulation.worlds.showing import showing_by
from entrepot.simulation.worlds.world import World
from entrepot.store import Tx
from entrepot.store.records import AttemptItem, OfferRow
from entrepot.sync.records import revision_of

SENDS = {"push_stock", "submit_bulk"}
"""Operations that set quantities."""

NEVER = datetime.min.replace(tzinfo=UTC)


@frozen
class Orders:
    """`differing`: those of the `stored` ones that are without their last change; `fields` are where they differ."""

    market: int
    stored: int
    differing: int = 0
    fields: Sequence[str] = ()


@frozen
class Published:
    """Quantities that the market took, and those of them that were read back and proved."""

    sent: int
    effective: int


@frozen
class AtRest:
    """Offers of the market, and those that show at the end what the rules make of what the ledger has.

    `wrong`: those of the others that were to be published.
    """

    offers: int
    right: int
    wrong: int = 0


@frozen
class Calls:
    """`allowed`: the full bucket, and what flowed into it while the daemon ran."""

    made: int
    allowed: int


@frozen
class Account:
    """One account's day.

    `sold_in`: orders by marketplace. `replaced`: quantities published that a newer one overtook before they were read
    back. `throttled`: requests that the channel refused for frequency.
    """

    sold_in: Mapping[str, Orders]
    published: Published
    replaced: int
    at_rest: AtRest
    calls: Mapping[str, Calls]
    throttled: int

    @property
    def orders(self) -> Orders:
        return _total(self.sold_in.values())


@frozen
class Example:
    """An order of this day that is worth a look, one of its articles, and what its market shows of that at the end.

    `shared`: another account has an order of this number as well.
    """

    account: AccountId
    order: str
    offer: str
    shown: int
    shared: bool


@frozen
class Report:
    """The whole day, or as much of it as was `lived` before somebody ended it."""

    accounts: Mapping[AccountId, Account]
    lags: Mapping[tuple[AccountId, AccountId], Sequence[timedelta]]
    oversold_by_us: Sequence[Oversold]
    oversold_by_lag: Sequence[Oversold]
    problems: Mapping[ProblemKind, int]
    example: Example | None
    lived: timedelta | None

    @property
    def orders(self) -> Orders:
        return _total(account.orders for account in self.accounts.values())

    @property
    def published(self) -> Published:
        each = [account.published for account in self.accounts.values()]
        return Published(sum(one.sent for one in each), sum(one.effective for one in each))

    @property
    def throttled(self) -> int:
        return sum(account.throttled for account in self.accounts.values())

    @property
    def wrong(self) -> int:
        return sum(account.at_rest.wrong for account in self.accounts.values())

    @property
    def kept(self) -> bool:
        """Nothing lost, outdated, refused for frequency or oversold by us, and every offer right in the end."""
        orders = self.orders
        lost = orders.market - orders.stored
        return not (lost or orders.differing or self.throttled or self.oversold_by_us or self.wrong)


def measure(tx: Tx, world: World, deliveries: Sequence[Delivery], lived: timedelta | None = None) -> Report:
    """Measure a world at rest. `deliveries`: what came in."""
    showing, ran = showing_by(world.config), world.clock.now() - world.terms.start
    course = replay(world.markets, world.terms.counted, deliveries, showing)
    known = knowledge(tx, showing)
    ours = [case for case in course.oversold if is_ours(tx, world.markets[case.account], case, known)]
    return Report(
        accounts={
            id_: Account(
                sold_in=orders_kept(tx, id_, market, world.config.accounts[id_].channel),
                published=published(tx, id_, market),
                replaced=replaced(tx, id_),
                at_rest=at_rest(tx, world.config.accounts[id_], market, known, world.clock.now()),
                calls=calls_made(tx, id_, world.config.accounts[id_].channel, ran),
                throttled=sum(getattr(market, "throttled", {}).values()),
            )
            for id_, market in world.markets.items()
        },
        lags=course.lags,
        oversold_by_us=ours,
        oversold_by_lag=[case for case in course.oversold if case not in ours],
        problems=Counter(problem.kind for problem in tx.problems.all()),
        example=example(world.markets, [*ours, *course.oversold]),
        lived=lived,
    )


def orders_kept(tx: Tx, account: AccountId, market: Market, channel: ChannelType) -> Mapping[str, Orders]:
    """By marketplace."""
    known = tx.orders.known(account, market.orders)
    sold_in = defaultdict[str, list[Orders]](list)
    for number, order in market.orders.items():
        outdated = number in known and known[number].revision < revision_of(channel, order)
        stored = tx.orders.load(account, number) if outdated else None
        fields = differences(stored, order, channel.revision["order"]) if stored else ()
        sold_in[order.marketplace].append(Orders(1, int(number in known), int(outdated), fields))
    return {marketplace: _total(each) for marketplace, each in sorted(sold_in.items())}


def differences(stored: Order, order: Order, revision: str) -> tuple[str, ...]:
    """Fields in which the stored order is another, that by which the channel tells versions apart among them.

    Amounts are left out: a channel may have no word for some.
    """

    def content(one: Order) -> Mapping[str, object]:
        lines = [(line.offer, line.ordered, line.shipped, line.cancelled) for line in one.lines]
        return {"status": one.status, revision: getattr(one, revision), "lines": lines}

    found = content(stored)
    return tuple(name for name, value in content(order).items() if found[name] != value)


def published(tx: Tx, account: AccountId, market: Market) -> Published:
    """A quantity counts where an attempt sent it: a channel with one document for many offers sets the others again."""
    last = {(write.offer, write.quantity): write.at for write in market.stock.writes}
    sent = sum(
        not item.result and last.get((item.offer, item.quantity), NEVER) >= attempt.created_at
        for offer in tx.offers.all(account)
        for attempt, item in tx.offers.attempts_of(account, offer.external_id, EVER)
    )
    events = tx.outbox.after(0, EVER)
    proved = [event for event in events if (event.name, event.account) == (EventName.QUANTITY_PUBLISHED, account)]
    return Published(sent, len(proved))


def replaced(tx: Tx, account: AccountId) -> int:
    proved = {event.key for event in tx.outbox.after(0, EVER) if event.name == EventName.QUANTITY_PUBLISHED}
    return sum(
        item.result == "" and item.version < offer.sent_version and _proof(account, item) not in proved
        for offer in tx.offers.all(account)
        for _, item in tx.offers.attempts_of(account, offer.external_id, EVER)
    )


def at_rest(tx: Tx, account: AccountConfig, market: Market, known: Knowledge, now: datetime) -> AtRest:
    wrong = [offer for offer, shown in market.stock.items() if shown != known.allowed_at(account.id, offer, now)]
    left = {offer.external_id for offer in tx.offers.all(account.id) if not _is_sent(offer)}
    sends = account.publish is Publish.LIVE and not SENDS.isdisjoint(account.channel.operations)
    ours = [offer for offer in wrong if sends and offer not in left]
    return AtRest(len(market.stock), len(market.stock) - len(wrong), len(ours))


def _is_sent(offer: OfferRow) -> bool:
    mapped = offer.bundle_version is not None
    return mapped and offer.publish is Publish.LIVE and offer.fulfillment is Fulfillment.MERCHANT


def calls_made(tx: Tx, account: AccountId, channel: ChannelType, ran: timedelta) -> Mapping[str, Calls]:
    """By operation; those that spend from one limit share what it allows."""
    made = Counter[str]()
    for count in tx.quota.counts():
        if count.account == account:
            made[count.operation] += count.made
    return {operation: Calls(made[operation], _allowed(channel, operation, ran)) for operation in channel.operations}


def percentile(lags: Sequence[timedelta], share: float) -> timedelta:
    """The lag, of at least one, that `share` of all do not exceed."""
    return sorted(lags)[max(0, ceil(share * len(lags)) - 1)]


def example(markets: Mapping[AccountId, Market], oversold: Sequence[Oversold]) -> Example | None:
    """The first order that was oversold; without one, the order in the most parcels, which has the longest story."""
    sales = [(case.account, case.sale) for case in oversold[:1]]
    sales = sales or [(id_, sale) for id_, market in markets.items() for sale in market.sales]
    if not sales:
        return None
    account, sale = max(sales, key=lambda entry: len(markets[entry[0]].orders[entry[1].order].packages))
    shared = sum(sale.order in market.orders for market in markets.values()) > 1
    return Example(account, sale.order, sale.offer, markets[account].stock[sale.offer], shared)


def _total(parts: Iterable[Orders]) -> Orders:
    each = list(parts)
    fields = dict.fromkeys(name for one in each for name in one.fields)
    return Orders(
        sum(one.market for one in each),
        sum(one.stored for one in each),
        sum(one.differing for one in each),
        tuple(fields),
    )


def _proof(account: AccountId, item: AttemptItem) -> str:
    return f"{EventName.QUANTITY_PUBLISHED}:{account}:offer/{item.offer}:{item.version}"


def _allowed(channel: ChannelType, operation: str, ran: timedelta) -> int:
    allowed = [
        (channel.limits[name].burst + channel.limits[name].per_second * ran.total_seconds()) / units
        for name, units in channel.operations[operation].spends.items()
    ]
    return floor(min(allowed, default=0))
