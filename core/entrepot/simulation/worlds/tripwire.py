"""What may not be committed even for a moment, noted by the store's own triggers.

A watermark that goes back is mended by the next pass, so that who looks from time to time seldom sees it.
"""

import sqlite3
from pathlib import Path

SCRIPT = """
CREATE TABLE tripped (what TEXT NOT NULL);
CREATE TRIGGER watermark_back AFTER UPDATE OF watermark ON stream
WHEN new.kind IN ('orders', 'order_repair') AND new.watermark < old.watermark
BEGIN
    INSERT INTO tripped VALUES (
        'P3 the watermark of ' || new.account || ' went back from ' || old.watermark || ' to ' || new.watermark
    );
END;
"""


def stretch(path: Path) -> None:
    """Lay the wire, once, before the first daemon starts."""
    connection = sqlite3.connect(path)
    connection.executescript(SCRIPT)
    connection.close()


def tripped(path: Path) -> list[str]:
    """What was committed in spite of a promise, each line beginning with it."""
    connection = sqlite3.connect(path)
    found = [row[0] for row in connection.execute("SELECT what FROM tripped")]
    connection.close()
    return found
