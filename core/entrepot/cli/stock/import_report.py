"""What an import of stock did, or would do, in words."""

from collections.abc import Sequence

from attrs import evolve, frozen
from rich.console import Console

from entrepot.cli.context import Home
from entrepot.cli.show import Times, grouped, table
from entrepot.model import CountMeaning
from entrepot.stock.mass_change import Figures, HoldIf, Share
from entrepot.stock.nearest import nearest
from entrepot.stock.sheet import MEANING, Refusal
from entrepot.store.records import ImportState, StockImport
from entrepot.sync.importing import UNKNOWN_SKU

SUGGESTIONS = 100
"""For so many unknown SKUs the nearest one is looked up; a file of the wrong shop has thousands."""


@frozen
class ImportReport:
    """An import and what it changes. `id` is None where it was not to be written; `state` then says what it would be.

    `repeated`: the same content was imported before, and nothing was done.
    """

    id: int | None
    file: str
    meaning: CountMeaning
    state: ImportState
    repeated: bool
    dry_run: bool
    figures: Figures
    refused: Sequence[Refusal]


def suggest(home: Home, report: ImportReport) -> ImportReport:
    """Say of unknown SKUs which ones may have been meant, by today's catalog."""
    left, refused = SUGGESTIONS, list[Refusal]()
    for one in report.refused:
        told = one
        if one.reason == UNKNOWN_SKU and left:
            left -= 1
            meant = nearest(one.sku, home.config.articles)
            told = evolve(one, reason=f"{UNKNOWN_SKU}; nearest is {meant}") if meant else one
        refused.append(told)
    return evolve(report, refused=refused)


def render(console: Console, home: Home, report: ImportReport, shown: int | None) -> None:
    figures = report.figures
    noun = "line" if figures.lines == 1 else "lines"
    console.print(f"{grouped(figures.lines)} {noun}{_counted(home, report)}", soft_wrap=True)
    effects = [
        ("unchanged", figures.unchanged),
        ("raised", figures.raised),
        ("lowered", figures.lowered),
        ("to zero", figures.zeroed),
        ("new", figures.new),
        ("refused", figures.refused),
    ]
    console.print("   ".join(f"{name} {grouped(units)}" for name, units in effects if units or name != "new"))
    _render_refused(console, report, shown)
    if figures.inside:
        console.print(
            f"still inside the counts: {grouped(figures.inside)} units of open orders that had not left then; "
            "they stay reserved",
            soft_wrap=True,
        )
    hold_if = home.config.stock.hold_if
    console.print(f"guard     {_guard(figures, hold_if)}: {_verdict(report)}", soft_wrap=True)
    console.print(_outcome(report), soft_wrap=True)


def _render_refused(console: Console, report: ImportReport, shown: int | None) -> None:
    rows = [(f"  line {grouped(one.line)}", one.sku, one.reason) for one in report.refused[:shown]]
    if rows:
        lines = table("line  sku  reason", rows, wrap={"reason"})
        lines.show_header = False
        console.print(lines)
    more = len(report.refused) - len(rows)
    if more > 0:
        console.print(f"  ({grouped(more)} more: --all)")


def _counted(home: Home, report: ImportReport) -> str:
    first, last = report.figures.counted_from, report.figures.counted_until
    if first is None or last is None:
        return ""
    zone = home.config.time_zone
    texts = [f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (first, last)]
    between = texts[0] if texts[0] == texts[1] else " to ".join(texts)
    return f", counted {MEANING[report.meaning]} {between} {zone.key}"


def _guard(figures: Figures, hold_if: HoldIf) -> str:
    parts = [("to zero", figures.zeroed, hold_if.zeroed), ("changed", figures.changed, hold_if.changed)]
    return ", ".join(f"{name} {_share(part, figures.known)} of {_percent(share)}" for name, part, share in parts)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole if whole else 0:.1f} %"


def _percent(share: Share) -> str:
    return f"{share.percent.normalize():f} %"


def _verdict(report: ImportReport) -> str:
    held = report.state is ImportState.HELD
    if report.dry_run:
        return "would be held" if held else "would be applied"
    return "applied" if report.state is ImportState.DONE else str(report.state)


def _outcome(report: ImportReport) -> str:
    if report.dry_run:
        return "Nothing was written."
    if report.state is ImportState.HELD:
        told = f"Next: entrepot stock approve {report.id}, or: entrepot stock discard {report.id}"
        return f"Import {report.id} is held; nothing of it is valid. {told}"
    if report.repeated:
        again = "counted anew with the same numbers? Say when: --counted-at INSTANT"
        return f"Nothing changed: the same content was imported as import {report.id}; {again}"
    if report.state is ImportState.DISCARDED:
        return f"Import {report.id} is discarded; nothing of it became valid."
    refused = " Next: correct the refused lines or the catalog, and import again" if report.figures.refused else ""
    return f"Import {report.id} is valid, and every offer's quantity has followed.{refused}"


def render_all(console: Console, found: Sequence[StockImport], times: Times) -> None:
    if not found:
        console.print("Nothing was imported yet. Next: entrepot stock import FILE.csv --dry-run")
        return
    rows = [
        (
            str(one.id),
            times.at(one.begun_at),
            one.file,
            one.state,
            one.figures.lines,
            one.figures.changed,
            one.figures.zeroed,
            one.figures.refused,
        )
        for one in found
    ]
    console.print(table(">id  begun  file  state  >lines  >changed  >to zero  >refused", rows))
