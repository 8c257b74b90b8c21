import pytest

from tests.simulation.troubled_day import Trouble, live_through


@pytest.mark.simulation
@pytest.mark.parametrize("trouble", Trouble)
def test_one_accounts_trouble_is_its_own(trouble, tmp_path):
    """Covers P11 and R23: the other account is as fresh as ever, and the sick one goes on where it stopped."""
    assert live_through(tmp_path, trouble, seed=1) == []
