"""Secrets are named in plugins.toml, not written: `env:NAME` or `file:PATH`. Any other text may be named so as well."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from cattrs import Converter

from entrepot.channel import Environment, Secret
from entrepot.config.convert import MisfitError, toml_converter


@frozen
class SecretReader:
    """Resolves the references of one table. `owner` is its name in messages; files are relative to `folder`."""

    owner: str
    environment: Environment
    env: Mapping[str, str]
    folder: Path

    def converter(self) -> Converter:
        """Every Secret, at any depth, is a reference, and every text may be one."""
        converter = toml_converter()
        plain = converter.get_structure_hook(str)
        converter.register_structure_hook(Secret, lambda value, _: Secret(self.resolve(value)))
        converter.register_structure_hook(
            str, lambda value, kind: plain(self.resolve(value) if _is_reference(value) else value, kind)
        )
        return converter

    def resolve(self, value: Any) -> str:
        """What a reference stands for. Raises MisfitError. No message shows the value: it may be the secret itself."""
        if not isinstance(value, str):
            raise MisfitError(f"expected a secret's reference, found {type(value).__name__}", 'write "env:NAME"')
        scheme, _, name = value.partition(":")
        if scheme == "env":
            return self._variable(name)
        if scheme == "file":
            return self._file(name)
        if self.environment is not Environment.SIMULATOR:
            raise MisfitError(
                f"{self.owner} has a secret written out",
                'write "env:NAME" or "file:PATH" instead, and renew the secret if this file was shared',
                code="E110",
            )
        return value

    def _variable(self, name: str) -> str:
        value = self.env.get(name, "")
        if not value:
            message = f"environment variable {name!r} of {self.owner} is not set"
            raise MisfitError(message, f"set {name}, or name another variable", code="E107")
        return value

    def _file(self, name: str) -> str:
        try:
            value = (self.folder / name).read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not text"
            message = f"secret file {name!r} of {self.owner} cannot be read: {reason}"
            raise MisfitError(message, "create it, or name another file", code="E107") from None
        if not value:
            message = f"secret file {name!r} of {self.owner} is empty"
            raise MisfitError(message, "write the secret into it", code="E107")
        return value


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("env:", "file:"))
