"""Clients of one process that Amazon counts together spend from the same buckets."""

import pytest
from attrs import evolve

from connectors.amazon_sp.tests.scripted import SETTINGS, Amazon, told
from entrepot.simulation import VirtualClock, run, stream
from entrepot_amazon_sp import SellingPartner

OTHER_SELLER = evolve(SETTINGS, seller_id="A2OTHER")
OTHER_APPLICATION = evolve(SETTINGS, client_id="client-2")


async def call(client):
    await client.call("getMyFeesEstimates", body=[])


def seconds(first, second, *, together=True, clocks=1):
    """For four calls by two clients in turns, of an operation that has one call in two seconds, and no burst.

    `together`: both are open at a time.
    """
    amazon = Amazon(told({"payload": []}), latency=0)

    async def main(loop):
        lent = [VirtualClock(loop) for _ in range(clocks)]

        def made(number):
            settings, region = (first, second)[number]
            options = {"transport": amazon.network, "clock": lent[number % clocks], "rng": stream(1, "client")}
            return SellingPartner(settings, region=region, **options)

        started = loop.time()
        if together:
            async with made(0) as one, made(1) as two:
                for client in (one, two, one, two):
                    await call(client)
        else:
            for number in (0, 1, 0, 1):
                async with made(number) as client:
                    await call(client)
        return loop.time() - started

    return run(main, seed=1)


@pytest.mark.parametrize("together", [True, False])
def test_two_clients_of_one_seller_share_their_quota(together):
    """Three waits of two seconds, as one client has them; each with buckets of its own would wait once."""
    assert seconds((SETTINGS, "EU"), (SETTINGS, "EU"), together=together) == pytest.approx(6, rel=0.01)


@pytest.mark.parametrize("second", [(OTHER_SELLER, "EU"), (OTHER_APPLICATION, "EU"), (SETTINGS, "NA")])
def test_what_amazon_counts_apart_is_counted_apart(second):
    assert seconds((SETTINGS, "EU"), second) == pytest.approx(2, rel=0.01)


def test_two_clocks_share_nothing():
    assert seconds((SETTINGS, "EU"), (SETTINGS, "EU"), clocks=2) == pytest.approx(2, rel=0.01)


def test_a_client_shows_whose_it_is_and_no_secret():
    shown = repr(SellingPartner(SETTINGS, region="EU"))
    assert shown == "<SellingPartner of seller A2SELLER, region EU, production>"


def test_a_document_shows_which_it_is():
    client = SellingPartner(SETTINGS, region="EU")
    document = client.document("getReportDocument", reportDocumentId="amzn1.1")
    assert repr(document) == "<Document of account A2SELLER: document amzn1.1>"
