"""Real processes: simulators on ports, `entrepot run` on a folder of its own, and what each of them has at the end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from attrs import frozen

from entrepot.config import Config, load_config
from entrepot.model import Sku
from entrepot.runtime import SystemClock
from entrepot.store.records import StreamKind
from entrepot.store.sqlite import SqliteStore, migrate
from entrepot.sync.assembly import catalog
from entrepot.sync.stocktaking import count
from entrepot_amazon_sp import AMAZON
from entrepot_mock_channel import MOCK
from tests.store.opened import InlineRunner, done

ACCOUNTS = ("amazon", "webshop")
ARTICLES = tuple(f"SKU-{number:02d}" for number in range(20))
COUNTED = 40
BUFFER = 1

HEAD = f"""
[entrepot]
store = "sqlite:entrepot.db"
[plugins]
amazon_sp = "*"
mock_channel = "*"
[skus]
catalog = "skus.csv"
[[rules]]
buffer = {BUFFER}
"""
ACCOUNT = """
[accounts.{name}]
environment = "simulator"
publish     = "live"
time_scale  = {scale}
simulator   = "http://127.0.0.1:{port}"
"""
OF_ITS_CHANNEL = {
    "amazon": """
channel      = "amazon_sp"
marketplaces = ["DE", "NL"]
[accounts.amazon.settings]
seller_id     = "A2SIMULATEDTEA"
client_id     = "application"
client_secret = "secret-of-amazon"
refresh_token = "token-of-amazon"
""",
    "webshop": """
channel  = "mock"
settings = { url = "https://webshop.example", token = "token-of-webshop" }
""",
}


@frozen
class Site:
    """A folder with a plugins.toml whose accounts are simulated on `ports`."""

    folder: Path
    ports: dict[str, int]

    @classmethod
    def make(cls, folder: Path, scale: int) -> "Site":
        ports = dict(zip(ACCOUNTS, free_ports(len(ACCOUNTS)), strict=True))
        (folder / "skus.csv").write_text("sku,title\n" + "".join(f"{sku},An article\n" for sku in ARTICLES))
        accounts = [
            ACCOUNT.format(name=name, scale=scale, port=port) + OF_ITS_CHANNEL[name] for name, port in ports.items()
        ]
        (folder / "plugins.toml").write_text(HEAD + "".join(accounts))
        return cls(folder, ports)

    @property
    def config(self) -> Config:
        return load_config(self.folder / "plugins.toml", {"amazon_sp": AMAZON, "mock": MOCK}, {})

    def count_shelf(self) -> None:
        """Every article is counted before the first daemon starts."""
        migrate(self.config.database)
        now = SystemClock().now()

        def count_all(tx: Any) -> None:
            tx.accounts.save_articles(catalog(self.config))
            for sku in ARTICLES:
                count(tx, Sku(sku), COUNTED, now, "opening", now)

        with self.store() as store:
            done(store.write(count_all))

    @contextmanager
    def store(self) -> Iterator[SqliteStore]:
        store = SqliteStore(self.config.database, InlineRunner())
        try:
            yield store
        finally:
            store.close()

    def read(self, work: Callable[[Any], Any]) -> Any:
        with self.store() as store:
            return done(store.read(work))

    def swept(self) -> bool:
        """Has every account's first pass over orders and stock ended?"""
        kinds = {StreamKind.ORDERS, StreamKind.ORDER_REPAIR, StreamKind.STOCK}
        recently = SystemClock().now() - timedelta(hours=1)
        streams = self.read(lambda tx: [stream for stream in tx.streams.all() if stream.kind in kinds])
        return all(stream.watermark and stream.watermark > recently for stream in streams) and len(streams) > 0

    def truth(self, account: str) -> Any:
        """What really happened on a channel, by its simulator's own records."""
        return httpx.get(f"http://127.0.0.1:{self.ports[account]}/_simulator/truth").raise_for_status().json()

    def start(self, *words: str) -> "Running":
        """Start a command. What it logs stays in the folder."""
        program = Path(sys.executable).with_name("entrepot")
        command = [str(program), "--config", str(self.folder / "plugins.toml"), *words]
        path = self.folder / f"{words[0]}-{len(list(self.folder.glob('*.log')))}.log"
        with path.open("wb") as log:
            return Running(subprocess.Popen(command, stderr=log, stdout=log, cwd=self.folder), path)

    def start_daemon(self) -> "Running":
        """Returns once it obeys signals."""
        daemon = self.start("run")
        wait_until(lambda: daemon.logged("running") or not daemon.alive, 30)
        assert daemon.alive, daemon.log.read_text()
        return daemon

    @contextmanager
    def simulators(self, *words: str) -> Iterator[None]:
        """Both simulators, each in a process of its own."""
        running = [self.start("simulator", name, "--port", str(port), *words) for name, port in self.ports.items()]
        try:
            for port in self.ports.values():
                wait_until(lambda port=port: is_listening(port), 30)
            yield
        finally:
            for process in running:
                process.kill()


@frozen
class Running:
    """A process that we started."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def logged(self, event: str) -> bool:
        return event in self.log.read_text()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """`kill -9`: not one instruction more."""
        self.process.kill()
        self.process.wait()

    def stop(self, patience: float = 30) -> int:
        """Ask it to end. Returns its exit code."""
        self.signal(signal.SIGTERM)
        return self.process.wait(patience)

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def wait_until(holds: Callable[[], Any], seconds: float, every: float = 0.1) -> None:
    """Returns once `holds` does. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(holds)
        time.sleep(every)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_ports(number: int) -> Sequence[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
