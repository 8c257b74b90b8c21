"""One grant, several processes on one store: whatever happens in whatever order, few requests, no wrong token."""

import shutil
import tempfile
from datetime import timedelta
from functools import cache
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from entrepot.channel import AuthError, Secret, TokenAnswer, TransientError
from entrepot.http.sharing import ATTEMPT, MARGIN, PAUSES, Ask, Fail, Grant, Use, failed, granted
from entrepot.secrets import Redactor
from entrepot.simulation import stream
from entrepot.store.sqlite import migrate
from entrepot.vault.keys import Keyring
from entrepot.vault.port import StoreVault
from entrepot.vault.token_cache import StoreTokenCache
from tests.store.opened import done, open_inline
from tests.store.values import NOON
from tests.vault.test_sealing import KEY, SHOP

LIFETIME = timedelta(hours=1)
FORM = {"grant_type": "refresh_token", "client_id": "app", "client_secret": "app secret"}
PROCESSES = st.integers(0, 3)


@cache
def blank():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "entrepot.db"
        migrate(path)
        return path.read_bytes()


class Clock:
    def __init__(self):
        self.at = NOON

    def now(self):
        return self.at


class Sharing(RuleBasedStateMachine):
    """Each process claims, asks and settles in steps of their own, so that every order of them is tried."""

    @initialize(rotates=st.booleans(), kept=st.booleans())
    def begin(self, rotates, kept):
        self.folder = Path(tempfile.mkdtemp())
        (self.folder / "entrepot.db").write_bytes(blank())
        self.clock, self.rotates, self.kept = Clock(), rotates, kept
        self.store = open_inline(self.folder / "entrepot.db")
        self.vault = StoreVault(SHOP, self.store, Keyring(KEY), self.clock, Redactor())
        first = None if kept else Secret("owner-1/0")
        self.grant = Grant(SHOP, "https://auth.example/token", FORM, first, "refresh_token" if kept else "")
        self.owner, self.used_up, self.chains = 1, set(), 1
        if kept:
            done(self.vault.put("refresh_token", Secret("owner-1/0")))
        self.caches, self.lives, self.asking = {}, 0, {}
        for process in range(4):
            self.restart(process)
        self.requests = self.renewals = self.refusals = self.losses = self.failures = 0
        self.valid, self.refused = set(), set()

    def teardown(self):
        if hasattr(self, "folder"):
            self.store.close()
            shutil.rmtree(self.folder)

    def restart(self, process):
        """Nothing of what the process knew is left, and nobody hears what it asked."""
        self.lives += 1
        self.caches[process] = (
            StoreTokenCache(self.store, Keyring(KEY), self.clock, stream(self.lives, "x")),
            f"life-{self.lives}",
        )

    @rule(process=PROCESSES, knows=st.booleans())
    def look(self, process, knows):
        if process in self.asking:
            return
        cache, asker = self.caches[process]
        refused = next((Secret(token) for token in sorted(self.refused)), None) if knows else None
        step = done(cache.claim(self.grant, asker, refused))
        if isinstance(step, Use):
            assert step.token != refused
            assert step.renew_at > self.clock.at
            assert step.token.reveal().startswith(f"owner-{self.owner}:"), "of an authorization that was replaced"
        elif isinstance(step, Ask):
            assert all(self.overdue(one) for one in self.asking.values()), "two ask at once"
            self.send(process, step.slot)
        else:
            assert isinstance(step, Fail) or self.asking or self.lost, "it waits for nobody"

    def send(self, process, slot):
        """The endpoint has decided; the answer is on its way."""
        self.requests += 1
        refresh = slot.refresh.reveal()
        if refresh in self.used_up:
            answer = AuthError("account shop: token request was answered 400 invalid_grant")
            assert self.lost, "a refresh token was used twice, and nobody had died"
        else:
            answer = self.grant_by(refresh)
        self.asking[process] = (slot, answer, self.clock.at)

    def grant_by(self, refresh):
        owner = refresh.partition("/")[0]
        token = f"{owner}:{self.requests}"
        self.valid.add(token)
        if not self.rotates:
            return TokenAnswer(Secret(token), 3600, Secret(refresh))
        self.used_up.add(refresh)
        self.chains += 1
        return TokenAnswer(Secret(token), 3600, Secret(f"{owner}/{self.chains}"))

    @property
    def lost(self):
        """Requests of which nothing came, or not in time."""
        return self.losses + sum(self.overdue(one) for one in self.asking.values())

    def overdue(self, asking):
        return self.clock.at - asking[2] >= ATTEMPT

    @precondition(lambda self: self.asking)
    @rule(number=st.integers(0, 3), outage=st.booleans())
    def hear(self, number, outage):
        """The answer arrives, or the network loses it; one that is late comes from a process that slept."""
        process = sorted(self.asking)[number % len(self.asking)]
        late = self.overdue(self.asking[process])
        slot, answer, asked_at = self.asking.pop(process)
        self.losses += late
        lost = outage and isinstance(answer, TokenAnswer)
        self.losses += lost
        if lost:
            answer = TransientError("account shop: token request got no answer")
        cache, asker = self.caches[process]
        self.failures += not isinstance(answer, TokenAnswer)
        change = (
            (lambda now: granted(now, slot, answer, asked_at))
            if isinstance(answer, TokenAnswer)
            else (lambda now: failed(now, slot, answer, self.clock.at))
        )
        done(cache.settle(self.grant, asker, change))

    @rule(process=PROCESSES)
    def crash(self, process):
        self.losses += self.asking.pop(process, None) is not None
        self.restart(process)

    @rule(seconds=st.sampled_from([0.5, 4, 30, 59, 80, 1700, 3539, 3600, 9000]))
    def pass_time(self, seconds):
        self.clock.at += timedelta(seconds=seconds)

    @precondition(lambda self: self.valid - self.refused)
    @rule()
    def refuse(self):
        """The channel takes the newest token no more."""
        newest = max(self.valid - self.refused, key=lambda token: int(token.partition(":")[2]))
        self.refused = {newest}
        self.refusals += 1

    @precondition(lambda self: self.kept)
    @rule()
    def authorize(self):
        self.owner += 1
        self.renewals += 1
        done(self.vault.put("refresh_token", Secret(f"owner-{self.owner}/0")))

    @invariant()
    def asks_seldom(self):
        """At most one for each lifetime less the margin, and one for each token that was refused.

        Beyond that: one for each request of which nothing came, and for each new authorization.
        """
        if not hasattr(self, "clock"):
            return
        lifetimes = (self.clock.at - NOON) // (LIFETIME - MARGIN)
        assert self.requests <= 1 + lifetimes + self.refusals + self.lost + self.failures + self.renewals

    @invariant()
    def failures_are_spaced(self):
        if not hasattr(self, "clock"):
            return
        shortest = min(PAUSES.values())
        assert self.failures <= 1 + (self.clock.at - NOON) // shortest + self.renewals + self.lost


Sharing.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestSharing = Sharing.TestCase
TestSharing.__doc__ = "Covers R16."
