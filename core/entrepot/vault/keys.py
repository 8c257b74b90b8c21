"""The keys that plugins.toml names. Without a cryptographic library: to read a configuration needs none."""

import base64
import binascii
import hashlib

from attrs import frozen

from entrepot.channel import Secret
from entrepot.runtime import secret_bytes

KEY_BYTES = 32


@frozen
class Key:
    """`id` tells keys apart, and says nothing about the key: a digest of 256 random bits leads nowhere.

    `text` is in base64.
    """

    id: str
    text: Secret

    @property
    def material(self) -> bytes:
        return base64.b64decode(self.text.reveal())


@frozen
class Keyring:
    """`present` encrypts. Each of them opens what it has encrypted."""

    present: Key
    previous: tuple[Key, ...] = ()

    def find(self, key_id: str) -> Key | None:
        return next((key for key in (self.present, *self.previous) if key.id == key_id), None)


def parse_key(text: str) -> Key:
    """From base64. Raises ValueError, without a word of the text, where it is not 32 bytes."""
    try:
        material = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("this is no base64") from None
    if len(material) != KEY_BYTES:
        raise ValueError(f"this has {len(material)} bytes, and a key has {KEY_BYTES}")
    return Key(hashlib.sha256(b"entrepot key id" + material).hexdigest()[:12], Secret(text))


def new_key() -> str:
    """A fresh one, as plugins.toml wants it."""
    return base64.b64encode(secret_bytes(KEY_BYTES)).decode()
