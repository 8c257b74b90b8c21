"""`[credentials.NAME]`: settings that several accounts take over, such as those of one application at a channel."""

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from entrepot.config.convert import nearest
from entrepot.config.table import Table
from entrepot.errors import Fault


@frozen
class Credentials:
    """As they were written: what a key means, and whether it is a secret, the channel of each account says."""

    tables: Mapping[str, Mapping[str, Any]]
    prefix: str

    @classmethod
    def read(cls, root: Table) -> "Credentials":
        """What no account takes over is refused: nobody would notice that its name is misspelled."""
        table = root.table("credentials")
        written = root.values.get("accounts")
        accounts = written.values() if isinstance(written, dict) else ()
        named = [account.get("credentials") for account in accounts if isinstance(account, dict)]
        for name in table.values:
            if name not in named:
                action = f'write credentials = "{name}" in an account, or take them out'
                table.refuse(name, "E116", f"no account takes the credentials {name!r} over", action)
        return cls({name: table.table(name).values for name in table.values}, table.prefix)

    def merged(self, account: Table) -> Table:
        """The account with the keys of its credentials among its settings. `credentials` is read, and known, then."""
        name = account.read("credentials", str, None)
        if name is None:
            return account
        if name not in self.tables:
            action = nearest(name, self.tables) or f"write a table [credentials.{name}]"
            account.refuse("credentials", "E116", f"there are no credentials {name!r}", action)
            return account
        own = account.table("settings")
        for key in sorted(own.values.keys() & self.tables[name].keys()):
            own.refuse(key, "E105", f"stands in [credentials.{name}] too", "keep one of the two")
        settings = {**self.tables[name], **own.values}
        merged = type(account)({**account.values, "settings": settings}, account.prefix, account.faults)
        merged.read("credentials", str, None)
        return merged

    def relocate(self, account: Table, since: int) -> list[Fault]:
        """Let an account's faults from `since` on name the place where a shared key stands; once for all accounts.

        What is missed of credentials that are faulty themselves is no fault of its own. Returns those of this account,
        told before or not.
        """
        told = {(fault.code, fault.path) for fault in account.faults[:since]}
        found = [self._placed(account, fault) for fault in account.faults[since:]]
        if "credentials" in account.values and self._of(account) is None:
            found = [fault for fault in found if fault.code != "E104"]
        account.faults[since:] = [fault for fault in found if (fault.code, fault.path) not in told]
        return found

    def _of(self, account: Table) -> str | None:
        """The name of the credentials that the account takes over."""
        name = account.values.get("credentials")
        return name if isinstance(name, str) and name in self.tables else None

    def _placed(self, account: Table, fault: Fault) -> Fault:
        name = self._of(account)
        if name is None:
            return fault
        place = account.at("settings.")
        within = fault.path.removeprefix(place)
        shared = fault.path.startswith(place) and re.split(r"[.\[]", within)[0] in self.tables[name]
        return Fault(fault.code, f"{self.prefix}{name}.{within}", fault.message, fault.next_action) if shared else fault
