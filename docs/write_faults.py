"""Writes the table of docs/reference/faults.md from what the client does with each fault.

Run from the root: python -m docs.write_faults
"""

from pathlib import Path

from docs.write_reference import filled
from docs.write_reference import table as markdown
from tests.faults.matrix import CALLS, table

PAGE = Path(__file__).parent / "reference" / "faults.md"


def page() -> str:
    """The page with its table written anew."""
    rows = [tuple(f"`{cell}`" if cell.endswith(("Error", "Outcome")) else cell for cell in row) for row in table()]
    return filled(PAGE.read_text("utf-8"), "\n" + markdown(("fault", "body", *CALLS), rows) + "\n\n")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
