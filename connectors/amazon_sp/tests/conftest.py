import pytest


@pytest.fixture(scope="module")
def aws():
    """The port of an AWS on this machine."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - takes a second, which few tests need

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()
