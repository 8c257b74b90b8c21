"""The most memory that an ingest takes, in a process of its own: `python -m benchmarks.memory URL` prints MB."""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.ingest import ingest
from benchmarks.pages import page_server


def peak_mb(orders: int) -> float:
    """Of a fresh process that takes in so many orders."""
    with page_server(orders) as url:
        command = [sys.executable, "-m", "benchmarks.memory", url]
        return float(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.split()[-1])


def own_peak_mb() -> float:
    """From /proc: what getrusage tells begins with the memory of the process that started this one."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(ingest(Path(folder), sys.argv[1]))
    print(own_peak_mb())


if __name__ == "__main__":
    main()
