"""The command `entrepot`.

`main` is the script's entry. A command's module is imported when the command is used.
"""

from entrepot.cli.group import main

__all__ = ["main"]
