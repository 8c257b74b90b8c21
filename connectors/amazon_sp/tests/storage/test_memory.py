"""Documents of 200 MB need no more memory than small ones, both ways, on real HTTP."""

import asyncio
import gzip
import tracemalloc
from contextlib import asynccontextmanager, suppress

import pytest

from connectors.amazon_sp.tests.scripted import SETTINGS
from connectors.amazon_sp.tests.storage.bucket import Bucket
from connectors.amazon_sp.tests.storage.world import World
from entrepot_amazon_sp import SellingPartner

MEMBER = b"".join(b"%d\t%d\n" % (number, number * 7919 % 10007) for number in range(200_000))
COUNT = 200_000_000 // len(MEMBER) + 1
MEBIBYTE = 1024**2


@asynccontextmanager
async def endless():
    """A server that sends `COUNT` packed members, and forgets what it is sent; counts that."""
    packed = gzip.compress(MEMBER)
    received = []

    async def talk(reader, writer):
        with suppress(asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"PUT"):
                while received.append(len(await reader.read(65_536))) or sum(received) < COUNT * len(MEMBER):
                    pass
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            else:
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (COUNT * len(packed)))
                for _ in range(COUNT):
                    writer.write(packed)
                    await writer.drain()
            await writer.drain()
            await reader.read()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], received
    finally:
        server.close()
        await asyncio.sleep(0.05)


def peak_of(main):
    """In bytes, beyond what is there before."""

    async def connected():
        async with endless() as (port, received):
            world = World(Bucket(), port)
            world.packed = "GZIP"
            async with SellingPartner(SETTINGS, region="EU", transport=world) as client:
                await client.call("getReportDocument", reportDocumentId="r1")  # reads the catalog
                tracemalloc.start()
                try:
                    await main(client, received)
                    return tracemalloc.get_traced_memory()[1]
                finally:
                    tracemalloc.stop()

    return asyncio.run(connected())


@pytest.mark.parametrize("way", ["down", "up"])
def test_memory_is_flat(way, capsys, tmp_path):
    async def down(client, _):
        async with client.document("getReportDocument", reportDocumentId="r1") as document:
            await document.save(tmp_path / "report.tsv")
        assert (tmp_path / "report.tsv").stat().st_size == COUNT * len(MEMBER)

    async def up(client, received):
        async def pieces():
            for _ in range(COUNT):
                yield MEMBER

        await client.upload(pieces(), "text/plain; charset=UTF-8")
        assert sum(received) == COUNT * len(MEMBER)

    peak = peak_of(down if way == "down" else up)
    with capsys.disabled():
        print(f"\n{way}: {COUNT * len(MEMBER) / 1e6:.0f} MB, peak {peak / MEBIBYTE:.1f} MiB")  # noqa: T201 - the figure
    assert peak < 8 * MEBIBYTE
