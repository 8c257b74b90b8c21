"""The most memory that an ingest takes, in a process of its own: `python -m benchmarks.memory URL` prints MB."""

import asyncio
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.ingest import ingest
from benchmarks.pages import page_server

BYTES_OF_MAXRSS = 1 if sys.platform == "darwin" else 1024


def peak_mb(orders: int) -> float:
    """Of a fresh process that takes in so many orders."""
    with page_server(orders) as url:
        command = [sys.executable, "-m", "benchmarks.memory", url]
        return float(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(ingest(Path(folder), sys.argv[1]))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_OF_MAXRSS / 1e6)


if __name__ == "__main__":
    main()
