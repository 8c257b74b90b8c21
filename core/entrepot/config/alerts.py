"""`[[alerts]]` and `[mail]`: who is told of problems, and how."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from entrepot.channel import Environment, Secret
from entrepot.config.addresses import LOOPBACK, split
from entrepot.config.convert import missing_key
from entrepot.config.model import AlertConfig, MailConfig, Tls
from entrepot.config.references import SecretReader
from entrepot.config.table import Table
from entrepot.model import ProblemKind

USUAL_PORT = {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.OFF: 25}
LEAST_SECRET = 24
"""Bytes, as Standard Webhooks asks for."""

_ADDRESS = re.compile(r"[^\s@<>,;:\"']+@[^\s@<>,;:\"']+")


@frozen
class Lookup:
    """Where the references of these tables are looked up."""

    env: Mapping[str, str]
    folder: Path

    def of(self, owner: str) -> SecretReader:
        """None of these has a simulator, so that no secret may be written out."""
        return SecretReader(owner, Environment.PRODUCTION, self.env, self.folder)


def read_mail(root: Table, lookup: Lookup) -> MailConfig | None:
    """The mail server; None without `[mail]`, or where a fault was noted."""
    table = root.table("mail")
    texts = lookup.of("[mail]").converter()
    wanted = "mail" in root.values
    server = table.read("server", str, None, converter=texts)
    sender = table.read("from", str, None, converter=texts)
    tls = table.read("tls", Tls, Tls.STARTTLS)
    port = table.whole("port", default=USUAL_PORT[tls], least=1)
    user = table.read("user", str, None, converter=texts)
    password = table.read("password", Secret, None, converter=texts)
    table.close()
    if not wanted:
        return None
    _check_mail(table, server, sender, tls, user=user, password=password)
    return MailConfig(server, port, tls, user, password, sender) if server and sender else None


def _check_mail(
    table: Table, server: str | None, sender: str | None, tls: Tls, *, user: str | None, password: Secret | None
) -> None:
    for key in ("server", "from"):
        if key not in table.values:
            table.faults.append(missing_key(table.at(key)))
    if sender is not None and not _ADDRESS.fullmatch(sender):
        table.refuse("from", "E105", "this is no address", 'write "entrepot@shop.example"')
    if (user is None) != (password is None) and {"user", "password"} - table.values.keys():
        missing = "user" if user is None else "password"
        table.refuse(missing, "E104", "required, but missing", "add it, or take out the other one")
    if tls is Tls.OFF and password is not None and server not in LOOPBACK:
        table.refuse("tls", "E118", "the password would travel in the clear", 'write tls = "starttls" or "implicit"')


def read_alerts(root: Table, mail: MailConfig | None, lookup: Lookup) -> tuple[AlertConfig, ...]:
    tables = root.tables("alerts")
    read = [_alert(table, lookup, mail_wanted=mail is None and "mail" not in root.values) for table in tables]
    _refuse_repetitions(tables, read)
    return tuple(alert for alert in read if alert is not None)


def _alert(table: Table, lookup: Lookup, *, mail_wanted: bool) -> AlertConfig | None:
    reader = lookup.of("[[alerts]]").converter()
    to = table.read("to", str, None, converter=reader)
    kinds = table.read("problems", tuple[ProblemKind, ...], tuple(ProblemKind))
    secret = table.read("secret", Secret, None, converter=reader)
    table.close()
    if to is None:
        if "to" not in table.values:
            table.faults.append(missing_key(table.at("to")))
        return None
    if to.startswith("mailto:"):
        _check_address(table, to, mail_wanted=mail_wanted)
    else:
        _check_webhook(table, to, secret)
    return AlertConfig(to, frozenset(kinds), secret)


def _check_address(table: Table, to: str, *, mail_wanted: bool) -> None:
    if not _ADDRESS.fullmatch(to.removeprefix("mailto:")):
        table.refuse("to", "E105", "this is not one address", 'write "mailto:someone@shop.example"')
    if "secret" in table.values:
        table.refuse("secret", "E105", "mail is not signed", "take it out")
    if mail_wanted:
        table.refuse("to", "E117", "there is no [mail] table", "name the mail server there")


def _check_webhook(table: Table, to: str, secret: Secret | None) -> None:
    """No message shows the address: some services put the permission to write into it."""
    if not _is_endpoint(to):
        action = 'write "mailto:someone@shop.example" or "https://host/path"; http only on this machine'
        table.refuse("to", "E105", "this is no address of a mailbox or of a server", action)
    if "secret" not in table.values:
        table.refuse("secret", "E104", "required, but missing", 'add it: secret = "env:NAME"')
    elif secret is not None and not _signs(secret.reveal()):
        action = "write whsec_ and 24 to 64 random bytes in base64, as Standard Webhooks asks for"
        table.refuse("secret", "E105", "this is no secret that can sign", action)


def _is_endpoint(to: str) -> bool:
    parts = split(to)
    if parts is None or not parts.hostname or parts.username or parts.fragment:
        return False
    if not to.isascii() or re.search(r"\s", to):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _signs(secret: str) -> bool:
    try:
        return len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) >= LEAST_SECRET
    except (binascii.Error, ValueError):
        return False


def _refuse_repetitions(tables: Sequence[Table], read: Sequence[AlertConfig | None]) -> None:
    """How far each has been told is kept under its address."""
    seen = set[str]()
    for table, alert in zip(tables, read, strict=True):
        if alert is not None and alert.to in seen:
            table.refuse("to", "E105", "an earlier entry has this address", "make them one, with the problems of both")
        elif alert is not None:
            seen.add(alert.to)
