"""What the centre remembers between its runs: a DuckDB file under its home, one transaction a step."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from registry.errors import UsageError

_SQL = Path(__file__).with_name("sql")
_TABLES = ("run", "batch", "damage", "dossier", "card", "answer", "stock", "delivery")


class State:
    """One open state; a kill at any point leaves what the last finished transaction wrote."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def at(cls, path: Path) -> Iterator["State"]:
        """Opens the state in a file, or makes it.

        Raises:
            UsageError: another run has it open.
        """
        if not path.exists():
            _make(path)
        try:
            connection = duckdb.connect(str(path))
        except duckdb.IOException:
            raise UsageError("the centre's home is in use by another run, or cannot be written to") from None
        with connection:
            connection.execute(_statement("create_luck"))
            yield cls(connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is done within, or nothing."""
        self._connection.begin()
        try:
            yield
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise

    def run(self, statement: str, **parameters: object) -> duckdb.DuckDBPyConnection:
        """Runs a short statement, or the one of `centre/sql/<name>.sql`."""
        text = statement if " " in statement else _statement(statement)
        return self._connection.execute(text, parameters or None)

    def table(self, query: str, **parameters: object) -> pa.Table:
        """What a query finds."""
        return self.run(query, **parameters).to_arrow_table()

    def rows(self, query: str, **parameters: object) -> list[dict[str, Any]]:
        """The same as dicts."""
        rows: list[dict[str, Any]] = self.table(query, **parameters).to_pylist()
        return rows

    def value(self, query: str, **parameters: object) -> Any:
        """The one value that a query finds; None where it finds nothing."""
        found = self.run(query, **parameters).fetchone()
        return found[0] if found else None

    def write(self, name: str, to: Path, **values: object) -> None:
        """Writes what a file's query finds as JSON, one object a line."""
        query = _statement(name).format(**values)
        self._connection.execute(f"COPY ({query}) TO '{str(to).replace(chr(39), chr(39) * 2)}' (FORMAT json)")


def _make(path: Path) -> None:
    """An empty state, which has its name when it is whole: DuckDB cannot open a file that it has half made."""
    half = path.with_suffix(".part")
    for left in (half, half.with_name(f"{half.name}.wal")):
        left.unlink(missing_ok=True)
    with duckdb.connect(str(half)) as connection:
        for table in _TABLES:
            connection.execute(_statement(f"create_{table}"))
    half.rename(path)


@cache
def _statement(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
