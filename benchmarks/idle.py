"""A daemon with two accounts on which nothing happens: seconds of CPU in a minute, and memory."""

import tempfile
import time
from pathlib import Path

from tests.system.processes import Site, wait_until

SECONDS = 60


def idle() -> tuple[float, float]:
    """CPU seconds in a minute after the first sweep, and resident MB."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site.make(Path(folder), scale=1)
        site.count_shelf()
        with site.simulators():
            daemon = site.start_daemon()
            try:
                wait_until(site.swept, 120)
                before = daemon.cpu_seconds()
                time.sleep(SECONDS)
                return daemon.cpu_seconds() - before, daemon.resident_mb()
            finally:
                daemon.stop()
