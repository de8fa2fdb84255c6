"""What a machine has yet to tell, in a file that outlives a power cut."""

import json
import sqlite3
from pathlib import Path
from typing import Any


class Buffer:
    """Facts in the order in which they happened; one is gone once the server has answered it."""

    def __init__(self, path: Path | str) -> None:
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA synchronous=FULL")
        self._file.execute(
            "CREATE TABLE IF NOT EXISTS fact (seq INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT,"
            " told TEXT)"
        )

    def put(self, what: str, told: dict[str, Any]) -> int:
        """Kept when it returns; the running number."""
        cursor = self._file.execute(
            "INSERT INTO fact (what, told) VALUES (?, ?)", (what, json.dumps(told))
        )
        return int(cursor.lastrowid or 0)

    def first(self, what: str, most: int) -> list[tuple[int, dict[str, Any]]]:
        """The oldest facts of a sort, with their numbers."""
        rows = self._file.execute(
            "SELECT seq, told FROM fact WHERE what = ? ORDER BY seq LIMIT ?", (what, most)
        )
        return [(seq, json.loads(told)) for seq, told in rows]

    def drop(self, numbers: list[int]) -> None:
        """What was answered."""
        self._file.executemany("DELETE FROM fact WHERE seq = ?", [(one,) for one in numbers])

    def __len__(self) -> int:
        return int(self._file.execute("SELECT count(*) FROM fact").fetchone()[0])

    def close(self) -> None:
        self._file.close()
