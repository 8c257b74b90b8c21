"""Lists that cannot be cut by time: what the last page of a pass says is where the next pass begins."""

from attrs import evolve

from entrepot.simulation.doubles.call import Answer
from entrepot.store.records import StreamKind
from tests.sync.rig import live
from tests.testing.recipes import CHANGE_LOG, ChangeLog

CHANGES = "GET /v1/changes"


def simulate(config, clock, rng):
    return ChangeLog(CHANGE_LOG, config, clock, rng)


FEED = evolve(CHANGE_LOG, simulator=simulate)


def watched(shop):
    """The tokens that the shop is asked with from now on."""
    tokens, show = [], shop.changed_between

    def changed_between(start, end, after, size):
        tokens.append(after)
        return show(start, end, after, size)

    shop.changed_between = changed_between
    return tokens


def test_a_pass_begins_with_what_the_one_before_said(tmp_path):
    """Covers P1, P3: the token is stored with its page, in one transaction."""

    async def story(rig):
        numbers = await rig.place(3, minutes=1)
        await rig.wait(hours=1)
        assert (await rig.stored()).keys() == set(numbers)
        token = (await rig.stream()).cursor
        tokens = watched(rig.shop)
        rig.shop.pay(numbers[0], "EUR")
        await rig.wait(minutes=30)
        assert tokens[0] == token
        assert None not in tokens
        assert (await rig.stored())[numbers[0]].total is not None
        assert (await rig.stream()).cursor != token

    live(tmp_path, story, channel=FEED)


def test_an_expired_token_begins_with_everything(tmp_path):
    """Covers P1: nothing is skipped, and what is known already has no effect again."""

    async def story(rig):
        numbers = await rig.place(3, minutes=1)
        await rig.wait(hours=1)
        rig.shop.script(Answer(410), route=CHANGES)
        tokens = watched(rig.shop)
        rig.shop.pay(numbers[1], "EUR")
        await rig.wait(hours=1)
        assert None in tokens
        assert (await rig.stored())[numbers[1]].total is not None
        assert (await rig.stream(StreamKind.ORDERS)).failures == 0
        assert await rig.reserved() == len(numbers)

    live(tmp_path, story, channel=FEED)
