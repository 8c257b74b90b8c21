"""`[entrepot] key` and `previous_keys`: what the secrets in the store are encrypted with."""

from collections.abc import Mapping
from pathlib import Path

from entrepot.channel import Environment
from entrepot.config.convert import MisfitError
from entrepot.config.model import Config
from entrepot.config.references import SecretReader
from entrepot.config.table import Table
from entrepot.errors import ConfigError, Fault
from entrepot.vault.keys import Key, Keyring, parse_key

NO_KEY = 'entrepot key new FILE writes one; name it here as key = "file:FILE"'


def read_keys(table: Table, env: Mapping[str, str], folder: Path) -> Keyring | None:
    """Of the table `[entrepot]`; None where no key is named, or a fault was noted."""
    reader = SecretReader("[entrepot]", Environment.PRODUCTION, env, folder)
    converter = reader.converter()
    converter.register_structure_hook(Key, lambda value, _: _key(reader.resolve(value)))
    present = table.read("key", Key, None, converter=converter)
    previous = table.read("previous_keys", tuple[Key, ...], (), converter=converter)
    if "previous_keys" in table.values and "key" not in table.values:
        table.refuse("previous_keys", "E121", "there are keys to read with, and none to write with", "add key = ...")
    ids = [key.id for key in (present, *previous) if key is not None]
    if len(set(ids)) < len(ids):
        table.refuse("previous_keys", "E121", "one key is named twice", "keep the newer of the two as key")
    return None if present is None else Keyring(present, previous)


def require_keyring(config: Config) -> Keyring:
    """For a command that keeps a secret. Raises ConfigError where no key is named."""
    if config.keyring is None:
        path = f"{config.path.name}: entrepot.key"
        raise ConfigError([Fault("E122", path, "secrets are encrypted, and there is no key to do it with", NO_KEY)])
    return config.keyring


def _key(text: str) -> Key:
    try:
        return parse_key(text)
    except ValueError as wrong:
        raise MisfitError(f"no key: {wrong}", "entrepot key new FILE writes one", code="E121") from None
