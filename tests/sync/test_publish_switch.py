"""Nothing is written to a channel that the configuration does not allow."""

import pytest

from entrepot.model import Publish
from entrepot.sync.stocktaking import adjust
from tests.sync.rig import SKU, live


@pytest.mark.parametrize(("publish", "written"), [(Publish.OFF, []), (Publish.SHADOW, []), (Publish.LIVE, [{SKU: 69}])])
def test_only_live_writes(tmp_path, publish, written):
    """A decrease, which nothing else holds back."""

    async def story(rig):
        sent, set_ = [], rig.shop._set
        rig.shop._set = lambda quantities: sent.append(quantities) or set_(quantities)
        now = rig.world.clock.now()
        await rig.read(lambda tx: adjust(tx, SKU, -30, "broken", now))
        await rig.wait(hours=2)
        assert sent == written
        (offer,) = [row for row in await rig.read(lambda tx: tx.offers.all()) if row.external_id == SKU]
        assert offer.desired == 69, "computed all the same, to be compared"

    live(tmp_path, story, publish=publish)
