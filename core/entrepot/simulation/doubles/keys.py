"""Which key a double asks for, and where a request has it instead."""

from typing import Any

import attrs

from entrepot.channel import Secret
from entrepot.simulation.doubles.call import Call


def secrets_of(settings: Any) -> dict[str, Secret]:
    """The fields of an account's settings that hold secrets."""
    fields = attrs.fields_dict(type(settings)) if attrs.has(type(settings)) else {}
    found = {name: getattr(settings, name) for name in fields}
    return {name: value for name, value in found.items() if isinstance(value, Secret)}


def key_of(settings: Any) -> Secret | None:
    """`token`, else the only Secret."""
    secrets = secrets_of(settings)
    only = next(iter(secrets.values())) if len(secrets) == 1 else None
    return secrets.get("token", only)


def is_bearer(header: str | None) -> bool:
    """Whether a key goes there as a bearer token."""
    return (header or "").lower() == "authorization"


def misplaced(call: Call, key: Secret, header: str) -> str:
    """That the header does not have the key, and what to do where another place has it."""
    told = f"the header {header} (`key_header`) does not have the account's key"
    told += " as a bearer token" if is_bearer(header) else ""
    for name, value in call.headers.items():
        if key.reveal() in value.split() and name != header.lower():
            return f'{told}; it came in {name}. Next: key_header = "{name}" in the double'
    for name, values in call.query.items():
        if key.reveal() in values:
            return f"{told}; it came in the parameter {name}. Next: read it there, in carried_key of the double"
    return told
