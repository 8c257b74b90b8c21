"""The promises, checked against the channels' own records. Truth never comes from the store."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import orjson

from entrepot.model import AccountId, EventName, Fulfillment, Order, ProblemKind, Publish, Sku
from entrepot.simulation.doubles.keys import secrets_of
from entrepot.simulation.markets.market import Market
from entrepot.simulation.worlds.chaos import Chaos
from entrepot.simulation.worlds.knowledge import EVER, knowledge, unseen_sales
from entrepot.simulation.worlds.showing import showing_by
from entrepot.simulation.worlds.world import World
from entrepot.store.records import Attempt, AttemptItem, StreamKind
from entrepot.store.sqlite.database import SqliteTx
from entrepot.sync.pace import FAILING_AFTER
from entrepot.sync.records import revision_of


class Watch:
    """What must hold at every moment. `broken` collects what did not, each line beginning with its promise."""

    def __init__(self, world: World, chaos: Chaos) -> None:
        self.broken: list[str] = []
        self._world = world
        self._chaos = chaos
        self._read: set[tuple[AccountId, str, datetime]] = set()  # the versions that were found stored

    def look(self, tx: SqliteTx) -> None:
        self.broken += [f"P2 position: {wrong}" for wrong in tx.ledger.wrong_positions()]
        for stream in tx.streams.all():
            if stream.kind is StreamKind.ORDERS and stream.watermark is not None:
                self.broken += self._unread(tx, stream.account, stream.watermark)

    def _unread(self, tx: SqliteTx, account: AccountId, watermark: datetime) -> Iterator[str]:
        """Everything that changed before the watermark is stored; orders that lists hid come with a repair."""
        market = self._world.markets[account]
        old = [
            order
            for order in market.orders.values()
            if order.changed_at < watermark
            and (account, order.external_id, order.changed_at) not in self._read
            and not self._chaos.lied_about(order.external_id, order.changed_at)
        ]
        known = tx.orders.known(account, [order.external_id for order in old])
        channel = self._world.config.accounts[account].channel
        for order in old:
            stored = known.get(order.external_id)
            if not stored or stored.revision < revision_of(channel, order):
                yield f"P3 {account} is read up to {watermark} without {order.external_id} of {order.changed_at}"
            else:
                self._read.add((account, order.external_id, order.changed_at))


def broken_at_rest(world: World, chaos: Chaos, tx: SqliteTx) -> list[str]:
    """What must hold once the world has been quiet for long enough."""
    return [
        *_orders_lost(world, tx),
        *_ledger_wrong(world, chaos, tx),
        *_quantities_wrong(world, tx),
        *_oversold_by_us(world, chaos, tx),
        *_raises_imagined(world, chaos, tx),
        *_writes_without_attempt(world, tx),
        *_throttled(world),
        *_silent_failures(tx),
        *_secrets_written(world),
    ]


def known_late(world: World, tx: SqliteTx, account: AccountId, within: timedelta, until: datetime) -> Iterator[str]:
    """Changes of the account's orders before `until` that were stored later than promised, or never.

    A change that was soon overtaken by another one of its order may have slipped between two windows.
    """
    for number in world.markets[account].orders:
        stored = [(at, order.changed_at) for at, order in tx.orders.versions(account, number)]
        changes = world.markets[account].changes_of(number)
        for change, following in zip(changes, [*changes[1:], datetime.max.replace(tzinfo=UTC)], strict=True):
            known = min((at for at, version in stored if version >= change), default=None)
            in_time = known is not None and known - change <= within
            if change < until and following - change > within and not in_time:
                yield f"P11 {account}: {number} of {change} was known at {known}, not within {within}"


def _orders_lost(world: World, tx: SqliteTx) -> Iterator[str]:
    for account, market in world.markets.items():
        revision = world.config.accounts[account].channel.revision["order"]
        for order in market.orders.values():
            stored, truth = tx.orders.load(account, order.external_id), _essence(order, revision)
            if stored is None:
                yield f"P1 {account}: {order.external_id} of {order.placed_at} is not stored"
            elif _essence(stored, revision) != truth:
                yield f"P1 {account}: {order.external_id} is {_essence(stored, revision)}, not {truth}"


def _essence(order: Order, revision: str) -> tuple[object, ...]:
    lines = tuple((line.external_id, line.offer, line.ordered, line.shipped, line.cancelled) for line in order.lines)
    return order.status, getattr(order, revision), order.total, lines


def _ledger_wrong(world: World, chaos: Chaos, tx: SqliteTx) -> Iterator[str]:
    doubtful = {
        problem.subject.rsplit("/", 1)[-1]
        for problem in tx.problems.all(closed_too=True)
        if problem.kind is ProblemKind.SHIPMENT_TIME_UNCERTAIN
    }
    for sku in chaos.physical:
        on_hand = chaos.physical[sku] - chaos.shipped(sku)
        reserved = _open_units(world.markets.values(), sku)
        positions = tx.ledger.positions(Sku(sku))
        found = (sum(p.on_hand for p in positions), sum(p.reserved for p in positions))
        if found[1] != reserved or (found[0] != on_hand and sku not in doubtful):
            yield f"P2 {sku}: on hand and reserved are {found}, in truth {(on_hand, reserved)}"


def _open_units(markets: Iterable[Market], sku: str) -> int:
    return sum(
        order.open_units(line)
        for market in markets
        for order in market.orders.values()
        for line in order.lines
        if line.offer == sku
    )


def _quantities_wrong(world: World, tx: SqliteTx) -> Iterator[str]:
    for offer in tx.offers.all():
        shown = world.markets[offer.account].stock.get(offer.external_id)
        ours = offer.fulfillment is Fulfillment.MERCHANT and offer.publish is Publish.LIVE
        if offer.desired is not None and ours and shown != offer.desired:
            yield f"P5 {offer.account} shows {shown} of {offer.external_id}, desired is {offer.desired}"


def _raises_imagined(world: World, chaos: Chaos, tx: SqliteTx) -> Iterator[str]:
    """In these worlds quantities are lowered by hand, never raised; lists may hide a cancellation that raised one."""
    for event in tx.outbox.after(0, EVER):
        if event.name == EventName.OFFER_DRIFTED and event.account and not chaos.told_old_quantities(event.account):
            told, market = orjson.loads(event.details), world.markets[AccountId(event.account)]
            lines = [(order, line) for order in market.orders.values() for line in order.lines if line.cancelled]
            hidden = any(
                f"offer/{line.offer}" == event.subject and chaos.lied_about(order.external_id, order.changed_at)
                for order, line in lines
            )
            if told["seen"] > told["expected"] and not hidden:
                yield f"P8 {event.account} is told to have raised {event.subject} by itself: {told}"


def _oversold_by_us(world: World, chaos: Chaos, tx: SqliteTx) -> Iterator[str]:
    known = knowledge(tx, showing_by(world.config))
    for offer in tx.offers.all():
        market = world.markets[offer.account]
        attempts = tx.offers.attempts_of(offer.account, offer.external_id, EVER)
        for attempt, item in attempts:
            allowed = known.allowed_at(offer.account, item.offer, attempt.created_at)
            sent = f"{item.quantity} of {item.offer} sent to {offer.account} at {attempt.created_at}"
            if item.quantity > allowed:
                yield f"P4 {sent}, when {allowed} were to be shown"
            for sale in unseen_sales(tx, market, attempt, item, world.ahead(offer.account)):
                if not any(chaos.lied_about(sale.order, change) for change in market.changes_of(sale.order)):
                    yield f"P4 {sent} before the sale {sale.order} of {sale.at} was known"
        yield from _raised_again(attempts)


def _raised_again(attempts: list[tuple[Attempt, AttemptItem]]) -> Iterator[str]:
    accepted = dict[int, datetime]()
    for attempt, item in reversed(attempts):
        if item.version in accepted and item.quantity > item.believed:
            yield f"P4 {item.offer}: version {item.version} was accepted and raised again on a mere mismatch"
        if item.result == "":
            accepted[item.version] = attempt.created_at


def _writes_without_attempt(world: World, tx: SqliteTx) -> Iterator[str]:
    """A quantity that reached a channel was noted before it was sent."""
    for account, market in world.markets.items():
        noted = defaultdict[tuple[str, int], list[datetime]](list)
        for offer in tx.offers.all(account):
            for attempt, item in tx.offers.attempts_of(account, offer.external_id, EVER):
                noted[item.offer, item.quantity].append(attempt.created_at)
        for write in market.stock.writes:
            if not any(at + world.ahead(account) <= write.at for at in noted[write.offer, write.quantity]):
                yield f"P5 {account} was sent {write.quantity} of {write.offer} at {write.at} without an attempt"


def _throttled(world: World) -> Iterator[str]:
    for account, market in world.markets.items():
        refused = sum(getattr(market, "throttled", {}).values())
        if refused:
            yield f"P6 {account} refused {refused} requests for frequency"


def _silent_failures(tx: SqliteTx) -> Iterator[str]:
    problems = {(problem.kind, problem.account, problem.subject) for problem in tx.problems.all()}
    for row in tx.accounts.all():
        parked = (ProblemKind.ACCOUNT_PARKED, row.id, f"account/{row.id}") in problems
        if bool(row.parked_since) != parked:
            yield f"P8 {row.id} is parked: {bool(row.parked_since)}, told: {parked}"
    for stream in tx.streams.all():
        told = (ProblemKind.STREAM_FAILING, stream.account, f"stream/{stream.kind}") in problems
        if stream.failures >= FAILING_AFTER and not told and stream.last_error:
            yield f"P8 {stream.kind} of {stream.account} fails and nobody is told"
    for account, offer, _ in tx.orders.unmapped_offers():
        if (ProblemKind.OFFER_UNMAPPED, account, f"offer/{offer}") not in problems:
            yield f"P8 orders of {account} wait for {offer} and nobody is told"


def _secrets_written(world: World) -> Iterator[str]:
    """Neither a secret of plugins.toml nor one that a channel gave out is in the database's bytes."""
    written = b"".join(file.read_bytes() for file in sorted(world.path.parent.glob(f"{world.path.name}*")))
    for account, market in world.markets.items():
        secrets = secrets_of(world.config.accounts[account].settings)
        known = {name: secret.reveal() for name, secret in secrets.items()}
        known |= {f"token {number}": token for number, token in enumerate(getattr(market, "given_out", ()))}
        yield from (
            f"P9 {name} of {account} is in the database" for name, text in known.items() if text.encode() in written
        )
