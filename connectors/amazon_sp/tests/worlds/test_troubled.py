"""Hours of trouble with Amazon: told, survived, and nobody else's."""

import pytest

from connectors.amazon_sp.tests.worlds.troubled_day import Trouble, live_through
from entrepot.model import ProblemKind

TOLD = {
    Trouble.OUTAGE: ProblemKind.STREAM_FAILING,
    Trouble.STORE_DOWN: ProblemKind.STREAM_FAILING,
    Trouble.REVOKED_CONSENT: ProblemKind.ACCOUNT_PARKED,
    Trouble.CLOCK_AHEAD: ProblemKind.CLOCK_SKEWED,
    Trouble.CLOCK_BEHIND: ProblemKind.CLOCK_SKEWED,
}


@pytest.mark.simulation
@pytest.mark.parametrize("trouble", Trouble)
def test_amazons_trouble_is_told_and_is_not_the_other_accounts(trouble, tmp_path):
    """Covers P11 and R23: the shop is as fresh as ever, and Amazon goes on where it stopped."""
    broken, told = live_through(tmp_path, trouble)
    assert broken == []
    assert TOLD[trouble] in told
