"""A simulator whose limits and lags run faster than its clock."""

from datetime import timedelta

import pytest

from entrepot.channel import SimulatorConfig
from entrepot.simulation import EPOCH, stream
from entrepot_mock_channel import MOCK


class Hands:
    """A clock that is moved by hand."""

    def __init__(self):
        self.instant = EPOCH

    def now(self):
        return self.instant


@pytest.mark.parametrize("scale", [1, 10])
def test_limits_and_lags_follow_the_scale(scale):
    clock, ran = Hands(), []
    shop = MOCK.simulator(SimulatorConfig("shop", (), None, {}, time_scale=scale), clock, stream(1, "shop"))
    throttle = shop._ShopDouble__throttle
    while throttle.take("other") is None:
        pass
    assert throttle.take("other") == timedelta(seconds=2) / scale
    shop.later(timedelta(seconds=60), lambda: ran.append(clock.now()))
    clock.instant += timedelta(seconds=60) / scale
    shop.catch_up()
    assert ran == [clock.now()]
    assert throttle.take("other") is None
