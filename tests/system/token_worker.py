"""One of several processes that need tokens for the same accounts. Imported by each of them."""

import asyncio
from datetime import timedelta
from pathlib import Path

from entrepot.channel import Secret
from entrepot.http import AccountHttp, sharing, tokens
from entrepot.model import AccountId
from entrepot.runtime import SystemClock, system_rng
from entrepot.secrets import Redactor
from entrepot.store.sqlite import SqliteStore, ThreadRunner
from entrepot.vault.keeper import Keeper
from entrepot.vault.keys import Keyring
from tests.http.doubles import ACME
from tests.vault.test_sealing import KEY


def work(path: str, url: str, accounts: list[str], scale: int, seconds: float, start) -> None:
    """Use every account's token again and again, for so many seconds, `scale` times as fast as in a shop."""
    sharing.MARGIN = timedelta(seconds=60) / scale
    tokens.LOOK = timedelta(seconds=30) / scale
    start.wait()
    asyncio.run(_work(Path(path), url, accounts, seconds))


async def _work(path: Path, url: str, accounts: list[str], seconds: float) -> None:
    runner, clock, redactor = ThreadRunner(), SystemClock(), Redactor()
    store = SqliteStore(path, runner)
    keeper = Keeper(store, Keyring(KEY), clock, system_rng(), redactor)
    https = [
        AccountHttp(ACME, None, clock, AccountId(name), user_agent="test", redactor=redactor, kept=keeper.of(name))
        for name in accounts
    ]
    sources = [
        http.refresh_token(url, client_id="app", client_secret=Secret("s"), refresh_token=Secret(f"{http.account}.1"))
        for http in https
    ]
    try:
        async with asyncio.timeout(seconds):
            while True:
                await asyncio.gather(*(source.headers() for source in sources))
                await asyncio.sleep(0.2)
    except TimeoutError:
        pass
    for http in https:
        await http.aclose()
    store.close()
    runner.close()
