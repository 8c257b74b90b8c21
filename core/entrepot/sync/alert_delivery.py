"""How an alert travels: by mail, or to a webhook signed after Standard Webhooks."""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

import orjson
from attrs import frozen
from standardwebhooks import Webhook

from entrepot.channel import Secret
from entrepot.config import MailConfig, Tls
from entrepot.http.client import Client, NoAnswer, NotSent, Request
from entrepot.sync.alert_message import Message

SECONDS = 15.0
"""For each answer of a mail server."""


class UndeliveredError(Exception):
    """The receiver did not take it. The words hold no address, no secret and nothing of the message."""


@frozen
class Mailbox:
    """Sends to one address."""

    mail: MailConfig
    to: str

    async def send(self, message: Message) -> None:
        """Raises UndeliveredError. In a thread: smtplib waits, and the loop must not."""
        await asyncio.to_thread(self._send, self._letter(message))

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage()
        letter["From"], letter["To"] = self.mail.sender, self.to
        letter["Subject"] = message.subject
        letter["Date"] = format_datetime(message.at)
        letter["Message-ID"] = f"<{message.id}@{self.mail.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"  # so that no absence note comes back
        letter.set_content(message.text())
        return letter

    def _send(self, letter: EmailMessage) -> None:
        try:
            with self._connect() as server:
                if self.mail.user is not None and self.mail.password is not None:
                    server.login(self.mail.user, self.mail.password.reveal())
                server.send_message(letter)
        except smtplib.SMTPResponseException as refused:
            raise UndeliveredError(f"the mail server answered {refused.smtp_code}") from None
        except smtplib.SMTPRecipientsRefused as refused:
            codes = ", ".join(sorted({str(code) for code, _ in refused.recipients.values()}))
            raise UndeliveredError(f"the mail server refused the recipient: {codes}") from None
        except (OSError, smtplib.SMTPException) as failed:
            raise UndeliveredError(f"the mail server could not be used: {type(failed).__name__}") from None

    def _connect(self) -> smtplib.SMTP:
        server, port, context = self.mail.server, self.mail.port, ssl.create_default_context()
        if self.mail.tls is Tls.IMPLICIT:
            return smtplib.SMTP_SSL(server, port, timeout=SECONDS, context=context)
        connection = smtplib.SMTP(server, port, timeout=SECONDS)
        try:
            if self.mail.tls is Tls.STARTTLS:
                connection.starttls(context=context)
        except BaseException:
            connection.close()
            raise
        return connection


@frozen
class WebhookReceiver:
    """Posts to one URL."""

    client: Client
    url: str
    secret: Secret

    async def send(self, message: Message) -> None:
        """Raises UndeliveredError unless the answer is 2xx."""
        body = orjson.dumps(message.document()).decode()
        headers = {
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(message.at.timestamp())),
            "webhook-signature": Webhook(self.secret.reveal()).sign(message.id, message.at, body),
        }
        try:
            answer = await self.client.send(Request("POST", self.url, headers, body=body.encode()))
        except (NotSent, NoAnswer) as failed:  # whose words may hold the address
            reason = type(failed.__cause__ or failed).__name__
            raise UndeliveredError(f"the webhook could not be reached: {reason}") from None
        if not answer.succeeded:
            raise UndeliveredError(f"the webhook answered {answer.status}")
