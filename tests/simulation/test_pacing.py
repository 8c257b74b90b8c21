"""Virtual time beside a clock on the wall: what happens is the same, only later; and it can be ended early."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from entrepot.simulation import run
from entrepot.simulation.virtual_time.pacing import Pace, PacedLoop


class Wall:
    """A clock that moves only while somebody waits on it, and what happens at some of its times."""

    def __init__(self):
        self.seconds = 0.0
        self.waits = []
        self.happens = {}

    def now(self):
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def wait(self, seconds):
        self.waits.append(seconds)
        self.seconds += seconds
        for at in [at for at in self.happens if at <= self.seconds]:
            self.happens.pop(at)()


@pytest.fixture
def wall():
    return Wall()


def paced(wall, scale, main):
    pace = Pace(wall, scale)
    pace._stopped.wait = wall.wait
    return pace, lambda: run(lambda loop: main(loop, pace), 1, lambda rng: PacedLoop(rng, pace))


async def three_at_work(loop, pace):
    async def work(pause):
        for _ in range(20):
            await asyncio.sleep(pause)

    await asyncio.gather(*(work(pause) for pause in (1, 2, 3)))
    return loop.time(), loop.fingerprint()


async def until_closed(loop, pace):
    await pace.closing.wait()
    asked = loop.time()
    await asyncio.sleep(3600)
    return asked


def test_what_happens_does_not_depend_on_the_pace(wall):
    _, at_once = paced(wall, None, three_at_work)
    assert at_once() == run(lambda loop: three_at_work(loop, None), 1)
    assert wall.waits == []
    _, slowly = paced(wall, 10, three_at_work)
    assert slowly() == at_once()
    assert wall.seconds == pytest.approx(60 / 10, abs=0.01)


def test_somebody_may_look_ten_times_a_second(wall):
    pace, live = paced(wall, 10, three_at_work)
    looks = []
    pace.look = lambda: looks.append(wall.seconds)
    live()
    assert 30 < len(looks) <= 60
    assert max(wall.waits) <= 0.1


def test_once_stopped_nobody_waits(wall):
    async def main(loop, pace):
        keep_going = asyncio.ensure_future(three_at_work(loop, pace))
        asked = await until_closed(loop, pace)
        keep_going.cancel()
        return asked

    pace, live = paced(wall, 10, main)
    wall.happens[2.5] = pace.stop
    assert live() == pytest.approx(25, abs=1)
    assert wall.seconds == pytest.approx(2.5, abs=0.1)


def test_stopped_twice_it_is_broken_off(wall):
    pace, live = paced(wall, 10, three_at_work)
    wall.happens[2.5] = lambda: (pace.stop(), pace.stop())
    with pytest.raises(KeyboardInterrupt):
        live()
    assert wall.seconds < 3
