"""Counts of many articles at once: weighed and staged in pieces, made valid by one mark, followed in pieces.

A transaction for each piece, so that whoever else writes waits for milliseconds. Whatever is killed in between: before
the mark nothing is valid; after it everything is, and the daemon or the next import goes on following.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from attrs import frozen

from entrepot.model import CountMeaning, LocationId, ProblemKind, Severity
from entrepot.runtime import Clock
from entrepot.stock.mass_change import Effect, Figures, HoldIf, effect_of
from entrepot.stock.sheet import Key, Refusal, ToldCount
from entrepot.store import Store, Tx
from entrepot.store.records import ImportState, StagedCount, StockImport, Weighed
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.uncertain import counted_anew, subject_of
from entrepot.sync.wishes import wish_again

STAGED_AT_ONCE = 500
FOLDED_AT_ONCE = 500
WISHED_AT_ONCE = 200
"""Lines in one transaction, so that it takes less than 50 ms."""

MENDED_BY_COUNT = (ProblemKind.SHIPMENT_TIME_UNCERTAIN, ProblemKind.ORDER_BEFORE_COUNT)

CLOCKS_DIFFER = timedelta(minutes=1)
"""A count may lie so far ahead: the clock of who counted is another one."""

GIVEN_UP_AFTER = timedelta(hours=1)
"""An import that stages nothing for so long was killed."""

UNKNOWN_SKU = "unknown SKU"

Line = ToldCount | Refusal


class SupersededError(Exception):
    """Another import of the same content began while this one was being staged."""


@frozen
class Delivery:
    """What is to be imported. `lines` begins anew at each call, and always tells the same.

    `source`: one problem tells which lines of its latest delivery were refused. `repeated`: positions that several
    lines name.
    """

    source: str
    file: str
    reference: str
    meaning: CountMeaning
    lines: Callable[[], Iterable[Line]]
    repeated: Collection[Key]
    articles: Collection[str]


async def preview(store: Store, delivery: Delivery) -> tuple[Figures, list[Refusal]]:
    """What the import would change now. Writes nothing."""
    figures, refused, locations = Figures(), list[Refusal](), set[LocationId]()
    for piece in _pieces(delivery.lines()):
        _, refusals, told, named = await store.read(partial(_weigh, delivery=delivery, piece=piece))
        figures = figures.plus(told)
        refused += refusals
        locations |= named
    known = await store.read(lambda tx: tx.imports.known_positions(locations))
    return figures.among(known), refused


def imported_before(tx: Tx, delivery: Delivery) -> StockImport | None:
    """The import of the same content that leaves nothing to do.

    Not one that refused lines: their cause may be mended. What it took is not taken twice.
    """
    before = tx.imports.of_reference(delivery.reference)
    if before is None or (before.figures.refused and before.state is not ImportState.HELD):
        return None
    return before


async def import_counts(store: Store, delivery: Delivery, hold_if: HoldIf, clock: Clock) -> tuple[StockImport, bool]:
    """Stage an import and make it valid, or hold it. Its positions still follow. Raises SupersededError.

    The second value is False where this content was imported before, and nothing was done.
    """
    await follow_all(store, clock)
    before = await store.read(partial(imported_before, delivery=delivery))
    if before is not None:
        return before, False
    now = clock.now()
    id_ = await store.write(lambda tx: _begin(tx, delivery, now))
    figures, locations = Figures(), set[LocationId]()
    for piece in _pieces(delivery.lines()):
        told, named = await store.write(partial(_stage, id_=id_, delivery=delivery, piece=piece, now=clock.now()))
        figures = figures.plus(told)
        locations |= named
    known = await store.read(lambda tx: tx.imports.known_positions(locations))
    figures = figures.among(known)
    return await store.write(lambda tx: _decide(tx, id_, figures, hold_if, clock.now())), True


def approve(tx: Tx, held: StockImport, now: datetime) -> None:
    """Make a held import valid."""
    tx.imports.move(held.id, ImportState.HELD, ImportState.APPLIED, now)
    close_problem(tx, ProblemKind.IMPORT_HELD, None, _subject(held), now)
    _tell_refused(tx, held, now)


def discard(tx: Tx, held: StockImport, now: datetime) -> None:
    """Never make it valid."""
    tx.imports.move(held.id, ImportState.HELD, ImportState.DISCARDED, now)
    close_problem(tx, ProblemKind.IMPORT_HELD, None, _subject(held), now)


async def follow_all(store: Store, clock: Clock) -> None:
    """Bring every position, and every wish, in line with what was applied."""
    while await store.read(lambda tx: tx.imports.unfinished()):
        await store.write(lambda tx: follow(tx, clock.now()))


def follow(tx: Tx, now: datetime) -> None:
    """One piece of what applied imports change: wishes, or positions and their problems; or of what was discarded."""
    changed = tx.imports.take_changed(WISHED_AT_ONCE)
    if changed:
        wish_again(tx, changed, now)
        return
    folded = tx.imports.fold(FOLDED_AT_ONCE, now)
    if folded is None:
        tx.imports.sweep(FOLDED_AT_ONCE)
        return
    subjects = {subject_of(one.sku, one.location): one for one in folded}
    told = [tx.problems.open_among(kind, None, subjects) for kind in MENDED_BY_COUNT]
    for subject, one in subjects.items():
        if one.in_doubt or any(subject in open_ones for open_ones in told):
            counted_anew(tx, one.sku, one.location, now)


def _begin(tx: Tx, delivery: Delivery, now: datetime) -> int:
    tx.imports.give_up(delivery.reference, now - GIVEN_UP_AFTER)
    return tx.imports.begin(delivery.source, delivery.file, delivery.reference, delivery.meaning, now)


def _stage(
    tx: Tx, id_: int, delivery: Delivery, piece: Sequence[Line], now: datetime
) -> tuple[Figures, set[LocationId]]:
    staged, refusals, figures, named = _weigh(tx, delivery, piece)
    if not tx.imports.stage(id_, staged, refusals, now):
        raise SupersededError(f"another import of {delivery.file} began meanwhile, and goes on")
    return figures, named


def _weigh(
    tx: Tx, delivery: Delivery, piece: Sequence[Line]
) -> tuple[list[StagedCount], list[Refusal], Figures, set[LocationId]]:
    """The lines of a piece that can be taken, those that cannot, and what the former change."""
    counts, refusals = list[ToldCount](), list[Refusal]()
    for line in piece:
        if isinstance(line, Refusal):
            refusals.append(line)
        elif line.key in delivery.repeated:
            refusals.append(Refusal(line.line, line.sku, "more than one line names it, so none of them is taken"))
        else:
            counts.append(line)
    good = list[Weighed]()
    for count, weighed in zip(counts, tx.imports.weigh(counts, delivery.reference, delivery.meaning), strict=True):
        if weighed.exists or count.sku in delivery.articles:
            good.append(weighed)
        else:
            refusals.append(Refusal(count.line, count.sku, UNKNOWN_SKU))
    staged = [weighed.staged for weighed in good if not weighed.recorded]
    refusals.sort(key=lambda refusal: refusal.line)
    return staged, refusals, _figures(good, len(refusals)), {weighed.staged.location for weighed in good}


def _figures(good: Sequence[Weighed], refused: int) -> Figures:
    effects = Counter(effect_of(weighed.before, weighed.after) for weighed in good)
    instants = [weighed.staged.effective_at for weighed in good]
    return Figures(
        lines=len(good) + refused,
        refused=refused,
        unchanged=effects[Effect.UNCHANGED],
        raised=effects[Effect.RAISED],
        lowered=effects[Effect.LOWERED],
        zeroed=effects[Effect.ZEROED],
        new=effects[Effect.NEW],
        inside=sum(weighed.inside for weighed in good),
        counted_from=min(instants, default=None),
        counted_until=max(instants, default=None),
    )


def _decide(tx: Tx, id_: int, figures: Figures, hold_if: HoldIf, now: datetime) -> StockImport:
    """The mark: one short transaction, in which all lines become valid, or none."""
    held = hold_if.holds(figures)
    state = ImportState.HELD if held else ImportState.APPLIED
    moved = tx.imports.move(id_, ImportState.STAGING, state, now, figures)
    decided = tx.imports.find(id_)
    if not moved or decided is None:
        raise SupersededError("another import of the same content began meanwhile, and goes on")
    if held:
        _tell_held(tx, decided, now)
    else:
        _tell_refused(tx, decided, now)
    return decided


def _tell_held(tx: Tx, held: StockImport, now: datetime) -> None:
    figures = held.figures
    open_problem(
        tx,
        ProblemKind.IMPORT_HELD,
        None,
        _subject(held),
        f"{held.file} would set {figures.zeroed} of {figures.known} known positions to zero and change "
        f"{figures.changed}: more than [stock] hold_if allows, so nothing of it is applied",
        f"look at it: entrepot stock imports {held.id}; then: entrepot stock approve {held.id}, or: discard {held.id}",
        now,
    )


def _tell_refused(tx: Tx, applied: StockImport, now: datetime) -> None:
    """One problem for each source: what its latest import refused."""
    subject, figures = f"import/{applied.source}", applied.figures
    if not figures.refused:
        close_problem(tx, ProblemKind.IMPORT_LINES_REFUSED, None, subject, now)
        return
    open_problem(
        tx,
        ProblemKind.IMPORT_LINES_REFUSED,
        None,
        subject,
        f"{figures.refused} of {figures.lines} lines of {applied.file} were refused; the others were taken",
        f"entrepot stock imports {applied.id} lists them; correct them or the catalog: the next import takes them",
        now,
        Severity.WARNING,
    )


def _subject(held: StockImport) -> str:
    return f"import/{held.id}"


def _pieces(lines: Iterable[Line]) -> Iterator[Sequence[Line]]:
    rest = iter(lines)
    while piece := list(islice(rest, STAGED_AT_ONCE)):
        yield piece
