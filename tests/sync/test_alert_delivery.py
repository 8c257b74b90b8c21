"""Mail and webhooks as they arrive: a mail server and a web server of this machine."""

import asyncio
import base64
import email
import email.policy
import hashlib
import hmac
import json

import pytest
from standardwebhooks import Webhook

from entrepot.channel import Secret
from entrepot.config import MailConfig, Tls
from entrepot.http.client import Client
from entrepot.model import EventName
from entrepot.runtime import SystemClock
from entrepot.store.records import OutboxRow
from entrepot.sync.alert_delivery import Mailbox, UndeliveredError, WebhookReceiver
from entrepot.sync.alert_message import message_of

KEY = b"twenty-four bytes of key"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


def message():
    details = json.dumps(
        {"kind": "stock_short", "message": "2 units are missing, at Größe M", "next_action": "receive some"}
    )
    now = SystemClock().now()
    row = OutboxRow(1, EventName.PROBLEM_OPENED, "stock_short/sku/MUG", "key-1", "shop", now, details)
    return message_of("stock_short", [row], str, now)


class MailServer:
    """Speaks as much SMTP as a letter needs. `answers`: to the command of that name, instead of 250."""

    def __init__(self, **answers):
        self.answers, self.said, self.letters = {"QUIT": "221 bye"} | answers, [], []

    async def talk(self, reader, writer):
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip():
            self.said.append(line)
            word = line.split(":")[0].split()[0].upper()
            if word == "DATA" and word not in self.answers:
                writer.write(b"354 go on\r\n")
                self.letters.append((await reader.readuntil(b"\r\n.\r\n"))[:-5])
            writer.write(f"{self.answers.get(word, '250 fine')}\r\n".encode())
            if word == "QUIT":
                break
        writer.close()


def served(talk, use):
    """Runs `use(port)` while every connection to the port is handed to `talk`."""

    async def main():
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        try:
            return await use(server.sockets[0].getsockname()[1])
        finally:
            server.close()
            await server.wait_closed()

    return asyncio.run(main())


def mailed(server, sent):
    async def use(port):
        mail = MailConfig("127.0.0.1", port, Tls.OFF, None, None, "entrepot@shop.example")
        await Mailbox(mail, "ops@shop.example").send(sent)

    served(server.talk, use)


def test_a_letter_arrives_whole():
    server, sent = MailServer(), message()
    mailed(server, sent)
    letter = email.message_from_bytes(server.letters[0], policy=email.policy.default)
    assert (letter["from"], letter["to"]) == ("entrepot@shop.example", "ops@shop.example")
    assert letter["subject"] == "Entrepot: stock_short: opened at shop"
    assert letter["message-id"] == f"<{sent.id}@shop.example>"
    assert letter["auto-submitted"] == "auto-generated"
    assert "  2 units are missing, at Größe M\n  Next: receive some\n" in letter.get_content().replace("\r\n", "\n")
    assert [word for word in server.said if "ops@" in word] == ["rcpt TO:<ops@shop.example>"]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"RCPT": "550 no ops@shop.example here"}, "the mail server refused the recipient: 550"),
        ({"DATA": "554 not from ops@shop.example"}, "the mail server answered 554"),
    ],
)
def test_a_mail_server_that_refuses_is_told_without_an_address(answers, told):
    with pytest.raises(UndeliveredError) as refused:
        mailed(MailServer(**answers), message())
    assert str(refused.value) == told


def test_a_mail_server_that_cannot_encrypt_is_sent_nothing():
    server = MailServer()

    async def use(port):
        mail = MailConfig("127.0.0.1", port, Tls.STARTTLS, "me", Secret("s3cret"), "entrepot@shop.example")
        await Mailbox(mail, "ops@shop.example").send(message())

    with pytest.raises(UndeliveredError, match="SMTPNotSupportedError"):
        served(server.talk, use)
    assert {line.split()[0] for line in server.said} <= {"ehlo", "EHLO", "QUIT"}


class WebServer:
    def __init__(self, status=204):
        self.status, self.posts = status, []

    async def talk(self, reader, writer):
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.posts.append((first, headers, body))
        writer.write(f"HTTP/1.1 {self.status} word\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


async def post(url, sent):
    client = Client(None, SystemClock(), "test")
    try:
        await WebhookReceiver(client, url, Secret(SECRET)).send(sent)
    finally:
        await client.aclose()


def test_a_webhook_is_signed_after_standard_webhooks():
    """Covers P9: verified by the library, and once more by hand as the specification says it."""
    server, sent = WebServer(), message()
    served(server.talk, lambda port: post(f"http://127.0.0.1:{port}/in?from=shop", sent))
    ((first, headers, body),) = server.posts
    assert first == "POST /in?from=shop HTTP/1.1"
    document = Webhook(SECRET).verify(body, headers)
    assert (document["type"], document["data"]["opened"], document["data"]["closed"]) == ("problems.changed", 1, 0)
    assert document["data"]["problems"][0]["next_action"] == "receive some"
    assert document["data"]["problems"][0]["key"] == "key-1"
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    digest = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert headers["webhook-id"] == sent.id


@pytest.mark.parametrize("status", [302, 400, 500])
def test_what_is_no_success_is_not_delivered(status):
    with pytest.raises(UndeliveredError, match=f"answered {status}"):
        served(WebServer(status).talk, lambda port: post(f"http://127.0.0.1:{port}/", message()))


def test_a_webhook_that_cannot_be_reached_is_told_without_its_address():
    with pytest.raises(UndeliveredError) as failed:
        asyncio.run(post("http://127.0.0.1:9/s3cret", message()))
    assert str(failed.value) == "the webhook could not be reached: ConnectError"
