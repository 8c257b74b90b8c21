"""A token that the channel refuses in the midst of work, and the request that is made once more."""

from itertools import pairwise

import pytest
from attrs import evolve

from entrepot.channel import Limit
from entrepot.simulation.doubles.call import Refusal
from entrepot_mock_channel.connector import MockConnector
from tests.sync.rig import PAGED, live


class Token:
    value = "token-of-shop"

    async def headers(self):
        return {"authorization": f"Bearer {self.value}"}

    async def renew(self, refused):
        self.value = "another"


@pytest.mark.parametrize("burst", [1, 5])
def test_a_repeat_after_a_renewal_needs_a_token_of_its_limit(tmp_path, burst):
    """Covers P6: it is sent at once where the bucket has one, else when the next one has come."""
    token, seen = Token(), []
    channel = evolve(
        PAGED,
        connect=lambda settings, ports: MockConnector(ports.http(settings.url, authorization=token)),
        limits={**PAGED.limits, "orders": Limit(per_second=1 / 60, burst=burst)},
    )

    async def story(rig):
        def authorize(call):
            if call.limit != "orders":
                return
            good = call.headers["authorization"] == "Bearer another"
            seen.append((rig.world.clock.now(), good))
            if not good:
                raise Refusal(401, "expired")

        rig.shop.authorize = authorize
        numbers = await rig.place(3, minutes=1)
        await rig.wait(hours=1)
        assert (await rig.stored()).keys() == set(numbers)
        assert await rig.problems() == set()

    live(tmp_path, story, channel=channel)
    assert [good for _, good in seen].count(False) == 1
    (pause,) = [(later - at).total_seconds() for (at, good), (later, _) in pairwise(seen) if not good]
    assert pause < 5 if burst > 1 else pause >= 60
