"""The type of a report, as a caller gives it to fetch its document: a misspelled one would ask without the right token.

Amazon has more types than the catalog, and adds some. So an unknown one passes; a warning says where it looks like one
whose documents are restricted.
"""

import re
import warnings
from difflib import get_close_matches

from entrepot_amazon_sp.catalog import report_types

FORM = re.compile(r"[A-Z][A-Z0-9_]+")
"""How Amazon writes its types."""

ALIKE = 0.96
"""A letter more or less. Names of this length in which one letter is another one may both be Amazon's
(`GET_GST_MTR_B2B_CUSTOM` and `..._B2C_CUSTOM`)."""


def check_report_type(name: str) -> None:
    """Raises ValueError for what is no type of reports. "" is no report, or one that is not restricted."""
    if not name:
        return
    restricted = [each.name for each in report_types() if each.restricted]
    near = get_close_matches(name.upper(), restricted, n=1, cutoff=ALIKE)
    if not FORM.fullmatch(name):
        meant = f"{near[0]!r}" if near else "the reportType with which it was asked for"
        raise ValueError(f"report_type: Amazon has no type {name!r}. Next: write {meant}")
    if near and near[0] != name:
        text = f"report_type {name!r} is taken for one without personal data. Next: if you mean {near[0]!r}, write so"
        warnings.warn(text, stacklevel=4)  # the line that awaits the client's `call`
