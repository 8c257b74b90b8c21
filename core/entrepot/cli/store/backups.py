"""When the database was last copied: a line in a file beside it.

Not in the database: a restored copy would take itself for its own backup.
"""

from datetime import datetime
from pathlib import Path


def note_backup(database: Path, copy: Path, now: datetime) -> None:
    _note(database).write_text(f"{now.isoformat()} {copy.absolute()}\n", "utf-8")


def last_backup(database: Path) -> datetime | None:
    """None where none was noted."""
    try:
        return datetime.fromisoformat(_note(database).read_text("utf-8").split(maxsplit=1)[0])
    except (OSError, ValueError, IndexError):
        return None


def _note(database: Path) -> Path:
    return database.with_name(f"{database.name}.last-backup")
