import asyncio
import base64
import threading

import pytest

from tests.cli.shop import PLUGINS
from tests.sync.test_alert_delivery import WebServer

SECRET = "whsec_" + base64.b64encode(bytes(24)).decode()


@pytest.fixture
def hook():
    """A web server on a thread of its own: the command has a loop of its own."""
    server, loop = WebServer(), asyncio.new_event_loop()
    listening = loop.run_until_complete(asyncio.start_server(server.talk, "127.0.0.1", 0))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server
    loop.call_soon_threadsafe(listening.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def configure(folder, monkeypatch, port):
    monkeypatch.setenv("SIGNS", SECRET)
    alert = f'[[alerts]]\nto = "http://127.0.0.1:{port}/s3cret"\nsecret = "env:SIGNS"\n'
    (folder / "plugins.toml").write_text(PLUGINS + alert)


def test_a_test_message_is_sent(entrepot, folder, monkeypatch, hook):
    configure(folder, monkeypatch, hook.port)
    told = entrepot("alerts", "test").stdout
    assert told.splitlines()[1].split()[1:] == ["sent"]
    assert "s3cret" not in told
    assert b"this is a test" in hook.posts[0][2]


def test_a_receiver_that_refuses_decides_the_exit_code(ask, folder, monkeypatch, hook):
    hook.status = 500
    configure(folder, monkeypatch, hook.port)
    (tried,) = ask("alerts", "test", code=3)
    assert tried["alert"].startswith("alert/127.0.0.1/")
    assert tried["error"] == "the webhook answered 500"


def test_without_receivers(entrepot):
    assert "plugins.toml has no [[alerts]]" in entrepot("alerts", "test", code=2).stderr
