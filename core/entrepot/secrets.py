"""Takes secrets out of what is shown: log lines, errors, stored texts.

A text is redacted before it is hashed or compared, so that a renewed token does not look like a new text.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, MutableMapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote, quote_plus

from entrepot.channel import Secret

MASK = "***"

SHORTEST = 6
"""Characters. Replacing shorter values would tear holes into innocent words."""

SECRET_NAMES = frozenset(
    {
        "access_token",
        "api_key",
        "apikey",
        "authorization",
        "client_secret",
        "cookie",
        "id_token",
        "passwd",
        "password",
        "proxy_authorization",
        "refresh_token",
        "secret",
        "set_cookie",
        "token",
        "x_amz_access_token",
        "x_amz_security_token",
        "x_amz_signature",
        "x_api_key",
    }
)
"""Headers and fields whose value is never shown, in small letters, `-` as `_`."""

_NAMES = "|".join(sorted((name.replace("_", "[-_]?") for name in SECRET_NAMES), key=len, reverse=True))
_FIELD = re.compile(
    rf"""(?ix)
    (?P<name> (?<![\w-]) (?:{_NAMES}) \\?["']? \s* [:=] \s* )
    (?P<value> \\?"[^"]*" | '[^']*' | (?:(?:bearer|basic)\s+)? [^\s&,;"'{{}}\]]+ )
    """
)
_SCHEME = re.compile(r"(?i)\b(?P<scheme>bearer|basic)\s+[\w.~+/|=-]{6,}")


class Redactor:
    """Knows the secrets of this process by value, and those of anyone by the name they stand under."""

    def __init__(self) -> None:
        self._values: Counter[str] = Counter()
        self._beginnings: dict[str, list[str]] = {}  # of SHORTEST characters, each with the forms that begin so

    def remember(self, secret: Secret) -> None:
        """Mask this value wherever it turns up, also percent-encoded or escaped as in JSON."""
        value = secret.reveal()
        if len(value) >= SHORTEST:
            self._values[value] += 1
            for form in _forms(value) if self._values[value] == 1 else ():
                self._of_beginning(form).append(form)

    def forget(self, secret: Secret) -> None:
        """Undo one `remember`: an outdated token need not be looked for in every line."""
        value = secret.reveal()
        if value not in self._values:
            return
        self._values[value] -= 1
        if not self._values[value]:
            del self._values[value]
            for form in _forms(value):
                self._of_beginning(form).remove(form)
                if not self._of_beginning(form):
                    del self._beginnings[form[:SHORTEST]]

    def text(self, text: str) -> str:
        """The text without known values, values of secret fields (`password=...`), and bearer tokens."""
        text = self._without_known(text) if self._beginnings else text
        text = _FIELD.sub(lambda found: f"{found['name']}{MASK}", text)
        return _SCHEME.sub(lambda found: f"{found['scheme']} {MASK}", text)

    def redact(self, _logger: Any, _method: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """A structlog processor; its place is after `format_exc_info`, which makes a traceback text."""
        for key in list(event_dict):
            event_dict[key] = self._value(key, event_dict[key])
        return event_dict

    def _value(self, key: str, value: Any) -> Any:
        if key.lower().replace("-", "_") in SECRET_NAMES:
            return MASK
        return self._any(value)

    def _any(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | Decimal | date | timedelta):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self._value(str(key), inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._any(inner) for inner in value]
        return self.text(repr(value))

    def _of_beginning(self, form: str) -> list[str]:
        return self._beginnings.setdefault(form[:SHORTEST], [])

    def _without_known(self, text: str) -> str:
        """In one walk, however many secrets there are: one expression of them all takes a second to compile."""
        parts, kept, place = [], 0, 0
        while place <= len(text) - SHORTEST:
            forms = self._beginnings.get(text[place : place + SHORTEST])
            found = max((len(form) for form in forms if text.startswith(form, place)), default=0) if forms else 0
            if found:
                parts += [text[kept:place], MASK]
                kept = place + found
            place += found or 1
        return "".join([*parts, text[kept:]])


def _forms(value: str) -> set[str]:
    """How a value may be written in a URL, a form, a JSON document or a repr."""
    return {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], repr(value)[1:-1]}
