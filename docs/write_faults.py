"""Writes the table of docs/reference/faults.md from what the client does with each fault, and that of the faults that
simulators have, in docs/how-to/simulator.md.

Run from the root: python -m docs.write_faults
"""

import logging
from collections.abc import Iterator
from pathlib import Path

from docs.write_reference import filled
from docs.write_reference import table as markdown
from entrepot.simulation import SHOP_FAULTS
from entrepot_amazon_sp.simulator.faults import AMAZON_FAULTS
from tests.faults.matrix import CALLS, table

PAGE = Path(__file__).parent / "reference" / "faults.md"
SIMULATOR = Path(__file__).parent / "how-to" / "simulator.md"


def page() -> str:
    """The page with its table written anew."""
    rows = [tuple(f"`{cell}`" if cell.endswith(("Error", "Outcome")) else cell for cell in row) for row in table()]
    return filled(PAGE.read_text("utf-8"), "\n" + markdown(("fault", "body", *CALLS), rows) + "\n\n")


def simulator_page() -> str:
    written = markdown(
        ("fault", "of", "what happens", "usual share", "then lasts", "of an operation"), list(_simulated())
    )
    return filled(SIMULATOR.read_text("utf-8"), f"\n{written}\n\n")


def _simulated() -> Iterator[tuple[str, ...]]:
    for owner, points in (("any channel", SHOP_FAULTS), ("Amazon", AMAZON_FAULTS)):
        for point in points:
            lasts = f"{point.lasts.total_seconds() / 60:g} min" if point.lasts else ""
            yield f"`{point.name}`", owner, point.what, f"{point.share:g}", lasts, "yes" if point.requests else ""


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # the client tells of each fault
    PAGE.write_text(page(), "utf-8")
    SIMULATOR.write_text(simulator_page(), "utf-8")
