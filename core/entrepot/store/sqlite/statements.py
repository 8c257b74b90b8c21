"""SQL lives in `sql/*.sql`, each statement under a line `-- name: ...`."""

from functools import cache
from importlib.resources import files


class Statements:
    """The statements of one file, as attributes. An unknown name is an AttributeError."""

    def __init__(self, named: dict[str, str]) -> None:
        self.__dict__.update(named)

    def __getattr__(self, name: str) -> str:
        msg = f"no statement named {name!r}; there are {', '.join(sorted(self.__dict__))}"
        raise AttributeError(msg)


@cache
def statements(file: str) -> Statements:
    """Read `sql/{file}.sql` once."""
    text = (files("entrepot.store.sqlite") / "sql" / f"{file}.sql").read_text("utf-8")
    blocks = text.split("-- name: ")[1:]
    pairs = (block.split("\n", 1) for block in blocks)
    return Statements({name.strip(): sql.strip() for name, sql in pairs})
