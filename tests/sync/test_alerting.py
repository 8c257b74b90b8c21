"""Problems to people, in virtual time: waves, failing receivers, restarts."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from attrs import evolve

from entrepot.model import AccountId, ProblemKind
from entrepot.secrets import Redactor
from entrepot.simulation import run
from entrepot.simulation.seeds import EPOCH, SeededIds, stream
from entrepot.simulation.worlds.crash import Poison
from entrepot.simulation.worlds.world import Terms, World
from entrepot.sync.alerting import Alert, add_alerts, alert_on
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.daemon import Daemon
from entrepot.sync.runtime import Worker
from tests.simulation.hostile_day import write_config

SHOP = AccountId("shop")
OPEN, PARKED = ProblemKind.OFFER_UNMAPPED, ProblemKind.ALERT_PARKED
EVERY = frozenset(ProblemKind)


class Receiver:
    """`sent`: minute and message. It fails while `down`, and hangs while `stuck`."""

    def __init__(self, clock, name="alert/mail/1", kinds=EVERY, redact=str):
        self.sent, self.tried, self.down, self.stuck = [], 0, False, False
        self._clock = clock
        self.alert = Alert(name, kinds, self._send, redact)

    async def _send(self, message):
        self.tried += 1
        if self.stuck:
            await asyncio.sleep(3600)
        if self.down:
            raise ConnectionError("connection refused")
        self.sent.append((int((self._clock.now() - EPOCH) / timedelta(minutes=1)), message))

    def messages(self):
        return [(minute, message.subject) for minute, message in self.sent]


class Rig:
    def __init__(self, world):
        self.world = world
        self.store = world.open_store(stream(1, "disk"), Poison("alerts"))
        rng = stream(1, "alerts")
        self.worker = Worker("alerts", self.store, world.clock, rng, SeededIds(rng), {})
        self.tasks = []

    async def start(self, *receivers):
        await self.stop()
        alerts = [receiver.alert for receiver in receivers]
        await self.store.write(lambda tx: add_alerts(tx, alerts, self.world.clock.now()))
        self.tasks = [asyncio.create_task(self._go_on(alert)) for alert in alerts]

    async def stop(self):
        for task in self.tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _go_on(self, alert):
        while True:
            if not await alert_on(self.worker, alert):
                await asyncio.sleep(20)

    async def wait(self, **span):
        await asyncio.sleep(timedelta(**span).total_seconds())

    async def open(self, *subjects, kind=OPEN, message="it waits"):
        def work(tx):
            for subject in subjects:
                open_problem(tx, kind, SHOP, subject, message, "map it", self.world.clock.now())

        await self.store.write(work)

    async def close(self, subject, kind=OPEN):
        await self.store.write(lambda tx: close_problem(tx, kind, SHOP, subject, self.world.clock.now()))

    async def problems(self):
        return await self.store.read(lambda tx: [one for one in tx.problems.all() if one.kind is PARKED])


def live(folder, story):
    async def main(loop):
        world = World(loop, write_config(folder, accounts=("shop",)), Terms(1, EPOCH, {}, {}))
        rig = Rig(world)
        try:
            await story(rig)
        finally:
            await rig.stop()
            rig.store.close()
            world.close()

    run(main, 1)


def test_a_problem_is_told_when_it_opens_and_when_it_closes(tmp_path):
    """Covers P8: with its next action."""

    async def story(rig):
        receiver = Receiver(rig.world.clock)
        await rig.start(receiver)
        await rig.open("offer/MUG")
        await rig.wait(minutes=20)
        await rig.close("offer/MUG")
        await rig.wait(minutes=20)
        assert receiver.messages() == [
            (0, "Entrepot: offer_unmapped: opened at shop"),
            (20, "Entrepot: offer_unmapped: closed at shop"),
        ]
        text = receiver.sent[0][1].text()
        assert "opened 2030-01-01 00:00:00 UTC, shop, offer/MUG\n  it waits\n  Next: map it\n" in text

    live(tmp_path, story)


def test_a_wave_of_a_thousand_is_one_message(tmp_path):
    async def story(rig):
        receiver = Receiver(rig.world.clock)
        await rig.start(receiver)
        for hundred in range(10):
            await rig.open(*[f"offer/{hundred}-{number}" for number in range(100)])
            await rig.wait(seconds=1)
        await rig.wait(hours=1)
        ((_, message),) = receiver.sent
        assert message.subject == "Entrepot: offer_unmapped: 1000 opened"
        assert "980 more of this kind are not listed here." in message.text()
        assert len(message.document()["data"]["problems"]) == 20

    live(tmp_path, story)


def test_a_kind_is_told_once_in_a_quarter_of_an_hour_and_the_others_do_not_wait_for_it(tmp_path):
    async def story(rig):
        receiver = Receiver(rig.world.clock)
        await rig.start(receiver)
        for number in range(30):
            await rig.open(f"offer/{number}")
            if number == 5:
                await rig.open("sku/MUG", kind=ProblemKind.STOCK_SHORT)
            await rig.wait(minutes=1)
        await rig.start(receiver)  # a restart does not begin a new quarter
        await rig.open("offer/last")
        await rig.wait(minutes=20)
        minutes = [minute for minute, message in receiver.sent if message.kind == OPEN]
        assert minutes == [0, 15, 31]
        assert [minute for minute, message in receiver.sent if message.kind == "stock_short"] == [5]
        told = [notice.subject for _, message in receiver.sent if message.kind == OPEN for notice in message.notices]
        assert told == [f"offer/{number}" for number in range(30)] + ["offer/last"]

    live(tmp_path, story)


def test_who_asked_for_some_kinds_is_told_of_those(tmp_path):
    async def story(rig):
        receiver = Receiver(rig.world.clock, kinds=frozenset({OPEN}))
        await rig.start(receiver)
        await rig.open("offer/MUG")
        await rig.open("sku/MUG", kind=ProblemKind.STOCK_SHORT)
        await rig.wait(hours=1)
        assert [message.kind for _, message in receiver.sent] == [OPEN]

    live(tmp_path, story)


@pytest.mark.parametrize("trouble", ["down", "stuck"])
def test_a_receiver_that_fails_is_tried_with_growing_pauses_and_told_to_the_others_only(tmp_path, trouble):
    async def story(rig):
        mail, hook = Receiver(rig.world.clock), Receiver(rig.world.clock, "alert/hooks.example/2")
        setattr(mail, trouble, True)
        await rig.start(mail, hook)
        await rig.open("offer/MUG")
        await rig.wait(minutes=30)
        await rig.open("offer/CUP")
        await rig.wait(hours=5, minutes=30)
        assert mail.sent == []
        assert 8 < mail.tried < 20, "pauses double to an hour"
        (told,) = await rig.problems()
        assert told.subject == "alert/mail/1/offer_unmapped"
        assert [message.kind for _, message in hook.sent] == [OPEN, PARKED, OPEN]
        await rig.start(mail, hook)
        setattr(mail, trouble, False)
        await rig.wait(hours=2)
        ((_, message),) = mail.sent
        assert [notice.subject for notice in message.notices] == ["offer/MUG", "offer/CUP"]
        assert await rig.problems() == []
        assert [message.subject for _, message in hook.sent][-1] == "Entrepot: alert_parked: closed"

    live(tmp_path, story)


def test_two_receivers_that_fail_do_not_tell_each_other_in_a_circle(tmp_path):
    async def story(rig):
        receivers = [Receiver(rig.world.clock, f"alert/mail/{number}") for number in (1, 2)]
        for receiver in receivers:
            receiver.down = True
        await rig.start(*receivers)
        await rig.open("offer/MUG")
        await rig.wait(hours=6)
        subjects = sorted(problem.subject for problem in await rig.problems())
        kinds = (PARKED, OPEN)
        assert subjects == sorted(f"alert/mail/{number}/{kind}" for number in (1, 2) for kind in kinds)
        await rig.start(receivers[0])  # the other one leaves plugins.toml
        assert {problem.subject.rpartition("/")[0] for problem in await rig.problems()} == {"alert/mail/1"}

    live(tmp_path, story)


def test_what_was_not_acknowledged_is_sent_again_with_the_same_id(tmp_path):
    """Covers P2: the daemon dies between the sending and the commit."""

    async def story(rig):
        receiver = Receiver(rig.world.clock)
        took, ids = receiver.alert.send, []

        async def send(message):
            await took(message)
            ids.append(message.id)
            if len(ids) == 1:
                raise asyncio.CancelledError

        object.__setattr__(receiver.alert, "send", send)
        await rig.start(receiver)
        await rig.open("offer/MUG")
        await rig.wait(minutes=5)
        await rig.start(receiver)
        await rig.wait(minutes=5)
        assert len(ids) == 2
        assert len(set(ids)) == 1

    live(tmp_path, story)


def test_a_message_holds_no_secret_and_no_personal_data(tmp_path):
    """Covers P9."""

    async def story(rig):
        redactor = Redactor()
        receiver = Receiver(rig.world.clock, redact=redactor.text)
        await rig.start(receiver)
        await rig.open(
            "account/shop", kind=ProblemKind.ACCOUNT_PARKED, message="refused: token=abc123 of ana@b.example"
        )
        await rig.open("order/1", kind=ProblemKind.RECORD_REFUSED, message="found 'Ana Example' @ $.name")
        await rig.wait(minutes=5)
        told = "".join(f"{message.subject}{message.text()}{message.document()}" for _, message in receiver.sent)
        assert len(receiver.sent) == 2
        assert "map it" in told
        assert not any(word in told for word in ("abc123", "ana@", "Ana"))

    live(tmp_path, story)


def test_a_reload_swaps_receivers_and_sends_on_what_is_under_way(tmp_path):
    """Covers P8: the one that left is told nothing more, the new one what happens from then on."""

    async def story(rig):
        clock = rig.world.clock
        leaves, stays, comes = (Receiver(clock, f"alert/{name}/1") for name in ("leaves", "stays", "comes"))
        daemon = Daemon(rig.worker, alerts=[leaves.alert, stays.alert])
        await rig.store.write(lambda tx: add_alerts(tx, [leaves.alert, stays.alert], clock.now()))
        running = asyncio.create_task(daemon.run())
        await rig.open("offer/MUG")
        await rig.wait(minutes=5)
        after = [stays.alert, comes.alert]
        await rig.store.write(lambda tx: add_alerts(tx, after, clock.now()))
        daemon.adopt(rig.worker, after)
        await rig.open("offer/CAP")
        await rig.wait(minutes=30)
        daemon.drain()
        await running
        assert [len(receiver.sent) for receiver in (leaves, stays, comes)] == [1, 2, 1]
        assert "offer/CAP" in comes.sent[0][1].text()

    live(tmp_path, story)


def test_a_message_that_is_under_way_while_receivers_are_swapped_is_not_sent_twice(tmp_path):
    """Covers P2."""

    async def story(rig):
        clock = rig.world.clock
        receiver = Receiver(clock)
        slow = evolve(receiver.alert, send=lambda message: sleep_and(receiver, message))
        daemon = Daemon(rig.worker, alerts=[slow])
        await rig.store.write(lambda tx: add_alerts(tx, [slow], clock.now()))
        running = asyncio.create_task(daemon.run())
        await rig.open("offer/MUG")
        await rig.wait(seconds=40)
        daemon.adopt(rig.worker, [receiver.alert])
        await rig.wait(minutes=10)
        daemon.drain()
        await running
        assert len(receiver.sent) == 1

    async def sleep_and(receiver, message):
        await asyncio.sleep(15)
        await receiver._send(message)

    live(tmp_path, story)


def test_a_daemon_that_drains_takes_up_no_receiver(tmp_path):
    async def story(rig):
        daemon, receiver = Daemon(rig.worker), Receiver(rig.world.clock)
        running = asyncio.create_task(daemon.run())
        await rig.wait(seconds=1)
        daemon.drain()
        daemon.adopt(rig.worker, [receiver.alert])
        assert receiver.alert.name not in {task.get_name() for task in asyncio.all_tasks()}
        await running

    live(tmp_path, story)
