"""The memory on disk: one SQLite table, written in one transaction after each request."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from integrations.stripe.fake.refusals import Obj


class Journal:
    """Objects by kind and id. Used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS objects"
            " (place INTEGER PRIMARY KEY, kind TEXT, id TEXT, content TEXT, UNIQUE (kind, id))"
        )
        self._database.commit()

    def load(self) -> Iterator[tuple[str, str, Obj]]:
        """Everything, in the order in which it was first written."""
        for kind, object_id, content in self._database.execute("SELECT kind, id, content FROM objects ORDER BY place"):
            yield kind, object_id, json.loads(content)

    def write(self, changed: Iterable[tuple[str, str, Obj | None]]) -> None:
        """Keep or drop these, all of them or none."""
        with self._database:
            for kind, object_id, content in changed:
                if content is None:
                    self._database.execute("DELETE FROM objects WHERE kind = ? AND id = ?", (kind, object_id))
                else:
                    self._database.execute(
                        "INSERT INTO objects (kind, id, content) VALUES (?, ?, ?)"
                        " ON CONFLICT (kind, id) DO UPDATE SET content = excluded.content",
                        (kind, object_id, json.dumps(content)),
                    )

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()
