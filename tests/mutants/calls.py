"""Mutants of calls: HTTP, credentials, quota.

Each swaps one function for a broken one, until the test ends.
"""

import asyncio
import time
from datetime import datetime, timedelta
from types import SimpleNamespace

import httpx
from attrs import evolve

from entrepot.http import client, port, refusal, sharing, tokens
from entrepot.http.answer import Answer
from entrepot.quota import Granted, Level, Priority, learning, memory_bucket, shared
from entrepot.quota.buckets import buckets_of
from entrepot.store.sqlite import SqliteStore
from entrepot.store.sqlite.quota import SqliteQuota
from entrepot.sync import (
    budget,
    health,
)
from entrepot.vault import sealing, token_cache
from entrepot_amazon_sp.authorization import ages, overlap

# HTTP


def every_status_is_a_success(monkeypatch):
    monkeypatch.setattr(Answer, "succeeded", property(lambda self: True))


def no_timeouts(monkeypatch):
    monkeypatch.setattr(client, "TIMEOUTS", httpx.Timeout(None).as_dict())


def accounts_share_a_token(monkeypatch):
    own = tokens.TokenSource._current
    shared = {}

    async def current(self, refused=None):
        loop = asyncio.get_running_loop()
        return shared.setdefault(loop, await own(self, refused))

    monkeypatch.setattr(tokens.TokenSource, "_current", current)


def a_token_is_kept_whatever_the_channel_says(monkeypatch):
    monkeypatch.setattr(sharing, "MARGIN", timedelta(days=-10))
    monkeypatch.setattr(port.HttpPort, "_may_be_outdated", lambda self, answer: False)


def everybody_asks_for_a_token(monkeypatch):
    """Nobody waits for whoever asks."""
    monkeypatch.setattr(sharing, "LEASE", timedelta(0))


def a_refused_token_is_renewed_by_each(monkeypatch):
    """Whoever sees the refusal takes the present token for the refused one."""
    own = token_cache.decide

    def decide(grant, slot, asker, now, refused=None):
        return own(grant, slot, asker, now, slot.token if refused else None)

    monkeypatch.setattr(token_cache, "decide", decide)


def a_new_token_clears_the_cache(monkeypatch):
    own = token_cache.StoreTokenCache._put

    def put(self, tx, grant, place):
        for row in tx.vault.all() if place.slot.token else ():
            tx.vault.forget(row.account, row.name)
        own(self, tx, grant, place)

    monkeypatch.setattr(token_cache.StoreTokenCache, "_put", put)
    monkeypatch.setattr(tokens, "LOOK", timedelta(0))


# Credentials


def received_secrets_kept_in_clear(monkeypatch):
    class Clear:
        def __init__(self, key):
            pass

        def encrypt(self, nonce, text, bound_to):
            return text

        decrypt = encrypt

    monkeypatch.setattr(sealing, "AESGCM", Clear)


def ages_told_once_it_is_too_late(monkeypatch):
    monkeypatch.setattr(ages, "WARNED", timedelta())


def secret_as_old_as_its_process(monkeypatch):
    """What was seen before a restart is forgotten, or was never noted."""

    async def now(credentials):
        return credentials.clock.now()

    monkeypatch.setattr(ages.Credentials, "_secret_since", now)


def every_secret_as_old_as_the_first(monkeypatch):
    """It is noted when a secret was first seen, and not which."""

    async def first_seen(credentials):
        kept = await credentials.vault.get(ages.SECRET_SEEN)
        if kept is None:
            return await since(credentials)
        return datetime.fromisoformat(kept.reveal().partition(" ")[2])

    since = ages.Credentials._secret_since
    monkeypatch.setattr(ages.Credentials, "_secret_since", first_seen)


def warnings_of_a_check_told_nobody(monkeypatch):
    monkeypatch.setattr(health, "_tell_warnings", lambda outcome, report: None)


def present_secret_only(monkeypatch):
    """What plugins.toml names is right."""

    async def present(overlap, work):
        return await work(overlap._present)

    monkeypatch.setattr(overlap.SecretOverlap, "_by_either", present)


def previous_secret_for_ever(monkeypatch):
    """Once it did, it is never left again."""

    async def remembered(either, work):
        return await (work(either._previous) if either.uses_previous else first(either, work))

    first = overlap.SecretOverlap._by_present_first
    monkeypatch.setattr(overlap.SecretOverlap, "_by_either", remembered)


# Quota


def tokens_never_run_out(monkeypatch):
    """Whoever asks may send."""

    def granted(level, limit, units, now, *_, **__):
        return Granted(level or Level(1.0, now))

    async def at_once(tokens, amount):
        pass

    monkeypatch.setattr(shared, "reserve", granted)
    monkeypatch.setattr(memory_bucket.MemoryBucket, "delay", lambda bucket, units: 0.0)
    monkeypatch.setattr(memory_bucket.Tokens, "acquire", at_once)


def refusals_teach_nothing(monkeypatch):
    """After a 429 the rate is the documented one, as before."""
    monkeypatch.setattr(learning, "CUT", 1.0)


def told_rates_are_not_read(monkeypatch):
    """The table of the documentation is believed for good."""
    monkeypatch.setattr(learning, "told", lambda level, limit, rate: level)


def any_rate_is_believed(monkeypatch):
    """Whatever stands in the header is the rate from now on."""
    monkeypatch.setattr(learning, "told", lambda level, limit, rate: evolve(level, told=rate))


def rates_of_every_answer_are_believed(monkeypatch):
    """A refusal's header is read as a success's."""
    monkeypatch.setattr(refusal, "TELLING", frozenset(range(300, 600)))


def all_accounts_share_a_bucket(monkeypatch):
    """The bucket of an operation has no account."""

    def of_nobody(name, limit, account, application):
        return buckets_of(name, limit, "", application)

    monkeypatch.setattr(shared, "buckets_of", of_nobody)


def token_is_looked_at_and_then_taken(monkeypatch):
    """No lock is held between: whoever looks at the same moment sees the same token."""

    async def without_a_transaction(store, work):
        return work(store._tx)

    def looked(quota, *bucket):
        level = look(quota, *bucket)
        time.sleep(0.001)  # noqa: TID251 - real threads: the others look, too
        return level

    look = SqliteQuota.level
    monkeypatch.setattr(SqliteQuota, "level", looked)
    monkeypatch.setattr(SqliteStore, "write", without_a_transaction)


def requests_are_not_counted(monkeypatch):
    """Only calls are, whatever they cost."""

    def without(quota, account, operation, day, *, gets=0, **numbers):
        count(quota, account, operation, day, **numbers)

    count = SqliteQuota.count
    monkeypatch.setattr(SqliteQuota, "count", without)


def budget_stops_everything(monkeypatch):
    """At the end of the month's requests nothing is called any more, orders included."""
    monkeypatch.setattr(budget, "Priority", SimpleNamespace(SWEEP=Priority.URGENT_STOCK))


def budget_stops_nothing(monkeypatch):
    """It is told, and that is all."""
    monkeypatch.setattr(budget, "Priority", SimpleNamespace(SWEEP=1 + max(Priority)))
